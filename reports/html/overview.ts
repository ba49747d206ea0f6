/** The top of the page: who was tested against what, how it went, and what broke. */
import type { CaseRecord, Score } from '../../harness/results/model.ts';
import { clipped, counted, oneLine } from '../printable.ts';
import {
  byCause,
  casesByOutcome,
  conclusionOf,
  DENOMINATOR_NAMES,
  DENOMINATORS,
  duration,
  incompleteness,
  neverStarted,
  requirementSetName,
  OUTCOMES,
  SCORE_NAMES,
  type ScoreName,
  SCORES,
  sentenceOf,
} from '../run-view.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { scoreBar } from './score-bar.ts';
import { outcomeBadge } from './verdict-badge.ts';

const TEXT_MAX = 400;
/** Causes that the top of the page names; the section on cases has them all. */
const BROKEN_MAX = 20;
/** Cases linked beside the first one that went wrong for the same reason. */
const SAME_CAUSE_MAX = 8;

export function overview(context: PageContext): Markup {
  const { run } = context;
  const { driver } = run.header;
  const { good, says } = conclusionOf(run);
  return html`<header>
<p class="tool">${clipped(run.header.tool.name, TEXT_MAX)} · virtio-iommu driver conformance</p>
<h1>${clipped(oneLine(driver.name), TEXT_MAX)} <span class="version">${clipped(oneLine(driver.version), TEXT_MAX)}</span></h1>
<p class="tested">tested against <b>${clipped(oneLine(requirementSetName(run)), 100)}</b> with seed <b>${run.header.seed}</b>${faults(driver.faults)} by</p>
<pre class="command"><code>${clipped(oneLine(run.header.command), TEXT_MAX)}</code></pre>
${incompleteBanner(context) ?? html`<p class="conclusion ${good ? 'pass' : 'fail'}">${clipped(oneLine(says), TEXT_MAX)}</p>`}
<nav aria-label="Sections"><a href="#score">Score</a> <a href="#requirements">Requirements</a> <a href="#cases">Cases</a> <a href="#about">About this run</a></nav>
</header>
`;
}

/** A run of a driver that was broken on purpose must not be taken for one of the driver. */
function faults(names: readonly string[]): Markup | undefined {
  if (names.length === 0) return undefined;
  return html`, <b>with ${counted(names.length, 'fault')} switched on (${clipped(oneLine(names.join(', ')), TEXT_MAX)})</b>,`;
}

function incompleteBanner({ run }: PageContext): Markup | undefined {
  const why = incompleteness(run);
  if (why === undefined) return undefined;
  const missing = neverStarted(run);
  const list =
    missing.length > 0 &&
    html`<details><summary>Cases that never started: ${missing.length}</summary><ul>${missing.slice(0, 1000).map((id) => html`<li><code>${clipped(id, 200)}</code></li>`)}</ul></details>`;
  return html`<div class="incomplete" role="alert"><strong>INCOMPLETE</strong> ${why} What follows does not speak for the whole catalogue.${list}</div>
`;
}

export function scoreSection(context: PageContext): Markup {
  const { footer } = context.run;
  const groups = casesByOutcome(context.run);
  const cards = footer
    ? html`<div class="cards">${SCORES.map((name) => scoreCard(name, footer.scores[name]))}</div>
<p class="note">${DENOMINATOR_NAMES.map((part) => html`<b>${part}</b>: ${DENOMINATORS[part]}. `)}The scores are never blended.</p>`
    : html`<p>There is no score, since the run did not come to its end.</p>`;
  return html`<section id="score" aria-labelledby="score-heading"><h2 id="score-heading">Score</h2>
${cards}
<ul class="counts" aria-label="Cases by verdict">${OUTCOMES.filter(
    (outcome) => (groups.get(outcome)?.length ?? 0) > 0,
  ).map(
    (outcome) =>
      html`<li><a href="#cases-${outcome}"><b>${groups.get(outcome)?.length}</b> ${outcomeBadge(outcome)}</a></li>`,
  )}</ul>
${surprises(context)}${broken(context)}</section>
`;
}

