import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from './temporary-folder.ts';

describe('a temporary folder', () => {
  it('lets nobody else in, and is told from others by the process that made it', async () => {
    const folder = await makeTemporaryFolder();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(folder).toContain(`viommuspec-${process.pid}-`);
    rmSync(folder, { recursive: true });
  });

  it('is removed by the next run if its owner is gone, and left alone if it lives', async () => {
    const { pid: gone } = spawnSync('true');
    const orphan = join(tmpdir(), `viommuspec-${gone}-orphan`);
    const inUse = join(tmpdir(), `viommuspec-${process.ppid}-in-use`);
    for (const folder of [orphan, inUse]) mkdirSync(folder, { recursive: true });
    const made = await makeTemporaryFolder();
    expect([existsSync(orphan), existsSync(inUse)]).toEqual([false, true]);
    for (const folder of [inUse, made]) rmSync(folder, { recursive: true });
  });
});
