/**
 * Shows that the catalogue catches what it is made to catch: every case and monitor against every fault of the sample
 * driver that it names, and the faultless driver against everything.
 */
import { rootsOf } from '../../reports/record/root-findings.ts';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { DriverUnderTest } from '../driver-contract/driver-session.ts';
import { type Outcome, outcomeOf } from '../scoring/judge-play.ts';
import { allVariants, type PlannedVariant } from './plan.ts';
import { Player } from './player.ts';

export interface SelftestRow {
  readonly fault: string;
  /** The case or `monitor <id>` that names the fault. */
  readonly judge: string;
  readonly requirement: string;
  /** The variant in which it was caught for the stated requirement; undefined if it slipped through. */
  readonly caughtIn: string | undefined;
}

/** A variant that does not take a driver as it should. */
export interface FalseAlarm {
  /** Name of a legal driver; undefined for the faultless one. */
  readonly character?: string;
  readonly id: string;
  readonly verdict: string;
  readonly says: string;
}

/** A driver that breaks nothing, however unusual it is. */
export interface LegalDriver {
  readonly character: string;
  readonly driver: DriverUnderTest;
  /** Requirements of the word SHOULD that it may be warned for. */
  readonly reminders: readonly string[];
}

export interface SelftestResult {
  readonly rows: readonly SelftestRow[];
  /** Variants that the faultless driver did not pass, and findings about legal drivers. */
  readonly falseAlarms: readonly FalseAlarm[];
  readonly variantCount: number;
}

export interface SelftestOptions {
  readonly catalogue: readonly Case[];
  readonly monitors: readonly Monitor[];
  /** The sample driver with these faults switched on. */
  readonly driver: (faults: readonly string[]) => DriverUnderTest;
  readonly legalDrivers: readonly LegalDriver[];
  readonly tell: (row: SelftestRow) => void;
}

/** Runs the matrix; see `SelftestResult`. */
export async function selftest(options: SelftestOptions): Promise<SelftestResult> {
  const variants = allVariants(options.catalogue);
  const falseAlarms: FalseAlarm[] = [];
  await withDriver(options.driver([]), variants, options.monitors, {
    needs: () => true,
    look: ({ id }, { verdict, says }) => {
      if (verdict !== 'pass') falseAlarms.push({ id, verdict, says });
    },
  });
  for (const legal of options.legalDrivers) falseAlarms.push(...(await alarmsAbout(legal, variants, options)));
  const rows: SelftestRow[] = [];
  for (const [fault, wanted] of wantedCatches(options)) {
    for (const row of await caughtRows(fault, wanted, variants, rows, options)) {
      rows.push(row);
      options.tell(row);
    }
  }
  return { rows, falseAlarms, variantCount: variants.length };
}

/** What is held against a legal driver. It may lack what a case needs, but not be blamed beyond its reminders. */
async function alarmsAbout(
  { character, driver, reminders }: LegalDriver,
  variants: readonly PlannedVariant[],
  { monitors }: SelftestOptions,
): Promise<FalseAlarm[]> {
  const alarms: FalseAlarm[] = [];
  await withDriver(driver, variants, monitors, {
    needs: () => true,
    look: ({ id }, { verdict, says, findings }) => {
      if (verdict === 'error') alarms.push({ character, id, verdict, says });
      for (const found of rootsOf(findings)) {
        const isReminder = found.verdict === 'warn' && reminders.includes(found.requirement);
        if (!isReminder) alarms.push({ character, id, verdict: found.verdict, says: found.says });
      }
    },
  });
  return alarms;
}

/** What a judge has to find a faulty driver breaking. */
type Wanted = Pick<SelftestRow, 'judge' | 'requirement'>;

const MONITOR = 'monitor ';
const isMonitor = ({ judge }: Wanted): boolean => judge.startsWith(MONITOR);

