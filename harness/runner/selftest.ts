/**
 * Shows that the catalogue catches what it is made to catch: every case and monitor against every fault of the sample
 * driver that it names, and the faultless driver against everything.
 */
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { DriverSession, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { allVariants, type PlannedVariant, topologyOf } from './plan.ts';
import { type CaseResult, runCase } from './run-case.ts';

export interface SelftestRow {
  readonly fault: string;
  /** The case or `monitor <id>` that names the fault. */
  readonly judge: string;
  readonly requirement: string;
  /** The variant in which it was caught for the stated requirement; undefined if it slipped through. */
  readonly caughtIn: string | undefined;
}

export interface SelftestResult {
  readonly rows: readonly SelftestRow[];
  /** Variants that the faultless driver did not pass, with the verdict's sentence. */
  readonly falseAlarms: readonly { readonly id: string; readonly verdict: string; readonly says: string }[];
  readonly variantCount: number;
}

export interface SelftestOptions {
  readonly catalogue: readonly Case[];
  readonly monitors: readonly Monitor[];
  /** The sample driver with these faults switched on. */
  readonly driver: (faults: readonly string[]) => DriverUnderTest;
  readonly tell: (row: SelftestRow) => void;
}

/** Runs the matrix; see `SelftestResult`. */
export async function selftest(options: SelftestOptions): Promise<SelftestResult> {
  const variants = allVariants(options.catalogue);
  const falseAlarms: { id: string; verdict: string; says: string }[] = [];
  await withDriver(options.driver([]), variants, options.monitors, (planned, { verdict, says }) => {
    if (verdict !== 'pass') falseAlarms.push({ id: planned.id, verdict, says });
    return false;
  });
  const rows: SelftestRow[] = [];
  for (const wanted of wantedCatches(options)) {
    const row = { ...wanted, caughtIn: await catcher(wanted, options, likeliestFirst(variants, wanted, rows)) };
    rows.push(row);
    options.tell(row);
  }
  return { rows, falseAlarms, variantCount: variants.length };
}

type Wanted = Omit<SelftestRow, 'caughtIn'>;

const MONITOR = 'monitor ';
const isMonitor = ({ judge }: Wanted): boolean => judge.startsWith(MONITOR);

function wantedCatches({ catalogue, monitors }: SelftestOptions): Wanted[] {
  const judges = [
    ...catalogue.map(({ id, mustCatch }) => ({ judge: id, mustCatch })),
    ...monitors.map(({ id, mustCatch }) => ({ judge: `${MONITOR}${id}`, mustCatch })),
  ];
  return judges.flatMap(({ judge, mustCatch }) =>
    Object.entries(mustCatch).map(([fault, requirement]) => ({ fault, judge, requirement })),
  );
}

/**
 * A monitor mostly catches its faults where it has caught others, or where another monitor has: a fault of a packed ring
 * shows where there is one.
 */
function likeliestFirst(
  variants: readonly PlannedVariant[],
  { judge }: Wanted,
  rows: readonly SelftestRow[],
): readonly PlannedVariant[] {
  const fruitful = (own: boolean): Set<string | undefined> =>
    new Set(rows.filter((row) => isMonitor(row) && (row.judge === judge) === own).map(({ caughtIn }) => caughtIn));
  const [own, others] = [fruitful(true), fruitful(false)];
  const rank = ({ id }: PlannedVariant): number => (own.has(id) ? 0 : others.has(id) ? 1 : 2);
  return variants.toSorted((a, b) => rank(a) - rank(b));
}

/** A case has to catch the fault in one of its own variants, a monitor in any variant at all. */
async function catcher(
  wanted: Wanted,
  options: SelftestOptions,
  variants: readonly PlannedVariant[],
): Promise<string | undefined> {
  const own = variants.filter((planned) => planned.case.id === wanted.judge);
  // In the run of a case the monitors judge as well, and any of them may have the right word for its fault.
  const isCaught = ({ findings }: CaseResult): boolean =>
    findings.some(
      ({ by, requirement }) => requirement === wanted.requirement && (own.length > 0 || by === wanted.judge),
    );
  // Others could only find what nobody asks for here.
  const monitors = options.monitors.filter(
    ({ id, requirements }) =>
      requirements.some((requirement) => requirement === wanted.requirement) &&
      (own.length > 0 || `${MONITOR}${id}` === wanted.judge),
  );
  let caughtIn: string | undefined;
  const candidates = own.length > 0 ? own : variants;
  await withDriver(options.driver([wanted.fault]), candidates, monitors, (planned, result) => {
    if (isCaught(result)) caughtIn = planned.id;
    return caughtIn !== undefined;
  });
  return caughtIn;
}

/** Plays variants until `done` says so; a session that was lost, or has another topology, is replaced. */
async function withDriver(
  driver: DriverUnderTest,
  variants: readonly PlannedVariant[],
  monitors: readonly Monitor[],
  done: (planned: PlannedVariant, result: CaseResult) => boolean,
): Promise<void> {
  let session: DriverSession | undefined;
  let topology: string | undefined;
  try {
    for (const planned of variants) {
      const wanted = topologyOf(planned);
      if (topology !== wanted) {
        await session?.close();
        session = undefined;
      }
      session ??= await driver.open(wanted);
      topology = wanted;
      const result = await runCase(session, planned, monitors);
      if (!result.sessionUsable) {
        await session.close();
        session = undefined;
      }
      if (done(planned, result)) return;
    }
  } finally {
    await session?.close();
  }
}
