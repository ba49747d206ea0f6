/** Every case that was started, what needs attention first. */
import type { CaseRecord } from '../record/model.ts';
import { casesByOutcome, type Outcome, OUTCOME_WORDS, OUTCOMES } from '../run-view.ts';
import { caseFamily } from './case-article.ts';
import { filterForm } from './case-filter.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';

export function casesSection(context: PageContext): Markup {
  return html`<section id="cases" aria-labelledby="cases-heading">
<h2 id="cases-heading">Cases</h2>
<noscript><p class="note">Without scripts the messages of a variant are shown for the first variant of each root cause; <code>viommuspec show LOG CASE</code> prints those of any other.</p></noscript>
${filterForm(context)}${context.runs.map((run) => runCases(run, context))}
<p id="filter-none" hidden>No case matches the filter.</p>
</section>
`;
}

function runCases(run: RunContext, context: PageContext): Markup {
  const groups = casesByOutcome(run.run);
  const index = context.runs.indexOf(run);
  const prefix = context.runs.length === 1 ? 'cases' : `cases${index + 1}`;
  const sections = OUTCOMES.map((outcome) => group(outcome, groups.get(outcome) ?? [], { prefix, run, context }));
  return context.runs.length === 1
    ? html`${sections}`
    : html`<h3 class="driver">${run.name}</h3>
${sections}`;
}

interface Place {
  readonly prefix: string;
  readonly run: RunContext;
  readonly context: PageContext;
}

function group(outcome: Outcome, cases: readonly CaseRecord[], { prefix, run, context }: Place): Markup | undefined {
  if (cases.length === 0) return undefined;
  const id = `${prefix}-${outcome}`;
  return html`<section class="outcome" data-outcome="${outcome}"><h3 id="${id}">${heading(outcome)} <span class="tally">${cases.length}</span></h3>
${familiesOf(cases).map((records) => caseFamily(records, run, context))}</section>
`;
}

/** Variants of one case together, in the order of the log; what is said of them all has to be the same. */
function familiesOf(cases: readonly CaseRecord[]): CaseRecord[][] {
  const families = new Map<string, CaseRecord[]>();
  for (const record of cases) {
    const { case: name, title, demands, section, requirements } = record.started;
    const key = JSON.stringify([name, title, demands, section, requirements]);
    const members = families.get(key);
    if (members) members.push(record);
    else families.set(key, [record]);
  }
  return [...families.values()];
}

const heading = (outcome: Outcome): string => {
  const words = OUTCOME_WORDS[outcome];
  return words.charAt(0).toUpperCase() + words.slice(1);
};
