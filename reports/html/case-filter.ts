/** The form that filters the cases. The page's script shows it, and keeps its state in the address. */
import { clipped } from '../printable.ts';
import { outcomeOf, OUTCOME_WORDS, OUTCOMES } from '../run-view.ts';
import { acceptedFeatures } from './case-features.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { compareSections, sectionTitle } from './section-titles.ts';

const OPTION_MAX = 80;

export function filterForm(context: PageContext): Markup {
  const records = context.runs.flatMap(({ run }) => run.cases);
  const outcomes = new Set(records.map(outcomeOf));
  const topics = [...new Set(records.map(({ started }) => started.section))].toSorted();
  const ids = new Set(records.flatMap(({ started }) => started.requirements));
  const sections = [...new Set([...ids].map((id) => context.requirements.get(id)?.section ?? '-'))].filter(
    (it) => it !== '-',
  );
  const features = [...new Set(records.flatMap(acceptedFeatures))].toSorted();
  return html`<form id="filter" hidden role="search" aria-label="Filter the cases">
<input type="search" name="text" placeholder="Name, title or requirement" aria-label="Text">
${select(
  'topic',
  'any topic',
  topics.map((topic) => [topic, topic]),
)}
${select(
  'section',
  'any section',
  sections.toSorted(compareSections).map((section) => [section, sectionTitle(section)]),
)}
${select(
  'feature',
  'any feature',
  features.map((feature) => [feature, feature]),
)}
<fieldset><legend class="unseen">Verdicts</legend>${OUTCOMES.filter((outcome) => outcomes.has(outcome)).map(
    (outcome) =>
      html`<label><input type="checkbox" name="verdict" checked value="${outcome}"> ${OUTCOME_WORDS[outcome]}</label> `,
  )}</fieldset>
<output></output> <button type="reset">Show all</button></form>
`;
}

type Choice = readonly [value: string, words: string];

function select(name: string, none: string, choices: readonly Choice[]): Markup {
  return html`<select name="${name}" aria-label="${name}"><option value="">${none}</option>${choices.map(
    ([value, words]) => html`<option value="${clipped(value, OPTION_MAX)}">${clipped(words, OPTION_MAX)}</option>`,
  )}</select>`;
}

/** What the script filters a case by, as attributes. */
export function filterAttributes(
  record: Parameters<typeof acceptedFeatures>[0],
  { requirements }: PageContext,
): Markup {
  const { section, requirements: own } = record.started;
  const sections = new Set(own.map((id) => requirements.get(id)?.section ?? '-'));
  return html` data-topic="${clipped(section, OPTION_MAX)}" data-sections="${[...sections].map((it) => clipped(it, OPTION_MAX)).join('|')}" data-features="${acceptedFeatures(record).join('|')}"`;
}
