/** One case: what was demanded, what came of it, everything that shows it, and how to repeat it. */
import type { CaseRecord, Finding } from '../../harness/results/model.ts';
import { clipped, counted, oneLine, tailOf } from '../printable.ts';
import { duration, findingsOf, type Outcome, outcomeOf, sentenceOf } from '../run-view.ts';
import type { CaseDetail } from './allowance.ts';
import { filterAttributes } from './case-filter.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { isProven, proofAnchor, sequenceDiagram } from './sequence-diagram.ts';
import { timeline } from './timeline/timeline-svg.ts';
import { outcomeBadge } from './verdict-badge.ts';

/** Outcomes whose cases stand open. */
const OPEN: ReadonlySet<Outcome> = new Set<Outcome>(['error', 'fail', 'unfinished']);
/** Outcomes whose cases are shown with all their detail. */
const LOUD: ReadonlySet<Outcome> = new Set<Outcome>([...OPEN, 'warn', 'expected']);

/** Whether a case calls for attention. */
export const isLoud = (record: CaseRecord): boolean => LOUD.has(outcomeOf(record));

const ID_MAX = 200;
const TITLE_MAX = 300;
const TEXT_MAX = 1500;
const FINDINGS_MAX = 40;

/** A case of one run with everything that it needs to be shown. */
interface Shown {
  readonly record: CaseRecord;
  readonly anchor: string;
  readonly context: PageContext;
  readonly detail: CaseDetail;
  readonly loud: boolean;
}

export function caseArticle(record: CaseRecord, run: RunContext, context: PageContext): Markup {
  const { started, judgement } = record;
  const outcome = outcomeOf(record);
  const anchor = run.caseAnchors.get(started.id) ?? '';
  const loud = LOUD.has(outcome);
  const detail = loud ? context.loud : context.allowance.next();
  const shown: Shown = { record, anchor, context, detail, loud };
  const article = html`<details class="case ${outcome}" id="${anchor}"${filterAttributes(record, context)}${OPEN.has(outcome) && html` open`}><summary>${outcomeBadge(outcome)} <h4><code>${clipped(started.id, ID_MAX)}</code></h4> <span class="title">${clipped(oneLine(started.title), TITLE_MAX)}</span></summary>
<div class="body">
<p class="verdict ${outcome}">${clipped(sentenceOf(record), TEXT_MAX)}</p>
${expectation(record)}${findings(shown)}<h5>Demanded</h5>
<p>${clipped(started.demands, TEXT_MAX)}</p>
${ownRequirements(shown)}${judgement && repeat(judgement.repeat, judgement.durationMs)}${machine(shown)}${wire(shown)}${driverLog(shown)}</div></details>
`;
  context.allowance.spend(article.source);
  return article;
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

function findings(shown: Shown): Markup | undefined {
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
  const section = context.requirements.get(id)?.section;
  const name = html`<code>${clipped(id, ID_MAX)}</code>`;
  const where = section !== undefined && section !== '-' && html` (${clipped(section, 60)})`;
  return anchor === undefined ? name : html`<a href="#${anchor}">${name}</a>${where}`;
}

/** The requirements that the case is about, and how many more were judged on the way. */
function ownRequirements({ record: { started, judgement }, context }: Shown): Markup {
  const own = new Set(started.requirements);
  const others = (judgement?.judged ?? []).filter(({ requirement }) => !own.has(requirement)).length;
  const links = [...own].slice(0, FINDINGS_MAX).map((id) => html`<li>${requirementLink(id, context)}</li>`);
  const more =
    others > 0 && html`<li>and ${counted(others, 'requirement')} that always-on monitors judged on the way</li>`;
  return html`<ul class="about">${links}${more}</ul>
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
  const left = detail.full ? '' : '; bytes, register accesses, notifications and the like are left out here';
  return html`<details class="wire"${loud && html` open`}><summary><h5>On the wire</h5> <span class="tally">${counted(count, 'event')}${left}</span></summary>
${diagram}</details>
`;
}

function driverLog({ record: { judgement }, detail: { driverLog: max } }: Shown): Markup | undefined {
  const log = judgement?.driverLog.trimEnd() ?? '';
  if (log === '' || max === 0) return undefined;
  return html`<details class="log"><summary><h5>The driver's own log</h5> <span class="tally">${counted(log.split('\n').length, 'line')}</span></summary>
<pre tabindex="0">${tailOf(log, max)}</pre></details>
`;
}