const SCORE_SAYS: Readonly<Record<ScoreName, string>> = {
  must: 'and MUST NOT',
  should: 'and SHOULD NOT',
  implied: 'by prose and platforms',
};

function scoreCard(name: ScoreName, score: Score): Markup {
  const parts = DENOMINATOR_NAMES.map((part) => html`<div><dt>${part}</dt><dd>${score[part]}</dd></div>`);
  return html`<div class="card"><h3>${SCORE_NAMES[name]} <span class="note">${SCORE_SAYS[name]}</span></h3>
<p class="figure"><b>${score.held}</b> of ${score.applicable} applicable held</p>
${scoreBar(score)}
<dl>${parts}</dl></div>`;
}

/** Failures are listed by case; what is left is about the run: stale and unmatched expectations. */
function surprises({ run }: PageContext): Markup | undefined {
  const known = new Set(run.cases.map((record) => `${record.started.id}: ${sentenceOf(record)}`));
  const others = (run.footer?.surprises ?? []).filter((sentence) => !known.has(sentence));
  if (others.length === 0) return undefined;
  return html`<h3>Expectations to correct</h3>
<ul>${others.slice(0, BROKEN_MAX).map((sentence) => html`<li>${clipped(sentence, TEXT_MAX)}</li>`)}</ul>
`;
}

function broken({ run, caseAnchors }: PageContext): Markup | undefined {
  const groups = casesByOutcome(run);
  const cases: readonly CaseRecord[] = [...(groups.get('error') ?? []), ...(groups.get('fail') ?? [])];
  if (cases.length === 0) return undefined;
  const causes = byCause(cases);
  const more = causes.length - BROKEN_MAX;
  return html`<h3>What went wrong</h3>
<ul class="broken">${causes.slice(0, BROKEN_MAX).map(({ first, others }) => brokenItem(first, others, caseAnchors))}${
    more > 0 && html`<li>and ${more} more, <a href="#cases">listed below</a></li>`
  }</ul>
`;
}

/** The first case with its sentence, and those that went wrong for the same reason. */
function brokenItem(first: CaseRecord, others: readonly CaseRecord[], caseAnchors: PageContext['caseAnchors']): Markup {
  const link = ({ started: { id } }: CaseRecord): Markup =>
    html`<a href="#${caseAnchors.get(id)}"><code>${clipped(id, 200)}</code></a>`;
  const links = others.slice(0, SAME_CAUSE_MAX).map((record) => html` ${link(record)}`);
  const same =
    others.length > 0 &&
    html`<br><span class="note">the same in ${counted(others.length, 'more case', 'more cases')}:${links}${others.length > links.length && ' …'}</span>`;
  return html`<li>${link(first)}<br>${clipped(oneLine(sentenceOf(first)), TEXT_MAX)}${same}</li>`;
}

export function aboutSection({ run }: PageContext): Markup {
  const { header, footer } = run;
  const { driver, catalogue } = header;
  const facts: Readonly<Record<string, string>> = {
    driver: `${driver.name} ${driver.version}`,
    configuration: driver.configuration || 'none given',
    ...(driver.faults.length > 0 && { 'faults switched on': driver.faults.join(', ') }),
    'requirement set': requirementSetName(run),
    seed: String(header.seed),
    command: header.command,
    catalogue: `${catalogue.cases} cases, ${catalogue.variants} variants, digest ${catalogue.digest}`,
    tool: `${header.tool.name} ${header.tool.version}`,
    started: header.startedAt,
    ...(footer && { took: duration(footer.durationMs), 'exit code': String(footer.exitCode) }),
  };
  return html`<section id="about" aria-labelledby="about-heading"><h2 id="about-heading">About this run</h2>
<dl class="facts">${Object.entries(facts).map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${clipped(oneLine(value), 1000)}</dd></div>`,
  )}</dl></section>
`;
}
