/** How many play at once, and the processes in which they do. */
import { availableParallelism, freemem } from 'node:os';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { entryModule } from '../package-files.ts';
import type { Job } from '../runner/job.ts';
import { JobProcess } from '../runner/job-process.ts';
import type { ChosenDriver } from './drivers.ts';
import { wholeNumber } from './option-values.ts';
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

/** `count` processes, one at least, which start at once. */
export function startedProcesses(count: number, tell: (line: string) => void): [JobProcess, ...JobProcess[]] {
  const entry = entryModule('harness/cli/job-entry');
  const start = (): JobProcess => new JobProcess({ entry, tell });
  return [start(), ...Array.from({ length: count - 1 }, start)];
}

interface JobsOptions {
  readonly profile: ProfileName;
  readonly variantCount: number;
  readonly tell: (line: string) => void;
}

/** The jobs that play `variantCount` variants in front of that driver. */
export function jobsFor(
  given: Given,
  chosen: ChosenDriver,
  { profile, variantCount, tell }: JobsOptions,
): [Job, ...Job[]] {
  const count = Math.min(jobCountOf(given, chosen.kind), Math.max(1, variantCount));
  const [first, ...others] = startedProcesses(count, tell);
  const driver = { words: chosen.arguments, profile };
  return [first.before(driver), ...others.map((process) => process.before(driver))];
}
