/** One case: what was demanded, what came of it, everything that shows it, and how to repeat it. */
import type { CaseRecord, Finding } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { reportsIn, reportText } from '../kernel-troubles.ts';
import { clipped, oneLine, tailOf } from '../printable.ts';
import { consequencesIn } from '../record/root-findings.ts';
import { duration, findingsOf, type Outcome, outcomeOf, sectionOf, sentenceOf } from '../run-view.ts';
import type { CaseDetail } from './allowance.ts';
import { featureAttribute, topicAttributes } from './case-filter.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { isProven, proofAnchor, sequenceDiagram } from './sequence-diagram.ts';
import { sectionLink } from './specification-link.ts';
import { timeline } from './timeline/timeline-svg.ts';
import { outcomeBadge } from './verdict-badge.ts';

/** Outcomes whose cases stand open. */
const OPEN: ReadonlySet<Outcome> = new Set<Outcome>(['error', 'fail', 'unfinished']);
/** Outcomes whose cases are shown with all their detail. */
const LOUD: ReadonlySet<Outcome> = new Set<Outcome>([...OPEN, 'warn', 'expected']);

/** Whether a case calls for attention. */
export const isLoud = (record: CaseRecord): boolean => LOUD.has(outcomeOf(record));

/** Whether a case shows as much of its trace as the page has room for. */
export const takesShare = (record: CaseRecord): boolean => !isLoud(record) && record.trace.length > 0;

const ID_MAX = 200;
const TITLE_MAX = 300;
const TEXT_MAX = 1500;
const FINDINGS_MAX = 40;

/** A variant of one run with everything that it needs to be shown. */
interface Shown {
  readonly record: CaseRecord;
  readonly anchor: string;
  readonly context: PageContext;
  readonly detail: CaseDetail;
  readonly loud: boolean;
}

/** A variant by itself. */
export function caseArticle(record: CaseRecord, run: RunContext, context: PageContext): Markup {
  const { started } = record;
  const outcome = outcomeOf(record);
  const shown = shownAs(record, run, context);
  return html`<details class="case ${outcome}" id="${shown.anchor}"${topicAttributes(started, context)}${featureAttribute(record)}${OPEN.has(outcome) && html` open`}><summary>${outcomeBadge(outcome)} <h4><code>${clipped(started.id, ID_MAX)}</code></h4> <span class="title">${clipped(oneLine(started.title), TITLE_MAX)}</span></summary>
<div class="body">
<p class="verdict ${outcome}">${clipped(sentenceOf(record), TEXT_MAX)}</p>
${expectation(record)}${findings(shown)}${demands(started, context)}${course(shown)}</div></details>
`;
}

/**
 * Quiet variants of one case that went the same way: what they share is said once. At least one, all with the same
 * words about what is demanded.
 */
export function caseFamily(records: readonly CaseRecord[], run: RunContext, context: PageContext): Markup {
  const [first] = records;
  if (!first || records.length === 1) return html`${first && caseArticle(first, run, context)}`;
  const { started } = first;
  const outcome = outcomeOf(first);
  const sentences = new Set(records.map(sentenceOf));
  const [common] = sentences.size === 1 ? sentences : [];
  return html`<details class="family ${outcome}"${topicAttributes(started, context)}><summary>${outcomeBadge(outcome)} <h4><code>${clipped(started.case, ID_MAX)}</code></h4> <span class="tally">${counted(records.length, 'variant')}</span> <span class="title">${clipped(oneLine(started.title), TITLE_MAX)}</span></summary>
<div class="body">
${common !== undefined && html`<p class="verdict ${outcome}">${clipped(common, TEXT_MAX)}</p>`}${demands(started, context)}${records.map((record) => variant(record, common === undefined, shownAs(record, run, context)))}</div></details>
`;
}

/** A variant within its family; its sentence stands here if the others have other ones. */
function variant(record: CaseRecord, hasOwnSentence: boolean, shown: Shown): Markup {
  const { started } = record;
  const says = hasOwnSentence && html` <span class="title">${clipped(sentenceOf(record), TEXT_MAX)}</span>`;
  return html`<details class="case" id="${shown.anchor}"${featureAttribute(record)}><summary><code>${clipped(started.variant, ID_MAX)}</code>${says}</summary>
<div class="body">
${findings(shown)}${course(shown)}</div></details>
`;
}

