/** What a driver breaks: each root cause in a line, and behind it the requirement, the evidence and the command. */
import type { CaseRecord, Finding, LoggedTraceEvent } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { evidenceIn } from '../evidence.ts';
import { clipped, oneLine } from '../printable.ts';
import { type RootCause, variantsOf } from '../root-causes.ts';
import { bindingOf, bySentence, outcomeOf, sectionOf, wentWrong } from '../run-view.ts';
import { causeMatrix } from './cause-matrix.ts';
import { commandLine, requirementLink } from './case-article.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { eventAnchor } from './sequence-diagram.ts';
import { outcomeBadge, stateBadge } from './verdict-badge.ts';
import { fieldTable } from './wire-bytes.ts';

const TEXT_MAX = 600;
/** Causes that are shown. */
const CAUSES_MAX = 60;
/** So many stand open together; more would not fit a screen, and stand closed. */
const OPEN_MAX = 2;
/** Variants linked beside the first one, and subjects. */
const OTHERS_MAX = 8;
/** Deviations of the device that are shown before the evidence. */
const PROVOCATIONS_MAX = 2;

export function causesSection(context: PageContext): Markup {
  const parts = context.runs.map((run) => runCauses(run, context));
  return html`<section id="causes" aria-labelledby="causes-heading"><h2 id="causes-heading">What is broken</h2>
${causeMatrix(context)}${parts}</section>
`;
}

function runCauses(run: RunContext, context: PageContext): Markup {
  const { causes } = run;
  const heading =
    context.runs.length > 1 &&
    html`<h3 class="driver">${run.name}</h3>
`;
  const list =
    causes.length === 0
      ? html`<p>No requirement was found broken.</p>
`
      : html`<ol class="causes">${causes.slice(0, CAUSES_MAX).map((cause) => causeItem(cause, run, context))}</ol>
${causes.length > CAUSES_MAX && html`<p>and ${causes.length - CAUSES_MAX} more, <a href="#requirements">listed below</a></p>`}`;
  return html`${heading}${wrong(run)}${list}`;
}

function causeItem(cause: RootCause, run: RunContext, context: PageContext): Markup {
  const { findings, first, subjects } = cause;
  const [worst] = findings;
  const anchor = run.caseAnchors.get(first.started.id) ?? '';
  const count = variantsOf(cause).length;
  const section = sectionOf(context.requirements, worst.requirement);
  const isMissed = worst.verdict === 'warn';
  const badge = cause.isExpected ? outcomeBadge('expected') : stateBadge(isMissed ? 'missed' : 'broken');
  const sentences = [...new Set(findings.map(({ says }) => says))];
  return html`<li><details class="cause ${isMissed ? 'missed' : 'broken'}"${run.causes.length <= OPEN_MAX && html` open`}><summary>${badge} <b>${bindingOf(context.requirements, worst)}</b>${section !== undefined && html` <span class="tally">${clipped(section, 60)}</span>`} <span class="says">${clipped(oneLine(worst.says), TEXT_MAX)}</span> <span class="tally">${counted(count, 'variant')}</span></summary>
<div class="body">${sentences.slice(1).map((says) => html`<p>${clipped(oneLine(says), TEXT_MAX)}</p>`)}
${findings.map((finding) => demanded(finding, context))}${knownReason(cause)}${evidence(first, worst, anchor)}${
  subjects.length > 1 &&
  html`<p class="note">At: ${subjects
    .slice(0, OTHERS_MAX)
    .map(({ subject, count: times }) => `${clipped(oneLine(subject), 80)} (${counted(times, 'variant')})`)
    .join(', ')}${subjects.length > OTHERS_MAX && ', …'}</p>
`
}<p class="note">Found in <a href="#${anchor}"><code>${clipped(first.started.id, 200)}</code></a>${othersText(cause.others, run)}</p>
<p class="note">Reproduce:</p>
${first.judgement && commandLine(first.judgement.repeat)}</div></details></li>
`;
}

/** What is required, in our words, and by whom. */
function demanded({ requirement }: Finding, context: PageContext): Markup {
  const row = context.requirements.get(requirement);
  return html`<p><span class="note">Requirement:</span> ${row && clipped(row.says, TEXT_MAX)} <span class="note">${requirementLink(requirement, context)}</span></p>
`;
}

function knownReason({ isExpected, first }: RootCause): Markup | undefined {
  const expected = isExpected ? first.judgement?.expected : undefined;
  if (!expected) return undefined;
  return html`<p class="note">Expected to fail: ${clipped(oneLine(expected.reason), TEXT_MAX)}</p>
`;
}

function othersText(others: readonly CaseRecord[], { caseAnchors }: RunContext): Markup | undefined {
  if (others.length === 0) return undefined;
  const links = others
    .slice(0, OTHERS_MAX)
    .map(({ started: { id } }) => html` <a href="#${caseAnchors.get(id)}"><code>${clipped(id, 200)}</code></a>`);
  return html` and ${counted(others.length, 'other variant')}:${links}${others.length > links.length && ' …'}`;
}

/** What the device did on command before, and the event that proves the finding, with their bytes. */
function evidence({ trace }: CaseRecord, { at }: Finding, anchor: string): Markup | undefined {
  const proving = trace.find(({ seq }) => seq === at);
  if (!proving) return undefined;
  const provocations = trace
    .filter(({ seq, fault }) => fault !== undefined && seq < proving.seq)
    .slice(-PROVOCATIONS_MAX);
  return html`<ul class="proofs">${provocations.map((event) => evidenceItem(event, 'injected device behaviour', anchor))}${evidenceItem(proving, 'evidence', anchor)}</ul>
`;
}

function evidenceItem(event: LoggedTraceEvent, role: string, anchor: string): Markup {
  const { who, what, fields } = evidenceIn(event);
  return html`<li><span class="note">${role}: <a href="#${eventAnchor(anchor, event.seq)}">event ${event.seq}</a>, ${who}</span><br><code>${what}</code>${fields.length > 0 && fieldTable(fields)}</li>`;
}

/** The harness's own errors, and failures that broke no requirement. */
function wrong({ run, caseAnchors }: RunContext): Markup | undefined {
  const cases = wentWrong(run);
  if (cases.length === 0) return undefined;
  const items = bySentence(cases)
    .slice(0, CAUSES_MAX)
    .map(
      ({ says, records: [first, ...others] }) =>
        html`<li>${outcomeBadge(outcomeOf(first))} ${clipped(oneLine(says), TEXT_MAX)} <span class="note"><a href="#${caseAnchors.get(first.started.id)}"><code>${clipped(first.started.id, 200)}</code></a>${others.length > 0 && html` and ${counted(others.length, 'other variant')}`}</span></li>`,
    );
  return html`<h3>What went wrong beside</h3>
<ul>${items}</ul>
`;
}
