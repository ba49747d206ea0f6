/** The sample driver as a driver under test. */
import { didYouMean } from '../../../reports/words/nearest.ts';
import type { DriverSession, DriverUnderTest } from '../../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { DRIVER_FAULTS } from '../sample-driver/driver-faults.ts';
import { DRIVER_HABITS } from '../sample-driver/driver-habits.ts';
import { SampleSession } from './sample-session.ts';

/** `name`, if `table` has it. */
function checked<Name extends string>(
  name: string,
  what: 'fault' | 'habit',
  table: Readonly<Record<Name, string>>,
): Name {
  if (isNameOf(name, table)) return name;
  throw new HarnessError(`The sample driver has no ${what} '${name}'.`, {
    exitCode: EXIT.usage,
    hint: didYouMean(name, Object.keys(table)) ?? `viommuspec list ${what}s shows them all.`,
  });
}

const isNameOf = <Name extends string>(name: string, table: Readonly<Record<Name, string>>): name is Name =>
  Object.hasOwn(table, name);

/**
 * The sample driver, with `faults` of `DRIVER_FAULTS` and `habits` of `DRIVER_HABITS` switched on. `experimental`: it
 * understands too what was proposed for the specification and never merged.
 * Throws a `HarnessError` for a name that is none of them.
 */
export function sampleDriver(options: {
  readonly faults?: readonly string[];
  readonly habits?: readonly string[];
  readonly experimental?: boolean;
}): DriverUnderTest {
  const { faults = [], habits = [] } = options;
  const traits = new Set([
    ...faults.map((name) => checked(name, 'fault', DRIVER_FAULTS)),
    ...habits.map((name) => checked(name, 'habit', DRIVER_HABITS)),
  ]);
  return {
    open: async (described): Promise<DriverSession> => new SampleSession(described, traits, options.experimental),
  };
}
