/** The top of the page: who was tested against what, and how it went. */
import type { RunRecord, Score } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { kernelTroubles, reportText } from '../kernel-troubles.ts';
import { clipped, oneLine } from '../printable.ts';
import {
  casesByOutcome,
  conclusionOf,
  DENOMINATOR_NAMES,
  DENOMINATORS,
  incompleteness,
  neverStarted,
  OUTCOMES,
  requirementSetName,
  SCORE_NAMES,
  type ScoreName,
  SCORES,
  scoresOf,
  sentenceOf,
} from '../run-view.ts';
import { endpointDrivers } from '../endpoint-drivers.ts';
import { headlineOf } from '../headline.ts';
import { uncheckedRequirements } from '../not-checked.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { scoreBar } from './score-bar.ts';
import { outcomeBadge } from './verdict-badge.ts';

const TEXT_MAX = 400;
const SURPRISES_MAX = 20;
const KERNEL_REPORTS_MAX = 50;

export function overview(context: PageContext): Markup {
  const [first] = context.runs;
  const title =
    context.runs.length === 1 && first
      ? driverName(first.run)
      : html`${counted(context.runs.length, 'driver')} side by side`;
  return html`<header>
<p class="tool">${clipped(first?.run.header.tool.name ?? '', TEXT_MAX)} · virtio-iommu driver conformance</p>
<h1>${title}</h1>
${context.runs.map((run, index) => conclusion(run, index, context))}<nav aria-label="Sections"><a href="#causes">What is broken</a> ${isIncompletelyChecked(context) && html`<a href="#unchecked">Not checked</a> `}${context.baseline && html`<a href="#changes">What changed</a> `}<a href="#score">Score</a> <a href="#coverage">At a glance</a> <a href="#requirements">Requirements</a> <a href="#cases">Cases</a> ${context.runs.some(({ run }) => endpointDrivers(run).length > 0) && html`<a href="#endpoints">Endpoint drivers</a> `}${context.selfTest && html`<a href="#trust">How far to trust this</a> `}<a href="#about">About</a></nav>
</header>
`;
}

const driverName = ({ header: { driver } }: RunRecord): Markup =>
  html`${clipped(oneLine(driver.name), TEXT_MAX)} <span class="version">${clipped(oneLine(driver.version), TEXT_MAX)}</span>`;

const isIncompletelyChecked = ({ runs }: PageContext): boolean =>
  runs.some(({ run }) => uncheckedRequirements(run).length > 0);

/** What the driver breaks, how much was checked and what changed; beside it what the list of expected failures makes of it. */
function conclusion({ run, name, caseAnchors }: RunContext, index: number, { runs, baseline }: PageContext): Markup {
  const { header } = run;
  const headline = headlineOf(run, index === 0 ? baseline : undefined);
  const { tone, crashed, checked, since } = headline;
  return html`${
    runs.length > 1 &&
    html`<h2 class="driver">${name}</h2>
`
  }<p class="tested"><b>${clipped(oneLine(requirementSetName(run)), 100)}</b> · seed <b>${header.seed}</b>${faults(header.driver.faults)} · <a href="#about">command and configuration</a></p>
${incompleteBanner(run)}<p class="conclusion ${tone}"><a href="#causes">${clipped(oneLine(headline.broken), TEXT_MAX)}</a>${[crashed].flatMap((part) => (part === undefined ? [] : [html` · ${part}`]))}${
    checked !== undefined &&
    (uncheckedRequirements(run).some(({ obligation }) => obligation === 'must')
      ? html` · ${checked}: <a href="#unchecked">why</a>`
      : html` · ${checked}`)
  }${since !== undefined && html` · <a href="#changes">${since}</a>`}</p>
${againstList(run)}${kernelNote(run, caseAnchors)}`;
}

/** The exit code heeds the list of expected failures, and the headline does not. */
function againstList(run: RunRecord): Markup | undefined {
  if ((run.header.expectations ?? []).length === 0 || incompleteness(run) !== undefined) return undefined;
  return html`<p class="note">Against the list of expected failures: ${clipped(oneLine(conclusionOf(run).says), TEXT_MAX)}</p>
`;
}

