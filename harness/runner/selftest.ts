/**
 * Shows that the catalogue catches what it is made to catch: every case and monitor against every fault of the sample
 * driver that it names, and the faultless driver against everything.
 */
import { rootsOf } from '../../reports/record/root-findings.ts';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { type Outcome, outcomeOf } from '../scoring/judge-play.ts';
import type { Job } from './job.ts';
import { allVariants, type PlannedVariant } from './plan.ts';

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

/** What is switched on in a sample driver; it understands what is experimental, too. */
export interface Traits {
  readonly faults?: readonly string[];
  readonly habits?: readonly string[];
}

/** A driver that breaks nothing, however unusual it is. */
export interface LegalDriver {
  readonly character: string;
  readonly traits: Traits;
  /** Requirements of the word SHOULD that it may be warned for. */
  readonly reminders: readonly string[];
}

/** Where one sample driver after the other plays. */
export interface Stand {
  /** A job with that driver, judged by these monitors. It is closed by whoever has the stand. */
  before(traits: Traits, monitors: readonly Monitor[]): Job;
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
  /** As many drivers play at once; what comes of it does not depend on that. */
  readonly stands: readonly [Stand, ...Stand[]];
  readonly legalDrivers: readonly LegalDriver[];
  readonly tell: (row: SelftestRow) => void;
}

/** Runs the matrix; see `SelftestResult`. */
export async function selftest(options: SelftestOptions): Promise<SelftestResult> {
  const { stands, legalDrivers, tell } = options;
  const variants = allVariants(options.catalogue);
  const wanted = wantedCatches(options);
  const rows = new RowsInOrder([...wanted.keys()], tell);
  const falseAlarms = await allAtOnce(
    stands,
    [undefined, ...legalDrivers, ...families(wanted)],
    async (stand, task) => {
      if (task === undefined) return alarmsOfFaultless(stand, variants, options);
      if ('character' in task) return alarmsAbout(task, stand, variants, options);
      const before: SelftestRow[] = [];
      for (const fault of task.faults) {
        const found = await caughtRows(fault, wanted.get(fault) ?? [], before, {
          stand,
          variants,
          monitors: options.monitors,
        });
        before.push(...found);
        rows.add(fault, found);
      }
      return [];
    },
  );
  return { rows: rows.all, falseAlarms: falseAlarms.flat(), variantCount: variants.length };
}

/** Does all `tasks`, in front of each stand one at a time; what came of them, in their order. */
async function allAtOnce<Task, Result>(
  stands: readonly Stand[],
  tasks: readonly Task[],
  work: (stand: Stand, task: Task) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = tasks.entries();
  await Promise.all(
    stands.map(async (stand) => {
      for (const [index, task] of left) results[index] = await work(stand, task);
    }),
  );
  return results;
}

/** Rows are told in the order of their faults, whichever was through first. */
class RowsInOrder {
  readonly #found = new Map<string, readonly SelftestRow[]>();
  readonly #told: SelftestRow[] = [];
  readonly #left: string[];
  readonly #tell: (row: SelftestRow) => void;

  constructor(faults: readonly string[], tell: (row: SelftestRow) => void) {
    this.#left = [...faults];
    this.#tell = tell;
  }

  get all(): readonly SelftestRow[] {
    return this.#told;
  }

  add(fault: string, rows: readonly SelftestRow[]): void {
    this.#found.set(fault, rows);
    for (let next = this.#first(); next; next = this.#first()) {
      this.#left.shift();
      this.#told.push(...next);
      for (const row of next) this.#tell(row);
    }
  }

  #first(): readonly SelftestRow[] | undefined {
    return this.#found.get(this.#left[0] ?? '');
  }
}

async function alarmsOfFaultless(
  stand: Stand,
  variants: readonly PlannedVariant[],
  { monitors }: SelftestOptions,
): Promise<FalseAlarm[]> {
  const alarms: FalseAlarm[] = [];
  await playAll(stand.before({}, monitors), variants, {
    needs: () => true,
    look: ({ id }, { verdict, says }) => {
      if (verdict !== 'pass') alarms.push({ id, verdict, says });
    },
  });
  return alarms;
}

/** What is held against a legal driver. It may lack what a case needs, but not be blamed beyond its reminders. */
async function alarmsAbout(
  { character, traits, reminders }: LegalDriver,
  stand: Stand,
  variants: readonly PlannedVariant[],
  { monitors }: SelftestOptions,
): Promise<FalseAlarm[]> {
  const alarms: FalseAlarm[] = [];
  await playAll(stand.before(traits, monitors), variants, {
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

/** Faults that are played one after the other, since where one was caught is where the next one is looked for. */
interface Family {
  readonly faults: readonly string[];
}

/** The faults of one monitor are a family, and each that no monitor names. */
function families(wanted: ReadonlyMap<string, readonly Wanted[]>): Family[] {
  const byMonitor = new Map<string, string[]>();
  for (const [fault, wants] of wanted) {
    const name = wants.find(isMonitor)?.judge ?? fault;
    byMonitor.set(name, [...(byMonitor.get(name) ?? []), fault]);
  }
  return [...byMonitor.values()].map((faults) => ({ faults }));
}

/** Where a fault is looked for. */
interface Search {
  readonly stand: Stand;
  readonly variants: readonly PlannedVariant[];
  readonly monitors: readonly Monitor[];
}

/**
 * Plays what the driver with this fault has to be caught in: the variants of the cases that name the fault, then, for
 * monitors that have not caught it by then, any variant at all.
 */
async function caughtRows(
  fault: string,
  wanted: readonly Wanted[],
  before: readonly SelftestRow[],
  { stand, variants, ...search }: Search,
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
  const monitors = search.monitors.filter(({ requirements }) =>
    requirements.some((id) => wanted.some(({ requirement }) => requirement === id)),
  );
  const needs = (planned: PlannedVariant): boolean =>
    wanted.some((want) => isOpen(want) && (isMonitor(want) || want.judge === planned.case.id));
  const own = variants.filter((planned) => wanted.some(({ judge }) => judge === planned.case.id));
  const rest = wanted.some(isMonitor) ? likeliestFirst(variants, fault, wanted, before) : [];
  await playAll(stand.before({ faults: [fault] }, monitors), [...own, ...rest], { needs, look });
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
async function playAll(job: Job, variants: readonly PlannedVariant[], { needs, look }: Watch): Promise<void> {
  for (const variant of variants) {
    if (needs(variant)) look(variant, outcomeOf(await job.play(variant)));
  }
}
