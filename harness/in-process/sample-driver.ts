/** The sample driver as a driver under test. */
import type { DriverSession, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { DRIVER_FAULTS, type DriverFaultName } from '../sample-driver/driver-faults.ts';
import { SampleSession } from './sample-session.ts';

const isFaultName = (name: string): name is DriverFaultName => Object.hasOwn(DRIVER_FAULTS, name);

/** Names that share the most words with `name`, best first. */
function similarNames(name: string): string[] {
  const words = new Set(name.split('-'));
  return Object.keys(DRIVER_FAULTS)
    .map((known) => ({ known, shared: known.split('-').filter((word) => words.has(word)).length }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)
    .slice(0, 3)
    .map(({ known }) => known);
}

function checked(name: string): DriverFaultName {
  if (isFaultName(name)) return name;
  const similar = similarNames(name);
  throw new HarnessError(`The sample driver has no fault '${name}'.`, {
    exitCode: EXIT.usage,
    hint:
      similar.length > 0
        ? `Did you mean ${similar.join(' or ')}?`
        : 'harness/sample-driver/driver-faults.ts lists them all.',
  });
}

/**
 * The sample driver, with `faults` switched on: names from `DRIVER_FAULTS`.
 * Throws a `HarnessError` for a name that is none of them.
 */
export function sampleDriver(options: { readonly faults?: readonly string[] }): DriverUnderTest {
  const faults = new Set((options.faults ?? []).map(checked));
  return {
    open: async (topology): Promise<DriverSession> => new SampleSession(topology, faults),
  };
}
