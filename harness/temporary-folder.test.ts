import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startHolder } from './fixtures/holder.ts';
import { lockFolder } from './folder-lock.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

describe('a temporary folder', () => {
  it('lets nobody else in, and is gone when it is removed', async () => {
    const folder = await makeTemporaryFolder();
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    writeFileSync(join(folder.path, 'file'), '');
    await folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });

  it('is removed by the next run if nobody holds it, and left alone if somebody does', async () => {
    const [orphan = '', inUse = '', foreign = ''] = ['session-orphan-', 'session-in-use-', 'of-something-else-'].map(
      (name) => mkdtempSync(join(tmpdir(), `viommuspec-${name}`)),
    );
    mkdirSync(join(orphan, 'sub'));
    const lock = lockFolder(inUse);
    const made = await makeTemporaryFolder();
    expect([orphan, inUse, foreign].map(existsSync)).toEqual([false, true, true]);
    lock?.release();
    await made.remove();
    for (const folder of [inUse, foreign]) rmSync(folder, { recursive: true });
  });

  it('is left alone by a run that knows nothing of its process', async () => {
    const other = await startHolder();
    const made = await makeTemporaryFolder();
    expect(existsSync(other.path)).toBe(true);
    await other.kill();
    const next = await makeTemporaryFolder();
    expect(existsSync(other.path)).toBe(false);
    for (const folder of [made, next]) await folder.remove();
  });
});