/** What is wanted of whom, by fault, in the order in which the catalogue names the faults. */
function wantedCatches({ catalogue, monitors }: SelftestOptions): ReadonlyMap<string, readonly Wanted[]> {
  const judges = [
    ...catalogue.map(({ id, mustCatch }) => ({ judge: id, mustCatch })),
    ...monitors.map(({ id, mustCatch }) => ({ judge: `${MONITOR}${id}`, mustCatch })),
  ];
  const byFault = new Map<string, Wanted[]>();
  for (const { judge, mustCatch } of judges) {
    for (const [fault, broken] of Object.entries(mustCatch)) {
      const wanted = broken.map((requirement) => ({ judge, requirement }));
      byFault.set(fault, [...(byFault.get(fault) ?? []), ...wanted]);
    }
  }
  return byFault;
}

/**
 * Plays what the driver with this fault has to be caught in: the variants of the cases that name the fault, then, for
 * monitors that have not caught it by then, any variant at all.
 */
async function caughtRows(
  fault: string,
  wanted: readonly Wanted[],
  variants: readonly PlannedVariant[],
  before: readonly SelftestRow[],
  options: SelftestOptions,
): Promise<SelftestRow[]> {
  const caughtIn = new Map<Wanted, string>();
  const isOpen = (want: Wanted): boolean => !caughtIn.has(want);
  const look = (planned: PlannedVariant, { findings }: Outcome): void => {
    for (const want of wanted.filter(isOpen)) {
      // In the run of a case the monitors judge as well, and any of them may have the right word for its fault.
      const isCaught = rootsOf(findings).some(
        ({ by, requirement }) =>
          requirement === want.requirement && (by === want.judge || planned.case.id === want.judge),
      );
      if (isCaught) caughtIn.set(want, planned.id);
    }
  };
  // Others could only find what nobody asks for here.
  const monitors = options.monitors.filter(({ requirements }) =>
    requirements.some((id) => wanted.some(({ requirement }) => requirement === id)),
  );
  const needs = (planned: PlannedVariant): boolean =>
    wanted.some((want) => isOpen(want) && (isMonitor(want) || want.judge === planned.case.id));
  const own = variants.filter((planned) => wanted.some(({ judge }) => judge === planned.case.id));
  const rest = wanted.some(isMonitor) ? likeliestFirst(variants, fault, wanted, before) : [];
  await withDriver(options.driver([fault]), [...own, ...rest], monitors, { needs, look });
  return wanted.map((want) => ({ fault, ...want, caughtIn: caughtIn.get(want) }));
}

/**
 * A monitor mostly catches its faults where it has caught others, else where the names have words in common: a fault of a
 * packed ring shows where there is one.
 */
function likeliestFirst(
  variants: readonly PlannedVariant[],
  fault: string,
  wanted: readonly Wanted[],
  before: readonly SelftestRow[],
): readonly PlannedVariant[] {
  const fruitful = new Set(
    before.filter((row) => wanted.some(({ judge }) => judge === row.judge)).map(({ caughtIn }) => caughtIn),
  );
  const words = [fault, ...wanted.filter(isMonitor).map(({ judge }) => judge)].flatMap(wordsOf);
  const rank = new Map(
    variants.map(({ id }) => {
      const shared = wordsOf(id).filter((word) => words.includes(word)).length;
      return [id, shared + (fruitful.has(id) ? MANY_WORDS : 0)];
    }),
  );
  return variants.toSorted((a, b) => (rank.get(b.id) ?? 0) - (rank.get(a.id) ?? 0));
}

/** Counts for more than all words that two names can share. */
const MANY_WORDS = 100;

/** The words of a name, without the ending of the plural. */
const wordsOf = (name: string): string[] =>
  name.split(/[^a-z0-9]+/i).map((word) => word.toLowerCase().replace(/s$/, ''));

/** Which variants are played, and what is made of their results. */
interface Watch {
  /** Asked before each variant: whether it is still of use. */
  readonly needs: (planned: PlannedVariant) => boolean;
  readonly look: (planned: PlannedVariant, result: Outcome) => void;
}

/** Plays variants as far as they are needed. */
async function withDriver(
  driver: DriverUnderTest,
  variants: readonly PlannedVariant[],
  monitors: readonly Monitor[],
  { needs, look }: Watch,
): Promise<void> {
  const player = new Player(driver, monitors);
  try {
    for (const variant of variants) {
      if (needs(variant)) look(variant, outcomeOf(await player.play(variant)));
    }
  } finally {
    await player.close();
  }
}