/** What sanitizers and other checks of the guest's kernel found, whatever the verdict of the variant. */
function kernelNote(run: RunRecord, anchors: RunContext['caseAnchors']): Markup | undefined {
  const troubles = kernelTroubles(run);
  if (troubles.length === 0) return undefined;
  const items = troubles.slice(0, KERNEL_REPORTS_MAX).map(({ report, cases: [first, ...others] }) => {
    const id = first?.started.id ?? '';
    const more = others.length > 0 && html` and ${counted(others.length, 'more variant')}`;
    return html`<li>${clipped(oneLine(reportText(report)), TEXT_MAX)} <span class="note">in <a href="#${anchors.get(id) ?? ''}"><code>${clipped(id, 200)}</code></a>${more}</span></li>`;
  });
  return html`<details class="kernel"><summary>The kernel reported ${counted(troubles.length, 'trouble')} of its own</summary><ul>${items}</ul></details>
`;
}

/** A run of a driver that was broken on purpose must not be taken for one of the driver. */
function faults(names: readonly string[]): Markup | undefined {
  if (names.length === 0) return undefined;
  return html` · <b>with ${counted(names.length, 'fault')} switched on (${clipped(oneLine(names.join(', ')), TEXT_MAX)})</b>`;
}

function incompleteBanner(run: RunRecord): Markup | undefined {
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
  return html`<section id="score" aria-labelledby="score-heading"><h2 id="score-heading">Score</h2>
${context.runs.map((run) => runScore(run, context))}</section>
`;
}

function runScore(run: RunContext, context: PageContext): Markup {
  const scores = scoresOf(run.run);
  const isOne = context.runs.length === 1;
  const isFirst = run === context.runs[0];
  const groups = casesByOutcome(run.run);
  const prefix = isOne ? 'cases' : `cases${context.runs.indexOf(run) + 1}`;
  const cards = scores
    ? html`<div class="cards">${SCORES.map((name) => scoreCard(name, scores[name]))}</div>${
        isFirst &&
        html`
<p class="note">${DENOMINATOR_NAMES.map((part) => html`<b>${part}</b>: ${DENOMINATORS[part]}. `)}The scores are never blended.</p>`
      }`
    : html`<p>There is no score, since the run did not come to its end.</p>`;
  return html`${
    !isOne &&
    html`<h3 class="driver">${run.name}</h3>
`
  }${cards}
<ul class="counts" aria-label="Cases by verdict">${OUTCOMES.filter(
    (outcome) => (groups.get(outcome)?.length ?? 0) > 0,
  ).map(
    (outcome) =>
      html`<li><a href="#${prefix}-${outcome}"><b>${groups.get(outcome)?.length}</b> ${outcomeBadge(outcome)}</a></li>`,
  )}</ul>
${surprises(run.run)}`;
}

const SCORE_SAYS: Readonly<Record<ScoreName, string>> = {
  must: 'and MUST NOT',
  should: 'and SHOULD NOT',
  implied: 'rules of prose and platforms',
};

function scoreCard(name: ScoreName, score: Score): Markup {
  const parts = DENOMINATOR_NAMES.map((part) => html`<div><dt>${part}</dt><dd>${score[part]}</dd></div>`);
  return html`<div class="card"><h3>${SCORE_NAMES[name]} <span class="note">${SCORE_SAYS[name]}</span></h3>
<p class="figure"><b>${score.held}</b> of ${score.applicable} applicable held</p>
${scoreBar(score)}
<dl>${parts}</dl></div>`;
}

/** Failures are listed by case; what is left is about the run: stale and unmatched expectations. */
function surprises(run: RunRecord): Markup | undefined {
  const known = new Set(run.cases.map((record) => `${record.started.id}: ${sentenceOf(record)}`));
  const others = (run.footer?.surprises ?? []).filter((sentence) => !known.has(sentence));
  if (others.length === 0) return undefined;
  return html`<h3>Expectations to correct</h3>
<ul>${others.slice(0, SURPRISES_MAX).map((sentence) => html`<li>${clipped(sentence, TEXT_MAX)}</li>`)}</ul>
`;
}
