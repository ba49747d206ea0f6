/** Many runs at one look: drivers, versions, configurations. */
import { requirementsOf } from '../record/applicability.ts';
import { brokenCounts, type Headline, headlineOf } from '../headline.ts';
import type { RequirementRow, RunRecord, Score } from '../record/model.ts';
import { type ObligationCounts, obligationRank } from '../words/obligation.ts';
import { requirementStandings, type RequirementStanding } from '../comparison.ts';
import {
  casesByOutcome,
  crashes,
  incompleteness,
  type Outcome,
  outcomeOf,
  requirementSetName,
  type ScoreName,
} from '../run-view.ts';

export interface ScoreboardRow {
  /** From 1 on; heads the run's column in the tables below the first. */
  readonly number: number;
  /** `linux 6.12.43, iommu.strict=0` */
  readonly name: string;
  readonly configuration: string;
  readonly requirementSet: string;
  /** `viommuspec 0.1.0, catalogue 7b3fe1cf`: runs of unlike catalogues are not to be compared number by number. */
  readonly judgedBy: string;
  /** What the driver breaks, whatever was expected of it; of an incomplete run that it is incomplete, and why. */
  readonly headline: Headline;
  readonly broken: ObligationCounts;
  /** Variants that the driver did not survive. */
  readonly crashed: number;
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
  /** Requirements that any run breaks, what binds most first, else in the order of the first run that has them. */
  readonly broken: readonly {
    readonly row: RequirementRow;
    readonly standings: readonly RequirementStanding[];
  }[];
}

/** The scoreboard of the runs, in their order. */
export function scoreboardOf(runs: readonly RunRecord[]): Scoreboard {
  const names = namesOf(runs);
  const rows = runs.map((run, index) => rowOf(run, index, names[index] ?? ''));
  return { rows, topics: topicsOf(runs), broken: brokenOf(runs) };
}

/** Driver and version; of runs with the same, also the words of their configurations that set them apart. */
function namesOf(runs: readonly RunRecord[]): string[] {
  const names = runs.map(
    ({ header: { driver } }) =>
      `${driver.name} ${driver.version}${driver.faults.length > 0 ? `, with faults ${driver.faults.join(', ')}` : ''}`,
  );
  const words = runs.map(({ header: { driver } }) => driver.configuration.split(/\s+/));
  return names.map((name, index) => {
    const others = words.filter((_, other) => other !== index && names[other] === name);
    const own = (words[index] ?? []).filter((word) => word !== '' && others.some((other) => !other.includes(word)));
    return [name, ...own].join(', ');
  });
}

function rowOf(run: RunRecord, index: number, name: string): ScoreboardRow {
  const { driver } = run.header;
  const isComplete = incompleteness(run) === undefined;
  return {
    number: index + 1,
    name,
    configuration: driver.configuration,
    requirementSet: requirementSetName(run),
    judgedBy: `${run.header.tool.name} ${run.header.tool.version}, catalogue ${run.header.catalogue.digest}`,
    headline: headlineOf(run),
    broken: brokenCounts(run),
    crashed: run.cases.filter(crashes).length,
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
      .flatMap(requirementsOf)
      .toReversed()
      .map((row) => [row.id, row]),
  );
  const broken = [...rows.values()].toReversed().flatMap((row) => {
    const all = standings.map((of) => of.get(row.id) ?? 'absent');
    return all.includes('broken') ? [{ row, standings: all }] : [];
  });
  return broken.toSorted((a, b) => obligationRank(a.row) - obligationRank(b.row));
}
