/** One case: what was demanded, what came of it, everything that shows it, and how to repeat it. */
import type { CaseRecord, Finding } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { reportsIn, reportText } from '../kernel-troubles.ts';
import { clipped, oneLine } from '../printable.ts';
import { consequencesIn } from '../record/root-findings.ts';
import { bindingOf, duration, findingsOf, outcomeOf, sectionOf, sentenceOf } from '../run-view.ts';
import { featureAttribute, topicAttributes } from './case-filter.ts';
import { course } from './course.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { eventAnchor, isProven } from './sequence-diagram.ts';
import { sectionLink } from './specification-link.ts';
import { outcomeBadge } from './verdict-badge.ts';

const ID_MAX = 200;
const TITLE_MAX = 300;
const TEXT_MAX = 1500;
const FINDINGS_MAX = 40;
/** Of a variant that does not show a cause best: the causes tell of them, and the messages are marked. */
const FINDINGS_BESIDE = 3;
/** Of messages that are drawn into the page itself. */
const ROWS_MAX = 120;

/** A variant of one run with everything that it needs to be shown. */
interface Shown {
  readonly record: CaseRecord;
  readonly anchor: string;
  readonly context: PageContext;
  /** Place of its run on the page, and its own in the run. */
  readonly place: string;
  /** Whether its course is drawn into the page. */
  readonly isDrawn: boolean;
}

/** A variant by itself. */
export function caseArticle(record: CaseRecord, run: RunContext, context: PageContext): Markup {
  const { started } = record;
  const outcome = outcomeOf(record);
  const shown = shownAs(record, run, context);
  return html`<details class="case ${outcome}" id="${shown.anchor}"${topicAttributes(started, context)}${featureAttribute(record)}${isFirst(record, run) && html` open`}><summary>${outcomeBadge(outcome)} <h4><code>${clipped(started.id, ID_MAX)}</code></h4> <span class="title">${headingOf(record)}</span></summary>
<div class="body">
<p class="verdict ${outcome}">${clipped(sentenceOf(record), TEXT_MAX)}</p>
${expectation(record)}${findings(shown)}${demands(started, context)}${happened(shown)}</div></details>
`;
}

/** A good variant says what it is about, any other what came of it. */
const headingOf = (record: CaseRecord): string =>
  outcomeOf(record) === 'pass'
    ? clipped(oneLine(record.started.title), TITLE_MAX)
    : clipped(oneLine(sentenceOf(record)), TITLE_MAX);

/** Variants of one case that went the same way: what they share is said once. At least one. */
export function caseFamily(records: readonly CaseRecord[], run: RunContext, context: PageContext): Markup {
  const [first] = records;
  if (!first || records.length === 1) return html`${first && caseArticle(first, run, context)}`;
  const { started } = first;
  const outcome = outcomeOf(first);
  const sentences = new Set(records.map(sentenceOf));
  const [common] = sentences.size === 1 ? sentences : [];
  const open = records.some((record) => isFirst(record, run));
  return html`<details class="family ${outcome}"${topicAttributes(started, context)}${open && html` open`}><summary>${outcomeBadge(outcome)} <h4><code>${clipped(started.case, ID_MAX)}</code></h4> <span class="tally">${counted(records.length, 'variant')}</span> <span class="title">${headingOf(first)}${common === undefined && outcome !== 'pass' && ' And others.'}</span></summary>
<div class="body">
${common !== undefined && html`<p class="verdict ${outcome}">${clipped(common, TEXT_MAX)}</p>`}${demands(started, context)}${records.map((record) => variant(record, common === undefined, shownAs(record, run, context), run))}</div></details>
`;
}

/** A variant within its family; its sentence stands here if the others have other ones. */
function variant(record: CaseRecord, hasOwnSentence: boolean, shown: Shown, run: RunContext): Markup {
  const { started } = record;
  const says = hasOwnSentence && html` <span class="title">${clipped(oneLine(sentenceOf(record)), TEXT_MAX)}</span>`;
  return html`<details class="case" id="${shown.anchor}"${featureAttribute(record)}${isFirst(record, run) && html` open`}><summary><code>${clipped(started.variant, ID_MAX)}</code>${says}</summary>
<div class="body">
${expectation(record)}${findings(shown)}${happened(shown)}</div></details>
`;
}

/** The one variant that stands open: that of the first cause. */
const isFirst = (record: CaseRecord, { causes }: RunContext): boolean => causes[0]?.first === record;

function shownAs(record: CaseRecord, run: RunContext, context: PageContext): Shown {
  return {
    record,
    anchor: run.caseAnchors.get(record.started.id) ?? '',
    context,
    place: `${context.runs.indexOf(run)} ${run.places.get(record)}`,
    isDrawn: run.drawn.has(record),
  };
}

/** What holds for every variant of a case. */
function demands(started: CaseRecord['started'], context: PageContext): Markup {
  return html`<h5>Requirement</h5>
<p>${clipped(started.demands, TEXT_MAX)}</p>
${ownRequirements(started, context)}`;
}

/** How to see it again, and what happened: drawn here, or by the page's script when somebody looks. */
function happened(shown: Shown): Markup {
  const { record, anchor, context, place, isDrawn } = shown;
  const { judgement, trace } = record;
  const hasCourse = trace.length > 0 || (judgement?.driverLog ?? '') !== '';
  const drawn = isDrawn
    ? course(record, { anchor, rowsMax: ROWS_MAX, naming: (finding) => bindingOf(context.requirements, finding) })
    : html`<p class="note">${counted(trace.length, 'event')} on the wire</p>`;
  return html`${monitored(record)}${kernel(record)}${judgement && repeat(judgement.repeat, judgement.durationMs)}${
    hasCourse &&
    html`<div class="course" data-place="${place}">${drawn}</div>
`
  }`;
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
  const some = all.slice(0, shown.isDrawn ? FINDINGS_MAX : FINDINGS_BESIDE);
  const rest = [...new Set(all.slice(some.length).map(({ requirement }) => requirement))].slice(0, FINDINGS_MAX);
  return html`<h5>${counted(all.length, 'finding')}</h5>
<ol class="findings">${some.map((finding) => findingItem(finding, shown))}</ol>
${rest.length > 0 && html`<p class="findings note">and ${all.length - some.length} more: ${rest.map((id) => html`<code>${clipped(id, ID_MAX)}</code> `)}</p>`}`;
}

function findingItem(finding: Finding, { record, anchor, context }: Shown): Markup {
  const proof =
    finding.at !== undefined && isProven(finding, record.trace)
      ? html` · evidence: <a href="#${eventAnchor(anchor, finding.at)}">event ${finding.at}</a>`
      : undefined;
  // The verdict's sentence is that of the first finding, and stands above.
  const says = finding.says !== sentenceOf(record) && html` ${clipped(finding.says, TEXT_MAX)}<br>`;
  return html`<li class="${finding.verdict}"><b class="keyword">${bindingOf(context.requirements, finding)}</b>${says} <span class="note">${requirementLink(finding.requirement, context)} · found by ${clipped(finding.by, ID_MAX)}${proof}</span></li>`;
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
  return html`<p class="note">Background checks also covered ${counted(count, 'other requirement')} in this case.</p>
`;
}

function repeat(command: string, durationMs: number): Markup {
  return html`<h5>Reproduce</h5>
${commandLine(command)}<p class="note">Duration: ${duration(durationMs)}.</p>
`;
}

/** A command, to which the page's script adds a button that copies it. */
export function commandLine(command: string): Markup {
  return html`<pre class="command"><code>${clipped(oneLine(command), TEXT_MAX)}</code></pre>
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
