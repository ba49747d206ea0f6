/** The form that filters the cases. The page's script shows it, and keeps its state in the address. */
import type { CaseRecord } from '../record/model.ts';
import { clipped } from '../printable.ts';
import { outcomeOf, OUTCOME_WORDS, OUTCOMES } from '../run-view.ts';
import { acceptedFeatures } from './case-features.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { compareSections, sectionTitle } from './section-titles.ts';
import { featureNames } from './wire-names.ts';

const OPTION_MAX = 80;

export function filterForm(context: PageContext): Markup {
  const records = context.runs.flatMap(({ run }) => run.cases);
  const outcomes = new Set(records.map(outcomeOf));
  const topics = [...new Set(records.map(({ started }) => started.section))].toSorted();
  const ids = new Set(records.flatMap(({ started }) => started.requirements));
  const sections = [...new Set([...ids].map((id) => context.requirements.get(id)?.section ?? '-'))].filter(
    (it) => it !== '-',
  );
  const features = [...new Set(records.flatMap(acceptedFeatures))].toSorted((a, b) => a - b);
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
  features.map((bit) => [featureNames(1n << BigInt(bit)), featureNames(1n << BigInt(bit)), bit]),
)}
<fieldset><legend class="unseen">Verdicts</legend>${OUTCOMES.filter((outcome) => outcomes.has(outcome)).map(
    (outcome) =>
      html`<label><input type="checkbox" name="verdict" checked value="${outcome}"> ${OUTCOME_WORDS[outcome]}</label> `,
  )}</fieldset>
<output></output> <button type="reset">Show all</button></form>
`;
}

type Choice = readonly [value: string, words: string, bit?: number];

function select(name: string, none: string, choices: readonly Choice[]): Markup {
  return html`<select name="${name}" aria-label="${name}"><option value="">${none}</option>${choices.map(
    ([value, words, bit]) =>
      html`<option value="${clipped(value, OPTION_MAX)}"${bit !== undefined && html` data-bit="${bit}"`}>${clipped(words, OPTION_MAX)}</option>`,
  )}</select>`;
}

/** What the script filters the variants of a case by, as attributes. */
export function topicAttributes(started: CaseRecord['started'], { requirements }: PageContext): Markup {
  const sections = new Set(started.requirements.map((id) => requirements.get(id)?.section ?? '-'));
  return html` data-topic="${clipped(started.section, OPTION_MAX)}" data-sections="${[...sections].map((it) => clipped(it, OPTION_MAX)).join('|')}"`;
}

/** And one variant: the numbers of the feature bits, since their names would make up a tenth of the page. */
export const featureAttribute = (record: CaseRecord): Markup =>
  html` data-features="${acceptedFeatures(record).join(' ')}"`;
