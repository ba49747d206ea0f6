import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EXIT } from '../../harness-error.ts';
import { cachedPart, type CachePart, cachePath, lockPart, requireSpace } from './cache-folder.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'viommuspec-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

const silent = (): void => {};
const part = (recipe: string, make: CachePart['make']): CachePart => ({ name: 'part', recipe, neededMiB: 1, make });
const writes = (text: string) => (folder: string) => Promise.resolve(writeFileSync(join(folder, 'file'), text));

test('lives where the base directory specification says', () => {
  expect(cachePath({ XDG_CACHE_HOME: '/x' })).toBe('/x/viommuspec');
  expect(cachePath({ XDG_CACHE_HOME: 'relative' })).toMatch(/\/\.cache\/viommuspec$/);
  expect(cachePath({ HOME: '/home/x' })).toBe('/home/x/.cache/viommuspec');
  for (const env of [{}, { HOME: '' }, { HOME: 'relative' }])
    expect(cachePath(env)).toMatch(/^\/.*\/\.cache\/viommuspec$/);
});

test('makes a part once', async () => {
  await cachedPart(cache, part('1', writes('first')), silent);
  const folder = await cachedPart(cache, part('1', writes('second')), silent);
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('first');
});

test('makes a part anew when its recipe has changed', async () => {
  const folder = await cachedPart(cache, part('1', writes('first')), silent);
  writeFileSync(join(folder, 'left-over'), '');
  await cachedPart(cache, part('2', writes('second')), silent);
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('second');
  expect(existsSync(join(folder, 'left-over'))).toBe(false);
});

test.each([
  ['cut', (file: string) => writeFileSync(file, 'fi'), 'file has 2 bytes and not 5'],
  ['gone', (file: string) => rmSync(file), 'file is gone'],
])('makes a part anew of which a file is %s, and says so', async (_how, damage, says) => {
  const folder = await cachedPart(cache, part('1', writes('first')), silent);
  damage(join(folder, 'file'));
  const told: string[] = [];
  await cachedPart(cache, part('1', writes('again')), (line) => told.push(line));
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('again');
  expect(told).toEqual([expect.stringContaining(says)]);
});

test('continues a part that was interrupted', async () => {
  const interrupted = cachedPart(
    cache,
    part('1', async (folder) => {
      await writes('half')(folder);
      throw new Error('no network');
    }),
    silent,
  );
  await expect(interrupted).rejects.toThrow('no network');
  await cachedPart(
    cache,
    part('1', (folder) => writes(`${readFileSync(join(folder, 'file'), 'utf8')} whole`)(folder)),
    silent,
  );
  expect(readFileSync(join(cache, 'part/file'), 'utf8')).toBe('half whole');
});

test('fetches nothing where VIOMMUSPEC_OFFLINE=1 forbids it, and keeps what another recipe has fetched', async () => {
  const fetched = (recipe: string): CachePart => ({ ...part(recipe, writes(recipe)), fetches: 'QEMU' });
  const folder = await cachedPart(cache, fetched('1'), silent);
  vi.stubEnv('VIOMMUSPEC_OFFLINE', '1');
  await expect(cachedPart(cache, fetched('2'), silent)).rejects.toMatchObject({
    message: 'QEMU is not in the cache, and nothing is fetched (VIOMMUSPEC_OFFLINE=1).',
    exitCode: EXIT.driverDidNotStart,
  });
  expect(await cachedPart(cache, fetched('1'), silent)).toBe(folder);
  await cachedPart(cache, { ...part('made', writes('')), name: 'made here' }, silent);
  vi.unstubAllEnvs();
});

test('makes a part once when two ask for it at the same time', async () => {
  let times = 0;
  const counted = part('1', () => Promise.resolve(void times++));
  await Promise.all([cachedPart(cache, counted, silent), cachedPart(cache, counted, silent)]);
  expect(times).toBe(1);
});

test('waits for a living owner of the lock and says so', async () => {
  const unlock = await lockPart(join(cache, 'part'), silent);
  const lines: string[] = [];
  const waiting = lockPart(join(cache, 'part'), (line) => lines.push(line));
  await expect.poll(() => lines).toEqual(['waiting for another run that is filling the cache']);
  await unlock();
  await (await waiting)();
  expect(existsSync(join(cache, 'part.lock'))).toBe(false);
});

test('takes no notice of what an owner that is no more has left, whatever its process id is now', async () => {
  mkdirSync(join(cache, 'part.lock'));
  writeFileSync(join(cache, 'part.lock/pid'), String(process.ppid));
  const unlock = await lockPart(join(cache, 'part'), silent);
  await unlock();
});

test('stops waiting for the lock when it is told to', async () => {
  const unlock = await lockPart(join(cache, 'part'), silent);
  const interruption = new AbortController();
  const user = Object.assign(() => interruption.abort(), { signal: interruption.signal });
  const waiting = lockPart(join(cache, 'part'), user);
  await expect(waiting).rejects.toThrow('The run was interrupted while it waited for the cache.');
  await unlock();
});

test('says how much room is missing', async () => {
  await expect(requireSpace(cache, 2 ** 40)).rejects.toThrow(
    /^1099511627776 MiB are needed in .*, and \d+ MiB are free\.$/,
  );
});

test('says that the cache cannot be made', async () => {
  writeFileSync(join(cache, 'file'), '');
  const making = cachedPart(join(cache, 'file'), part('1', writes('')), silent);
  await expect(making).rejects.toThrow(/cannot be made/);
  await expect(making).rejects.toMatchObject({ hint: 'Set XDG_CACHE_HOME to a folder that can be written.' });
});
