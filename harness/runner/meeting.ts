/** The first session with a driver: who it is, once it has shown that it can be believed. */
import { checkContract } from '../driver-contract/contract-check.ts';
import { DriverGone, type DriverIdentity, type DriverSession } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { SeededRandom } from './random.ts';

/**
 * A shim that says yes to everything, to a verb that `seed` makes up too, is caught before it can pass anything. Rejects with a
 * `HarnessError` for such a driver, and for one that does not start.
 */
export async function meet(opening: Promise<DriverSession>, seed: number): Promise<DriverIdentity> {
  try {
    const session = await opening;
    const broken = await checkContract(session, new SeededRandom(seed).word(8));
    if (broken !== undefined) throw notStarted(broken);
    return session.identity;
  } catch (error) {
    if (error instanceof DriverGone) throw notStarted(error.end.says);
    throw error;
  }
}

const notStarted = (says: string): HarnessError =>
  new HarnessError(says, {
    exitCode: EXIT.driverDidNotStart,
    hint: "'viommuspec doctor' checks the whole contract, step by step.",
  });
