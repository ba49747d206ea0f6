/** Every case that was started, what needs attention first. */
import type { CaseRecord, Finding } from '../../harness/results/model.ts';
import { clipped, counted, oneLine, tailOf } from '../printable.ts';
import {
  casesByOutcome,
  duration,
  findingsOf,
  type Outcome,
  OUTCOME_WORDS,
  OUTCOMES,
  outcomeOf,
  sentenceOf,
} from '../run-view.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { isProven, proofAnchor, traceTable } from './trace-table.ts';
import { outcomeBadge } from './verdict-badge.ts';

/** Outcomes whose cases stand open, with all their detail. */
const LOUD: ReadonlySet<Outcome> = new Set<Outcome>(['error', 'fail', 'unfinished', 'warn']);

const ID_MAX = 200;
const TITLE_MAX = 300;
const TEXT_MAX = 1500;
const FINDINGS_MAX = 40;

export function casesSection(context: PageContext): Markup {
  const groups = casesByOutcome(context.run);
  return html`<section id="cases" aria-labelledby="cases-heading">
<h2 id="cases-heading">Cases</h2>
<form id="filter" hidden role="search" aria-label="Filter the cases"><input type="search" id="filter-text" placeholder="Filter by name, title or requirement" aria-label="Text"><span id="filter-outcomes">${OUTCOMES.filter(
    (outcome) => (groups.get(outcome)?.length ?? 0) > 0,
  ).map(
    (outcome) => html`<label><input type="checkbox" checked value="${outcome}"> ${OUTCOME_WORDS[outcome]}</label> `,
  )}</span><output id="filter-count"></output></form>
${OUTCOMES.map((outcome) => group(outcome, groups.get(outcome) ?? [], context))}
</section>
`;
}

function group(outcome: Outcome, cases: readonly CaseRecord[], context: PageContext): Markup | undefined {
  if (cases.length === 0) return undefined;
  return html`<section class="outcome" data-outcome="${outcome}" aria-labelledby="cases-${outcome}"><h3 id="cases-${outcome}">${heading(outcome)} <span class="tally">${cases.length}</span></h3>
${cases.map((record) => caseArticle(record, context))}</section>
`;
}

const heading = (outcome: Outcome): string => {
  const words = OUTCOME_WORDS[outcome];
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function caseArticle(record: CaseRecord, context: PageContext): Markup {
  const { started, judgement } = record;
  const outcome = outcomeOf(record);
  const loud = LOUD.has(outcome);
  return html`<details class="case ${outcome}" id="${context.caseAnchors.get(started.id)}"${loud && html` open`}><summary>${outcomeBadge(outcome)} <h4><code>${clipped(started.id, ID_MAX)}</code></h4> <span class="title">${clipped(oneLine(started.title), TITLE_MAX)}</span></summary>
<div class="body">
<p class="verdict ${outcome}">${clipped(sentenceOf(record), TEXT_MAX)}</p>
${expectation(record)}${findings(record, context)}<h5>Demanded</h5>
<p>${clipped(started.demands, TEXT_MAX)}</p>
${ownRequirements(record, context)}${judgement && repeat(judgement.repeat, judgement.durationMs)}${trace(record, context, loud)}${driverLog(record, context, loud)}</div></details>
`;
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

function findings(record: CaseRecord, context: PageContext): Markup | undefined {
  const all = findingsOf(record);
  if (all.length === 0) return undefined;
  const shown = all.slice(0, FINDINGS_MAX);
  return html`<h5>${counted(all.length, 'finding')}</h5>
<ol class="findings">${shown.map((finding) => findingItem(finding, record, context))}</ol>
${all.length > shown.length && html`<p>and ${all.length - shown.length} more; the event log has them all.</p>`}`;
}

function findingItem(finding: Finding, record: CaseRecord, context: PageContext): Markup {
  const anchor = context.caseAnchors.get(record.started.id) ?? '';
  const proof =
    finding.at !== undefined && isProven(finding, record.trace)
      ? html` · proof: <a href="#${proofAnchor(anchor, finding.at)}">event ${finding.at}</a>`
      : undefined;
  return html`<li class="${finding.verdict}"><b class="keyword">${finding.keyword}</b> ${clipped(finding.says, TEXT_MAX)}<br><span class="note">${requirementLink(finding.requirement, context)} · found by ${clipped(finding.by, ID_MAX)}${proof}</span></li>`;
}

function requirementLink(id: string, context: PageContext): Markup {
  const anchor = context.requirementAnchors.get(id);
  const section = context.requirements.get(id)?.section;
  const name = html`<code>${clipped(id, ID_MAX)}</code>`;
  const where = section !== undefined && section !== '-' && html` (${clipped(section, 60)})`;
  return anchor === undefined ? name : html`<a href="#${anchor}">${name}</a>${where}`;
}

/** The requirements that the case is about, and how many more were judged on the way. */
function ownRequirements({ started, judgement }: CaseRecord, context: PageContext): Markup {
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
<pre class="command"><code>${clipped(oneLine(command), TEXT_MAX)}</code></pre>
<p class="note">It took ${duration(durationMs)}.</p>
`;
}

function trace(record: CaseRecord, context: PageContext, loud: boolean): Markup {
  const count = record.trace.length;
  if (count === 0)
    return html`<p class="note">Nothing happened on the wire.</p>
`;
  const rowsMax = loud ? context.detail.rows.loud : context.detail.rows.quiet;
  if (rowsMax === 0)
    return html`<p class="note">${counted(count, 'event')} on the wire, left out to keep this page small; the event log has them.</p>
`;
  const anchor = context.caseAnchors.get(record.started.id) ?? '';
  return html`<details class="wire"${loud && html` open`}><summary><h5>On the wire</h5> <span class="tally">${counted(count, 'event')}</span></summary>
${traceTable(record.trace, { anchor, findings: findingsOf(record).slice(0, FINDINGS_MAX), rowsMax })}</details>
`;
}

function driverLog({ judgement }: CaseRecord, context: PageContext, loud: boolean): Markup | undefined {
  const log = judgement?.driverLog.trimEnd() ?? '';
  const max = loud ? context.detail.driverLog.loud : context.detail.driverLog.quiet;
  if (log === '' || max === 0) return undefined;
  return html`<details class="log"><summary><h5>The driver's own log</h5> <span class="tally">${counted(log.split('\n').length, 'line')}</span></summary>
<pre>${tailOf(log, max)}</pre></details>
`;
}