function shownAs(record: CaseRecord, run: RunContext, context: PageContext): Shown {
  const loud = isLoud(record);
  const detail = takesShare(record) ? context.allowance.next() : detailOf(record, context);
  return { record, anchor: run.caseAnchors.get(record.started.id) ?? '', context, detail, loud };
}

/** A broken MUST is shown with more than a SHOULD that is not followed. */
const detailOf = (record: CaseRecord, { loud, warned }: PageContext): CaseDetail =>
  outcomeOf(record) === 'warn' ? warned : loud;

/** What holds for every variant of a case. */
function demands(started: CaseRecord['started'], context: PageContext): Markup {
  return html`<h5>Demanded</h5>
<p>${clipped(started.demands, TEXT_MAX)}</p>
${ownRequirements(started, context)}`;
}

/** What happened, and how to see it again. */
function course(shown: Shown): Markup {
  const { judgement } = shown.record;
  const detail = html`${machine(shown)}${wire(shown)}${driverLog(shown)}`;
  if (takesShare(shown.record)) shown.context.allowance.spend(detail.source);
  return html`${monitored(shown.record)}${kernel(shown.record)}${judgement && repeat(judgement.repeat, judgement.durationMs)}${detail}`;
}

function expectation({ judgement }: CaseRecord): Markup | undefined {
  if (!judgement?.expected) return undefined;
  const { reason, link } = judgement.expected;
  return html`<p class="note">Expected to fail: ${clipped(reason, TEXT_MAX)}${link !== undefined && html` (${externalLink(link)})`}</p>
`;
}

/** Only a web address becomes a link; anything else from the user's list is shown as it is. */
function externalLink(link: string): Markup {
  const text = clipped(oneLine(link), ID_MAX);
  return /^https?:\/\//i.test(text) ? html`<a href="${text}" rel="noreferrer">${text}</a>` : html`${text}`;
}

function findings(shown: Shown): Markup {
  return html`${rootFindings(shown)}${consequences(shown)}${openQuestion(shown)}`;
}

/** What an earlier breach in the same trace explains: shown, and held against nobody a second time. */
function consequences({ record, context }: Shown): Markup | undefined {
  const all = record.judgement ? consequencesIn(record.judgement) : [];
  if (all.length === 0) return undefined;
  const items = all
    .slice(0, FINDINGS_MAX)
    .map(
      ({ says, requirement, follows }) =>
        html`<li>${clipped(says, TEXT_MAX)} <span class="note">${requirementLink(requirement, context)} · follows from ${requirementLink(follows?.requirement ?? '', context)}, event ${follows?.at ?? ''}</span></li>`,
    );
  return html`<h5>${counted(all.length, 'consequence')}</h5>
<ol class="findings">${items}</ol>
`;
}

/** What was found beside it does not answer what the case asks. */
function openQuestion({ record }: Shown): Markup | undefined {
  const unanswered = record.judgement?.unanswered;
  return unanswered === undefined
    ? undefined
    : html`<p><b>The case's own question is untested.</b> ${clipped(unanswered, TEXT_MAX)}</p>
`;
}

function rootFindings(shown: Shown): Markup | undefined {
  const all = findingsOf(shown.record);
  if (all.length === 0) return undefined;
  const some = all.slice(0, FINDINGS_MAX);
  return html`<h5>${counted(all.length, 'finding')}</h5>
<ol class="findings">${some.map((finding) => findingItem(finding, shown))}</ol>
${all.length > some.length && html`<p>and ${all.length - some.length} more; the event log has them all.</p>`}`;
}

function findingItem(finding: Finding, { record, anchor, context }: Shown): Markup {
  const proof =
    finding.at !== undefined && isProven(finding, record.trace)
      ? html` · proof: <a href="#${proofAnchor(anchor, finding.at)}">event ${finding.at}</a>`
      : undefined;
  // The verdict's sentence is that of the first finding, and stands above.
  const says = finding.says !== sentenceOf(record) && html` ${clipped(finding.says, TEXT_MAX)}<br>`;
  return html`<li class="${finding.verdict}"><b class="keyword">${finding.keyword}</b>${says} <span class="note">${requirementLink(finding.requirement, context)} · found by ${clipped(finding.by, ID_MAX)}${proof}</span></li>`;
}

