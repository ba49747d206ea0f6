/** What a run says of each requirement. */
import { requirementsOf } from '../record/applicability.ts';
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import type { Markup } from './escape.ts';
import { type RequirementState, stateWords } from './verdict-badge.ts';
import { waffle } from './waffle.ts';

export interface RequirementView {
  readonly row: RequirementRow;
  readonly state: RequirementState;
  /** Variants in which it was found broken, and in which it held; in the order of the log. */
  readonly brokenIn: readonly CaseRecord[];
  readonly heldIn: readonly CaseRecord[];
}

/** From worst to best. */
const STATES: readonly RequirementState[] = [
  'broken',
  'missed',
  'held',
  'unexercised',
  'unjudged',
  'inapplicable',
  'absent',
];

/** Every requirement of the run's set, in the order of the log. */
export function requirementViews(run: RunRecord): RequirementView[] {
  const judged = new Map<string, { broken: CaseRecord[]; held: CaseRecord[] }>();
  for (const record of run.cases) {
    for (const { requirement, held } of record.judgement?.judged ?? []) {
      const cases = judged.get(requirement) ?? { broken: [], held: [] };
      (held ? cases.held : cases.broken).push(record);
      judged.set(requirement, cases);
    }
  }
  return requirementsOf(run).map((row) => {
    const { broken, held } = judged.get(row.id) ?? { broken: [], held: [] };
    return { row, state: stateOf(row, broken.length, held.length), brokenIn: broken, heldIn: held };
  });
}

/** A breach is shown even where the requirement does not bind, since somebody then has to look. */
function stateOf(row: RequirementRow, broken: number, held: number): RequirementState {
  if (broken > 0) return row.keyword.startsWith('MUST') ? 'broken' : 'missed';
  if (!row.applicable) return 'inapplicable';
  if (held > 0) return 'held';
  return row.judged ? 'unexercised' : 'unjudged';
}

/** The states of `rows` in one run, worst first. */
export function statesOf(
  rows: readonly RequirementRow[],
  views: ReadonlyMap<string, RequirementView>,
): RequirementState[] {
  const states = rows.map(({ id }) => views.get(id)?.state ?? 'absent');
  return states.toSorted((a, b) => STATES.indexOf(a) - STATES.indexOf(b));
}

/** `2 broken, 5 held, 1 not exercised` */
export function totals(states: readonly RequirementState[]): string {
  return STATES.map((state) => ({ state, count: states.filter((other) => other === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${stateWords(state)}`)
    .join(', ');
}

/** A square for each. */
export const stateWaffle = (states: readonly RequirementState[]): Markup =>
  waffle(states, `${counted(states.length, 'requirement')}: ${totals(states)}`);
