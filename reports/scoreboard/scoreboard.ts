/** Many runs at one look: drivers, versions, configurations. */
import type { RunRecord, Score } from '../../harness/results/model.ts';
import { requirementStandings, type RequirementStanding } from '../comparison.ts';
import {
  casesByOutcome,
  conclusionOf,
  incompleteness,
  type Outcome,
  outcomeOf,
  requirementSetName,
  type ScoreName,
} from '../run-view.ts';

export interface ScoreboardRow {
  /** From 1 on; heads the run's column in the tables below the first. */
  readonly number: number;
  /** `linux 6.12.43, strict` */
  readonly name: string;
  readonly configuration: string;
  readonly requirementSet: string;
  readonly isGood: boolean;
  /** One sentence on the run; of an incomplete one that it is incomplete, and why. */
  readonly says: string;
  readonly isComplete: boolean;
  /** Variants that the run played, and those of its catalogue: a run of some cases only shows as one. */
  readonly variants: { readonly played: number; readonly all: number };
  /** Undefined for a run without a score. */
  readonly scores: Readonly<Record<ScoreName, Score>> | undefined;
  readonly counts: Readonly<Record<Outcome, number>>;
}

/** How the cases of a topic went in one run; undefined if it had none of them. */
export interface TopicCell {
  readonly good: number;
  readonly bad: number;
  /** Neither: untested, not applicable, not finished. */
  readonly open: number;
}

export interface Scoreboard {
  readonly rows: readonly ScoreboardRow[];
  /** Topics in the order of the first run that has them, a cell for each run. */
  readonly topics: readonly { readonly name: string; readonly cells: readonly (TopicCell | undefined)[] }[];
  /** Requirements that any run breaks, in the order of the first run that has them. */
  readonly broken: readonly {
    readonly id: string;
    readonly keyword: string;
    readonly says: string;
    readonly standings: readonly RequirementStanding[];
  }[];
}

/** The scoreboard of the runs, in their order. */
export function scoreboardOf(runs: readonly RunRecord[]): Scoreboard {
  return { rows: runs.map(rowOf), topics: topicsOf(runs), broken: brokenOf(runs) };
}

function rowOf(run: RunRecord, index: number): ScoreboardRow {
  const { driver } = run.header;
  const { good, says } = conclusionOf(run);
  const isComplete = incompleteness(run) === undefined;
  return {
    number: index + 1,
    name: `${driver.name} ${driver.version}${driver.faults.length > 0 ? `, with faults ${driver.faults.join(', ')}` : ''}`,
    configuration: driver.configuration,
    requirementSet: requirementSetName(run),
    isGood: good,
    says,
    isComplete,
    variants: { played: run.cases.length, all: run.header.catalogue.variants },
    scores: isComplete ? run.footer?.scores : undefined,
    counts: Object.fromEntries([...casesByOutcome(run)].map(([outcome, cases]) => [outcome, cases.length])) as Record<
      Outcome,
      number
    >,
  };
}

const GOOD: ReadonlySet<Outcome> = new Set<Outcome>(['pass', 'warn']);
const BAD: ReadonlySet<Outcome> = new Set<Outcome>(['fail', 'expected', 'error']);

function topicsOf(runs: readonly RunRecord[]): Scoreboard['topics'] {
  const columns = runs.map(({ cases }) => {
    const cells = new Map<string, { good: number; bad: number; open: number }>();
    for (const record of cases) {
      const cell = cells.get(record.started.section) ?? { good: 0, bad: 0, open: 0 };
      const outcome = outcomeOf(record);
      if (GOOD.has(outcome)) cell.good++;
      else if (BAD.has(outcome)) cell.bad++;
      else cell.open++;
      cells.set(record.started.section, cell);
    }
    return cells;
  });
  const names = [...new Set(columns.flatMap((cells) => [...cells.keys()]))];
  return names.map((name) => ({ name, cells: columns.map((cells) => cells.get(name)) }));
}

function brokenOf(runs: readonly RunRecord[]): Scoreboard['broken'] {
  const standings = runs.map(requirementStandings);
  const rows = new Map(
    runs
      .flatMap(({ header }) => header.requirements)
      .toReversed()
      .map((row) => [row.id, row]),
  );
  return [...rows.values()].toReversed().flatMap(({ id, keyword, says }) => {
    const all = standings.map((of) => of.get(id) ?? 'absent');
    return all.includes('broken') ? [{ id, keyword, says, standings: all }] : [];
  });
}
