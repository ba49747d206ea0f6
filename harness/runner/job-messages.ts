/** What is said between the process that writes the log and one that plays; structured clones, one request at a time. */
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Described, DriverIdentity } from '../driver-contract/driver-session.ts';
import type { ExitCode } from '../harness-error.ts';
import type { Played } from './job.ts';

/** The driver of a job. One that differs takes the place of the one before. */
export interface JobDriver {
  /** Words of a command line that choose it. */
  readonly words: readonly string[];
  /** Whose variants it is asked for. */
  readonly profile: ProfileName;
  /** Ids of the monitors that judge; all of them if left out. */
  readonly monitors?: readonly string[];
  /** It is asked for stories, and for no variant. */
  readonly tellsStories?: true;
  /** False where nothing is logged: machines and traces stay where they are. */
  readonly isLogged: boolean;
}

export type ToJob =
  | {
      readonly type: 'meet';
      readonly driver: JobDriver;
      readonly described: Described;
      readonly seed: number;
    }
  | { readonly type: 'play'; readonly driver: JobDriver; readonly id: string }
  | { readonly type: 'ask'; readonly driver: JobDriver; readonly question: unknown }
  | { readonly type: 'close' };

export type FromJob =
  /** At short intervals, as long as anything works. */
  | { readonly type: 'alive' }
  | { readonly type: 'told'; readonly line: string }
  | { readonly type: 'started'; readonly setup: MachineSetup }
  | { readonly type: 'met'; readonly identity: DriverIdentity }
  | { readonly type: 'played'; readonly played: Played }
  | { readonly type: 'answered'; readonly answer: unknown }
  /** A `HarnessError`. */
  | {
      readonly type: 'refused';
      readonly sentence: string;
      readonly exitCode: ExitCode;
      readonly hint: string | undefined;
    }
  /** A mistake of our own. */
  | { readonly type: 'failed'; readonly stack: string };
