/** The cache: what takes long to get or make is kept for the next run. */
import { readFile, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../../reports/words/system-reason.ts';
import { lockFolder } from '../../folder-lock.ts';
import { makeFolder } from '../../folder.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { damageTo, noteContents } from './cache-contents.ts';

/** Written last into every part; its text is the recipe by which the part was made. */
const COMPLETE = 'complete';
/** Written first; a part begun by another recipe is made anew, one begun by this one is continued. */
const BEGUN = 'begun';
const LOCK_POLL_MS = 200;
const LOCK_WAIT_MS = 15 * 60_000;

/** With `1` nothing is fetched from a package mirror. */
export const OFFLINE_VARIABLE = 'VIOMMUSPEC_OFFLINE';

/** The user of a program that takes its time: hears what is going on, a line without an end each, and may have had enough. */
export interface Progress {
  (line: string): void;
  /** Aborted when the user wants no more of it. */
  readonly signal?: AbortSignal | undefined;
}

/** Where the cache lives: `$XDG_CACHE_HOME/viommuspec`, or `~/.cache/viommuspec`. */
export function cachePath(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  // The base directory specification says that a relative path is to be ignored.
  return join(base?.startsWith('/') ? base : join(home(env), '.cache'), 'viommuspec');
}

/** Where the environment does not say, the system is asked, which knows no home of a user without an entry. */
function home(env: NodeJS.ProcessEnv): string {
  const named = env['HOME'];
  if (named?.startsWith('/')) return named;
  try {
    return userInfo().homedir;
  } catch (cause) {
    throw new HarnessError('This user has no home folder, in which the cache would lie.', {
      exitCode: EXIT.driverDidNotStart,
      hint: 'Set XDG_CACHE_HOME to a folder that can be written.',
      cause,
    });
  }
}

export interface CachePart {
  /** The folder's name in the cache. */
  readonly name: string;
  /** Changes whenever what `make` leaves behind would change. */
  readonly recipe: string;
  readonly neededMiB: number;
  /** What `make` fetches from the package mirror, as the subject of a sentence; left out if it works offline. */
  readonly fetches?: string;
  /** Fills the folder, which may hold what an interrupted run of the same recipe left. */
  readonly make: (folder: string) => Promise<void>;
}

/**
 * The folder of a part, made if it is not there, was made by another recipe, or has lost something since.
 * Two runs never make the same part at the same time. Throws a `HarnessError` if the folder cannot be written, the disk is
 * full, or the part would have to be fetched and VIOMMUSPEC_OFFLINE=1 forbids it.
 */
export async function cachedPart(cache: string, part: CachePart, progress: Progress): Promise<string> {
  const folder = join(cache, part.name);
  const isMade = await isComplete(folder, part.recipe);
  const damage = isMade ? damageTo(folder) : undefined;
  if (isMade && damage === undefined) return folder;
  if (damage !== undefined) progress(`the cache is damaged: ${damage}; it is filled anew`);
  if (part.fetches !== undefined && process.env[OFFLINE_VARIABLE] === '1') throw notFetched(part.fetches);
  makeCacheFolder(cache);
  const unlock = await lockPart(folder, progress);
  try {
    const wasMade = await isComplete(folder, part.recipe);
    if (wasMade && damageTo(folder) === undefined) return folder;
    if (wasMade || (await textOf(join(folder, BEGUN))) !== part.recipe)
      await rm(folder, { recursive: true, force: true });
    await requireSpace(cache, part.neededMiB);
    makeCacheFolder(folder);
    await writeFile(join(folder, BEGUN), part.recipe);
    await part.make(folder);
    noteContents(folder);
    await writeFile(join(folder, COMPLETE), part.recipe);
    return folder;
  } finally {
    await unlock();
  }
}

const notFetched = (what: string): HarnessError =>
  new HarnessError(`${what} is not in the cache, and nothing is fetched (${OFFLINE_VARIABLE}=1).`, {
    exitCode: EXIT.driverDidNotStart,
    hint: 'Unset the variable, or give your own programs with --qemu, --kernel and --modules.',
  });

const isComplete = async (folder: string, recipe: string): Promise<boolean> =>
  (await textOf(join(folder, COMPLETE))) === recipe;

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

function makeCacheFolder(path: string): void {
  try {
    makeFolder(path, 0o700);
  } catch (cause) {
    throw new HarnessError(`The cache folder ${path} cannot be made: ${reasonOf(cause)}.`, {
      exitCode: EXIT.driverDidNotStart,
      hint: 'Set XDG_CACHE_HOME to a folder that can be written.',
      cause,
    });
  }
}

/** Throws a `HarnessError` if the disk that holds `path` has less than `neededMiB` left. */
export async function requireSpace(path: string, neededMiB: number): Promise<void> {
  const disk = await statfs(path);
  const freeMiB = Math.floor((disk.bavail * disk.bsize) / 2 ** 20);
  if (freeMiB >= neededMiB) return;
  throw new HarnessError(`${neededMiB} MiB are needed in ${path}, and ${freeMiB} MiB are free.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: 'Make room, or set XDG_CACHE_HOME to a folder on another disk.',
  });
}

/**
 * Takes the lock of a part, waiting for another run that has it; gives the function that returns it. Throws a
 * `HarnessError` after a quarter of an hour, or as soon as the user has had enough.
 */
export async function lockPart(folder: string, progress: Progress): Promise<() => Promise<void>> {
  const path = `${folder}.lock`;
  for (let waitedMs = 0; waitedMs < LOCK_WAIT_MS; waitedMs += LOCK_POLL_MS) {
    makeCacheFolder(path);
    const lock = lockFolder(path);
    if (lock) {
      return async () => {
        // The folder is only there to be locked; one that an older version of this tool has put something into may stay.
        await rmdir(path).catch(() => {});
        lock.release();
      };
    }
    if (waitedMs === 0) progress('waiting for another run that is filling the cache');
    await sleep(LOCK_POLL_MS, undefined, { signal: progress.signal }).catch(() => {});
    if (progress.signal?.aborted) throw new HarnessError('The run was interrupted while it waited for the cache.');
  }
  throw new HarnessError('Another run has been filling the cache for a quarter of an hour.', {
    exitCode: EXIT.driverDidNotStart,
    hint: 'Wait for it, or set XDG_CACHE_HOME to another folder.',
  });
}
