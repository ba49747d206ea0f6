/** A job: one driver after the other in front of one variant after the other, with devices of its own. */
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { Described, DriverIdentity } from '../driver-contract/driver-session.ts';
import type { CaseResult } from '../scoring/judge-play.ts';
import type { PlannedVariant } from './plan.ts';

/** What came of a variant, and of the driver in front of it: it may go on, it was lost, or there was none. */
export interface Played extends CaseResult {
  readonly driver: 'usable' | 'lost' | 'absent';
}

/** One thing at a time: whoever asks waits for the answer. */
export interface Job {
  /** Meets the driver in front of a machine that is `described` so. Rejects with a `HarnessError` where `meet` of meeting.ts does. */
  meet(described: Described, seed: number): Promise<DriverIdentity>;
  /** `started` hears of the variant's machine, as the driver under test has it, before anything happens there. */
  play(variant: PlannedVariant, started?: (setup: MachineSetup) => void): Promise<Played>;
  /** Asks what only some kinds of job can tell; both are plain data. A sentence if the process is gone that was to answer. */
  ask?(question: unknown): Promise<unknown>;
  /** Gives up what is under way, and ends everything that was started. */
  close(): Promise<void>;
}
