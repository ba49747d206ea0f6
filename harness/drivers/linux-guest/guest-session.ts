/** What a session with the guest does beyond that of any shim. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverGone, type DriverSession } from '../../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';

/** For the guest's last words. */
const FAREWELL_MS = 300;

/** `session`, whose end the guest hears of. */
export function withFarewell(session: DriverSession): DriverSession {
  return {
    machine: session.machine,
    identity: session.identity,
    get endedByItself() {
      return session.endedByItself;
    },
    command: (command) => session.command(command),
    takeLog: () => session.takeLog(),
    close: async () => {
      // A serial line has no end of file, so the agent is told in words that nothing will come, and ends QEMU at once.
      const farewell = session.command({ verb: 'end-of-input', args: {} });
      // A guest that is gone, busy or hanging is ended the hard way.
      await Promise.race([farewell.catch(() => {}), sleep(FAREWELL_MS)]);
      await session.close();
    },
  };
}

/**
 * Throws a `HarnessError` if the kernel cannot load `module`, before any case. A module that
 * never ran can neither fail a case nor pass one.
 */
export async function requireLoadable(session: DriverSession, module: string): Promise<void> {
  const why = await session.command({ verb: 'load', args: { module } }).then(
    ({ outcome, reason }) => (outcome === 'ok' ? undefined : reason),
    (error: unknown) => {
      if (error instanceof DriverGone) return error.message;
      throw error;
    },
  );
  if (why === undefined) return;
  throw new HarnessError(`The guest's kernel cannot load the module: ${why}.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: `Build it against the headers of this very kernel, with their Module.symvers. ${session.takeLog().trim()}`.trim(),
  });
}
