/** Private folders for one session. What a killed run left behind is removed by the next one. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HarnessError } from './harness-error.ts';

/** Folders are called viommuspec-<pid>-<random>, so that it can be told whether their owner still lives. */
const NAME = /^viommuspec-(\d+)-/;

/**
 * A new folder that nobody else can enter (`mkdtemp` makes it with mode 0700), short enough for socket paths.
 * Also removes folders of this tool whose process is gone: nobody can clean up after SIGKILL.
 * Rejects with a `HarnessError` if no folder can be made.
 */
export async function makeTemporaryFolder(): Promise<string> {
  await removeOrphans();
  try {
    return await mkdtemp(join(tmpdir(), `viommuspec-${process.pid}-`));
  } catch (cause) {
    throw new HarnessError(`No temporary folder can be made in ${tmpdir()}.`, {
      hint: 'Set TMPDIR to a folder that exists and can be written to.',
      cause,
    });
  }
}

async function removeOrphans(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  const orphans = names.filter((name) => {
    const owner = NAME.exec(name)?.[1];
    return owner !== undefined && !isAlive(Number(owner));
  });
  // A folder of another user cannot be removed, which is his affair.
  await Promise.all(orphans.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {})));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
