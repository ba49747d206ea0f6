/** Plays one variant in a session: stages the machine, plays `when`, and takes everything down again. */
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { DriverGone, type DriverSession, isDriversEnd } from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import type { Ending, Play } from '../scoring/judge-play.ts';
import type { PlannedVariant } from './plan.ts';
import { command, Refused, sceneFor, VerbNotOffered } from './scene.ts';

export interface SessionPlay extends Play {
  readonly driverLog: string;
  /** Whether the session can serve another variant. */
  readonly sessionUsable: boolean;
}

/** `setup` is the variant's, as this driver's machine has it. */
export async function play(session: DriverSession, planned: PlannedVariant, setup: MachineSetup): Promise<SessionPlay> {
  session.takeLog();
  const endings: Ending[] = [];
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      endings.push(endingBy(error));
    }
  };
  await attempt(async () => {
    await session.machine.execute({ do: 'stage', setup });
    await planned.variant.when(sceneFor(session));
  });
  const isGone = endings.some(({ kind }) => kind === 'driver-gone' || kind === 'driver-lost');
  // A driver that works looks as if it had forgotten to notify while it fills its rings; one that is gone does not.
  await attempt(() => (isGone ? session.machine.execute({ do: 'look-at-queues' }) : command(session, 'stop', {})));
  let trace: readonly TraceEvent[] = [];
  await attempt(async () => {
    trace = (await session.machine.execute({ do: 'take-trace' })).trace ?? [];
  });
  const stopped = trace.findLast((event) => event.kind === 'answer');
  return {
    trace,
    setup,
    driver: session.identity,
    endings,
    driverLog: session.takeLog(),
    sessionUsable:
      endings.every(({ kind }) => kind === 'refused' || kind === 'verb-not-offered') && stopped?.outcome === 'ok',
  };
}

function endingBy(error: unknown): Ending {
  if (error instanceof Refused) return { kind: 'refused', says: error.message };
  if (error instanceof VerbNotOffered) return { kind: 'verb-not-offered', says: error.message };
  if (error instanceof DriverGone) {
    return { kind: isDriversEnd(error.end) ? 'driver-gone' : 'driver-lost', says: error.end.says };
  }
  if (error instanceof HarnessError) return { kind: 'error', says: error.message };
  return { kind: 'error', says: `The case itself failed: ${error instanceof Error ? error.message : String(error)}` };
}
