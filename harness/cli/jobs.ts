/** How many play at once, and the processes in which they do. */
import { availableParallelism, freemem } from 'node:os';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { entryModule } from '../package-files.ts';
import type { Job } from '../runner/job.ts';
import { JobProcess } from '../runner/job-process.ts';
import { LocalStoryPlayer, type StoryPlayer, storyPlayerIn } from '../explore/story-player.ts';
import { Player } from '../runner/player.ts';
import type { ChosenDriver } from './drivers.ts';
import { runsOf, wholeNumber } from './option-values.ts';
import type { Given } from './options.ts';

/** A guest with the process that plays in front of it takes less. */
const GUEST_BYTES = 2 ** 30;
const MOST_JOBS = 256;

/** What `--jobs` says; else one for each processor, but no more guests than there is memory for, and one shim for a debugger. */
export function jobCountOf(given: Given, kind: ChosenDriver['kind']): number {
  const most = kind === 'linux' ? Math.floor(freemem() / GUEST_BYTES) : MOST_JOBS;
  const byDefault = given.flag('patient') ? 1 : Math.max(1, Math.min(availableParallelism(), most));
  return wholeNumber(given, 'jobs', { byDefault, least: 1, most: MOST_JOBS });
}

/** Does `work` with `count` processes, and ends them. */
export async function withProcesses<Result>(
  count: number,
  work: (processes: readonly [JobProcess, ...JobProcess[]]) => Promise<Result>,
): Promise<Result> {
  const processes = startedProcesses(count, () => {});
  try {
    return await work(processes);
  } finally {
    await Promise.all(processes.map((process) => process.end()));
  }
}

/** `count` processes, one at least, which start at once. */
function startedProcesses(
  count: number,
  tell: (line: string) => void,
  tellOfOthers = tell,
): [JobProcess, ...JobProcess[]] {
  const entry = entryModule('harness/cli/job-entry');
  const others = Array.from({ length: count - 1 }, () => new JobProcess({ entry, tell: tellOfOthers }));
  return [new JobProcess({ entry, tell }), ...others];
}

/** The sample driver plays so many variants in the time in which another process starts. */
const WORTH_A_PROCESS = 100;

interface JobsOptions {
  readonly profile: ProfileName;
  readonly monitors: readonly Monitor[];
  readonly variantCount: number;
  /** False where nothing is logged. */
  readonly isLogged: boolean;
  readonly tell: (line: string) => void;
}

/** Those who tell stories at once in front of that driver. The sample driver is told of few by this process alone. */
export function storyPlayersFor(
  given: Given,
  chosen: ChosenDriver,
  { profile, monitors, tell }: Pick<JobsOptions, 'profile' | 'monitors' | 'tell'>,
): [StoryPlayer, ...StoryPlayer[]] {
  const local = new LocalStoryPlayer(chosen.driver, monitors, profile);
  const count = countFor(given, chosen, runsOf(given) ?? Infinity);
  if (count === 1) return [local];
  const [first, ...others] = startedProcesses(count, tell, chosen.kind === 'linux' ? () => {} : tell);
  const driver = { words: chosen.arguments, profile, isLogged: false, tellsStories: true } as const;
  return [storyPlayerIn(first.before(driver)), ...others.map((process) => storyPlayerIn(process.before(driver)))];
}

function countFor(given: Given, { kind }: ChosenDriver, variantCount: number): number {
  const isFew = kind === 'sample' && given.text('jobs') === undefined;
  const most = isFew ? Math.ceil(variantCount / WORTH_A_PROCESS) : variantCount;
  return Math.min(jobCountOf(given, kind), Math.max(1, most));
}

/** The jobs that play `variantCount` variants in front of that driver. The sample driver cannot harm this process, and one plays in it. */
export function jobsFor(given: Given, chosen: ChosenDriver, options: JobsOptions): [Job, ...Job[]] {
  const { profile, monitors, variantCount, isLogged, tell } = options;
  const count = countFor(given, chosen, variantCount);
  if (chosen.kind === 'sample' && count === 1) return [new Player(chosen.driver, monitors, { judgesEndpoints: true })];
  // What is fetched or made for one guest is there for all.
  const [first, ...others] = startedProcesses(count, tell, chosen.kind === 'linux' ? () => {} : tell);
  const driver = { words: chosen.arguments, profile, isLogged };
  return [first.before(driver), ...others.map((process) => process.before(driver))];
}
