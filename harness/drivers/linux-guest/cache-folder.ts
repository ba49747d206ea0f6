/** The cache: what takes long to get or make is kept for the next run. */
import { mkdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, HarnessError } from '../../harness-error.ts';

/** Written last into every part; its text is the recipe by which the part was made. */
const COMPLETE = 'complete';
/** Written first; a part begun by another recipe is made anew, one begun by this one is continued. */
const BEGUN = 'begun';
const LOCK_POLL_MS = 200;
const LOCK_WAIT_MS = 15 * 60_000;
/** A lock whose owner has not written its pid by then never will. */
const LOCK_UNNAMED_MS = 10_000;

/** With `1` nothing is fetched from a package mirror. */
export const OFFLINE_VARIABLE = 'VIOMMUSPEC_OFFLINE';

/** Tells the user what is going on: one line, without an end. */
export type Progress = (line: string) => void;

/** Where the cache lives: `$XDG_CACHE_HOME/viommuspec`, or `~/.cache/viommuspec`. */
export function cachePath(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  // The base directory specification says that a relative path is to be ignored.
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'viommuspec');
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
 * The folder of a part, made if it is not there or was made by another recipe.
 * Two runs never make the same part at the same time. Throws a `HarnessError` if the folder cannot be written, the disk is
 * full, or the part would have to be fetched and VIOMMUSPEC_OFFLINE=1 forbids it.
 */
export async function cachedPart(cache: string, part: CachePart, progress: Progress): Promise<string> {
  const folder = join(cache, part.name);
  if (await isComplete(folder, part.recipe)) return folder;
  if (part.fetches !== undefined && process.env[OFFLINE_VARIABLE] === '1') throw notFetched(part.fetches);
  await makeFolder(cache);
  const unlock = await lockPart(folder, progress);
  try {
    if (await isComplete(folder, part.recipe)) return folder;
    if ((await textOf(join(folder, BEGUN))) !== part.recipe) await rm(folder, { recursive: true, force: true });
    await requireSpace(cache, part.neededMiB);
    await makeFolder(folder);
    await writeFile(join(folder, BEGUN), part.recipe);
    await part.make(folder);
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

const errorCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new HarnessError(
      `The cache folder ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        exitCode: EXIT.driverDidNotStart,
        hint: 'Set XDG_CACHE_HOME to a folder that can be written.',
        cause,
      },
    );
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
 * Takes the lock of a part, waiting for another run that has it; gives the function that returns it.
 * A lock whose owner is no longer alive is taken over. Throws a `HarnessError` after a quarter of an hour.
 */
export async function lockPart(folder: string, progress: Progress): Promise<() => Promise<void>> {
  const lock = `${folder}.lock`;
  for (let waitedMs = 0; waitedMs < LOCK_WAIT_MS; waitedMs += LOCK_POLL_MS) {
    if (await takeLock(lock)) return () => rm(lock, { recursive: true, force: true });
    if (await isStale(lock)) await removeStale(lock);
    else {
      if (waitedMs === 0) progress('waiting for another run that is filling the cache');
      await sleep(LOCK_POLL_MS);
    }
  }
  throw new HarnessError('Another run has been filling the cache for a quarter of an hour.', {
    exitCode: EXIT.driverDidNotStart,
    hint: `If there is no such run, remove ${lock}.`,
  });
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(lock, 'pid'), String(process.pid));
  return true;
}

async function isStale(lock: string): Promise<boolean> {
  const pid = Number(await textOf(join(lock, 'pid')));
  if (Number.isSafeInteger(pid) && pid > 0) return !isAlive(pid);
  const made = await stat(lock).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > LOCK_UNNAMED_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Renaming is atomic: of two runs that find the same stale lock, one gets it. */
async function removeStale(lock: string): Promise<void> {
  const aside = `${lock}.${process.pid}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  // Somebody may have renewed it after we looked: then it goes back, which fails harmlessly if there is a third.
  if (await isStale(aside)) await rm(aside, { recursive: true, force: true });
  else await rename(aside, lock).catch(() => rm(aside, { recursive: true, force: true }));
}
