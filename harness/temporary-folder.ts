/** Private folders for one session. What a killed run left behind is removed by the next one. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../reports/words/system-reason.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { HarnessError } from './harness-error.ts';

/** What the names of these folders begin with, and those of no others. */
const NAME = 'viommuspec-session-';

/** A folder that nobody else can enter. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it with all that it holds. */
  remove(): Promise<void>;
}

/**
 * A new folder that nobody else can enter (`mkdtemp` makes it with mode 0700), short enough for socket paths. It is locked
 * as long as this process lives; folders of this tool that nobody holds are removed, since nobody can clean up after
 * SIGKILL. Rejects with a `HarnessError` if no folder can be made.
 */
export async function makeTemporaryFolder(): Promise<TemporaryFolder> {
  await removeOrphans();
  try {
    for (;;) {
      const path = await mkdtemp(join(tmpdir(), NAME));
      const lock = lockFolder(path);
      // Between the two, another run may have taken it for an orphan.
      if (lock) return { path, remove: () => remove(path, lock) };
    }
  } catch (cause) {
    throw new HarnessError(`No temporary folder can be made in ${tmpdir()}: ${reasonOf(cause)}.`, {
      hint: 'Set TMPDIR to a folder that exists and can be written to.',
      cause,
    });
  }
}

async function remove(path: string, lock: FolderLock): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

async function removeOrphans(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  await Promise.all(names.filter((name) => name.startsWith(NAME)).map((name) => removeOrphan(join(tmpdir(), name))));
}

/** A folder of another user can be neither locked nor removed, which is his affair. */
async function removeOrphan(path: string): Promise<void> {
  try {
    const lock = lockFolder(path);
    if (lock) await remove(path, lock);
  } catch {}
}