/** The requirement's id, as a link to its row, and its section. */
export function requirementLink(id: string, context: PageContext): Markup {
  const anchor = context.requirementAnchors.get(id);
  const section = sectionOf(context.requirements, id);
  const name = html`<code>${clipped(id, ID_MAX)}</code>`;
  const where = section !== undefined && html` (${sectionLink(section)})`;
  return anchor === undefined ? name : html`<a href="#${anchor}">${name}</a>${where}`;
}

/** The requirements that the case is about. */
function ownRequirements({ requirements }: CaseRecord['started'], context: PageContext): Markup {
  const links = [...new Set(requirements)]
    .slice(0, FINDINGS_MAX)
    .map((id) => html`<li>${requirementLink(id, context)}</li>`);
  return html`<ul class="about">${links}</ul>
`;
}

/** How many more requirements were judged on the way. */
function monitored({ started, judgement }: CaseRecord): Markup | undefined {
  const own = new Set(started.requirements);
  const count = (judgement?.judged ?? []).filter(({ requirement }) => !own.has(requirement)).length;
  if (count === 0) return undefined;
  return html`<p class="note">Always-on monitors judged ${counted(count, 'more requirement')} on the way.</p>
`;
}

function repeat(command: string, durationMs: number): Markup {
  return html`<h5>Repeat</h5>
${commandLine(command)}<p class="note">It took ${duration(durationMs)}.</p>
`;
}

/** A command, to which the page's script adds a button that copies it. */
export function commandLine(command: string): Markup {
  return html`<pre class="command"><code>${clipped(oneLine(command), TEXT_MAX)}</code></pre>
`;
}

function machine({ record, detail }: Shown): Markup | undefined {
  if (!detail.timeline) return undefined;
  const proofs = findingsOf(record).flatMap(({ at }) => at ?? []);
  const picture = timeline(record.trace, [...new Set(proofs)].slice(0, FINDINGS_MAX));
  return (
    picture &&
    html`<h5>Queues and IOVA space over time</h5>
${picture}`
  );
}

function wire({ record, anchor, detail, loud }: Shown): Markup {
  const count = record.trace.length;
  if (count === 0)
    return html`<p class="note">Nothing happened on the wire.</p>
`;
  if (detail.rows === 0)
    return html`<p class="note">${counted(count, 'event')} on the wire, left out to keep this page small; the event log has them.</p>
`;
  const diagram = sequenceDiagram(record.trace, {
    anchor,
    findings: findingsOf(record).slice(0, FINDINGS_MAX),
    rowsMax: detail.rows,
    full: detail.full,
  });
  const left = detail.full ? '' : '; register accesses, notifications, most bytes and the like are left out here';
  return html`<details class="wire"${loud && html` open`}><summary><h5>On the wire</h5> <span class="tally">${counted(count, 'event')}${left}</span></summary>
${diagram}</details>
`;
}

/** What the guest's kernel said to be wrong with it. */
function kernel(record: CaseRecord): Markup | undefined {
  const reports = reportsIn(record);
  if (reports.length === 0) return undefined;
  const items = reports
    .slice(0, FINDINGS_MAX)
    .map((report) => html`<li>${clipped(oneLine(reportText(report)), TEXT_MAX)}</li>`);
  return html`<h5>Reports of the kernel</h5>
<ul>${items}</ul>
`;
}

function driverLog({ record: { judgement }, detail: { driverLog: max } }: Shown): Markup | undefined {
  const log = judgement?.driverLog.trimEnd() ?? '';
  if (log === '' || max === 0) return undefined;
  return html`<details class="log"><summary><h5>The driver's own log</h5> <span class="tally">${counted(log.split('\n').length, 'line')}</span></summary>
<pre tabindex="0">${tailOf(log, max)}</pre></details>
`;
}
