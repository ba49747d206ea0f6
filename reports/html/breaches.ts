/** What a driver breaks: each broken requirement with the first case that shows it, its proof, and how to repeat it. */
import type { CaseRecord, Finding, LoggedTraceEvent } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { clipped, oneLine } from '../printable.ts';
import { casesByOutcome, findingsOf, outcomeOf, sentenceOf } from '../run-view.ts';
import { commandLine, requirementLink } from './case-article.ts';
import { describeEvent, who } from './describe-event.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import type { RequirementView } from './requirement-states.ts';
import { proofAnchor } from './sequence-diagram.ts';
import { outcomeBadge, stateBadge } from './verdict-badge.ts';
import { fieldTable } from './wire-bytes.ts';
import { wireFields } from './wire-layouts.ts';

const TEXT_MAX = 600;
/** Broken requirements that are shown, and how many of them with their proof. */
const BREACHES_MAX = 20;
const PROVEN_MAX = 5;
/** Cases linked beside the first one. */
const OTHERS_MAX = 8;
const FIELDS_MAX = 12;
/** Deviations of the device that are shown before the proof. */
const PROVOCATIONS_MAX = 2;

/** A broken requirement, and the case that is shown for it. */
interface Breach {
  readonly view: RequirementView;
  readonly first: CaseRecord;
  readonly finding: Finding | undefined;
}

export function breachesOf(run: RunContext, context: PageContext): Markup | undefined {
  const breaches = inOrder(run);
  const musts = breaches.filter(({ view }) => view.state === 'broken');
  const shoulds = breaches.filter(({ view }) => view.state === 'missed');
  return html`${errors(run)}${
    musts.length > 0 &&
    html`<h3>What the driver breaks</h3>
<ol class="breaches">${musts.slice(0, BREACHES_MAX).map((breach, index) => breachItem(breach, { run, context, isProven: index < PROVEN_MAX }))}</ol>${more(musts)}
`
  }${
    shoulds.length > 0 &&
    html`<h3>What it does not follow</h3>
<ol class="breaches">${shoulds.slice(0, BREACHES_MAX).map((breach) => breachItem(breach, { run, context, isProven: false }))}</ol>${more(shoulds)}
`
  }`;
}

const more = (breaches: readonly Breach[]): Markup | undefined =>
  breaches.length > BREACHES_MAX
    ? html`<p>and ${breaches.length - BREACHES_MAX} more, <a href="#requirements">listed below</a></p>`
    : undefined;

/** What nobody expected first, then in the order of the log. */
function inOrder({ run, views }: RunContext): Breach[] {
  const places = new Map(run.cases.map((record, index) => [record, index]));
  const breaches = [...views.values()].flatMap((view): Breach[] => {
    const first = view.brokenIn.find((record) => outcomeOf(record) !== 'expected') ?? view.brokenIn[0];
    if (!first) return [];
    return [{ view, first, finding: findingsOf(first).find(({ requirement }) => requirement === view.row.id) }];
  });
  const rank = ({ first }: Breach): number =>
    (outcomeOf(first) === 'expected' ? run.cases.length : 0) + (places.get(first) ?? 0);
  return breaches.toSorted((a, b) => rank(a) - rank(b));
}

interface Shown {
  readonly run: RunContext;
  readonly context: PageContext;
  readonly isProven: boolean;
}

function breachItem({ view, first, finding }: Breach, { run, context, isProven }: Shown): Markup {
  const { row, brokenIn, state } = view;
  const anchor = run.caseAnchors.get(first.started.id) ?? '';
  const expected = outcomeOf(first) === 'expected' && html` ${outcomeBadge('expected')}`;
  const others = brokenIn.filter((record) => record !== first);
  return html`<li class="breach ${state}">
<p>${stateBadge(state)}${expected} <b>${row.keyword}</b> · ${requirementLink(row.id, context)}</p>
<p class="says">${clipped(row.says, TEXT_MAX)}</p>
<p class="verdict">${clipped(oneLine(finding?.says ?? sentenceOf(first)), TEXT_MAX)}</p>
${isProven && finding && proof(first, finding, anchor)}<p class="note">Shown by <a href="#${anchor}"><code>${clipped(first.started.id, 200)}</code></a>${othersText(others, run)}</p>
<p class="note">To repeat it:</p>
${first.judgement && commandLine(first.judgement.repeat)}</li>
`;
}

function othersText(others: readonly CaseRecord[], { caseAnchors }: RunContext): Markup | undefined {
  if (others.length === 0) return undefined;
  const links = others
    .slice(0, OTHERS_MAX)
    .map(({ started: { id } }) => html` <a href="#${caseAnchors.get(id)}"><code>${clipped(id, 200)}</code></a>`);
  return html` and ${counted(others.length, 'more variant')}:${links}${others.length > links.length && ' …'}`;
}

/** What the device did on command before, and the event that proves the finding, with their bytes. */
function proof({ trace }: CaseRecord, { at }: Finding, anchor: string): Markup | undefined {
  const proving = trace.find(({ seq }) => seq === at);
  if (!proving) return undefined;
  const provocations = trace
    .filter(({ seq, fault }) => fault !== undefined && seq < proving.seq)
    .slice(-PROVOCATIONS_MAX);
  return html`<ul class="proofs">${provocations.map((event) => proofItem(event, 'the device, on command'))}${proofItem(proving, 'the proof', anchor)}</ul>
`;
}

function proofItem(event: LoggedTraceEvent, role: string, anchor?: string): Markup {
  const description = describeEvent(event);
  const fields = wireFields(event.kind, event);
  const odd = fields.filter((field) => field.odd);
  const shown = (odd.length > 0 ? odd : fields).slice(0, FIELDS_MAX);
  const number = `event ${event.seq}`;
  const name =
    anchor === undefined ? html`${number}` : html`<a href="#${proofAnchor(anchor, event.seq)}">${number}</a>`;
  return html`<li><span class="note">${role}, ${name}, ${who(description)}</span><br><code>${clipped(description.what, TEXT_MAX)}</code>${shown.length > 0 && fieldTable(shown)}</li>`;
}

/** The harness's own errors, and failures that broke no requirement: they belong to nobody else. */
function errors({ run, caseAnchors }: RunContext): Markup | undefined {
  const groups = casesByOutcome(run);
  const unexplained = (groups.get('fail') ?? []).filter((record) => findingsOf(record).length === 0);
  const cases = [...(groups.get('error') ?? []), ...unexplained];
  if (cases.length === 0) return undefined;
  return html`<h3>What went wrong</h3>
<ul>${cases
    .slice(0, BREACHES_MAX)
    .map(
      (record) =>
        html`<li><a href="#${caseAnchors.get(record.started.id)}"><code>${clipped(record.started.id, 200)}</code></a><br>${clipped(oneLine(sentenceOf(record)), TEXT_MAX)}</li>`,
    )}</ul>
`;
}
