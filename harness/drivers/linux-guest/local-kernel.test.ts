import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { downloaded } from './download.ts';
import { localKernel } from './local-kernel.ts';
import { unpackArchive } from './module-archive.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-local-kernel-'));
const cache = join(scratch, 'cache');
const served = new Map<string, Buffer>();
const requests: string[] = [];
let server: Server;
let home = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    if (path === '/slow') return void response.writeHead(200, { 'content-length': '100' }).write('x');
    if (path === '/cut')
      return void response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
    if (path === '/endless') {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(1 << 18), () => setImmediate(more));
      };
      return more();
    }
    const body = served.get(path);
    response.writeHead(body ? 200 : 404, { 'content-length': String(body?.length ?? 0) }).end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(scratch, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

const quiet = (): void => {};

/** An archive of what `fill` puts into a folder. */
function archive(name: string, fill: (folder: string) => void, ...words: string[]): string {
  const folder = mkdtempSync(join(scratch, 'archive-'));
  fill(folder);
  const file = join(scratch, name);
  execFileSync('tar', ['-C', folder, '-caf', file, ...words, '.'], { stdio: 'ignore' });
  return file;
}

const modulesOf = (folder: string): void => {
  const release = join(folder, 'lib/modules/7.4.0-rc1');
  mkdirSync(join(release, 'kernel'), { recursive: true });
  writeFileSync(join(release, 'modules.builtin'), '');
  writeFileSync(join(release, 'kernel/virtio.ko'), 'module', { mode: 0o4755 });
  symlinkSync('/', join(release, 'build'));
};

describe("a folder of KernelCI's", () => {
  test('is an image and an archive of modules, fetched once', async () => {
    served.set('/build/bzImage', Buffer.from('image'));
    served.set('/build/modules.tar.xz', readFileSync(archive('modules.tar.xz', modulesOf)));
    const choice = { kernel: `${home}/build/bzImage`, modules: `${home}/build/modules.tar.xz` };
    const { kernel = '', modules = '' } = await localKernel(choice, cache, quiet);
    expect(readFileSync(kernel, 'utf8')).toBe('image');
    expect(basename(modules)).toBe('7.4.0-rc1');
    expect(readdirSync(modules).toSorted()).toEqual(['kernel', 'modules.builtin']);
    expect(statSync(join(modules, 'kernel/virtio.ko')).mode & 0o7000).toBe(0);
    expect(await localKernel(choice, cache, quiet)).toEqual({ kernel, modules });
    served.set('/build/bzImage', Buffer.from('another image'));
    const again = await localKernel(choice, cache, quiet);
    expect(readFileSync(again.kernel ?? '', 'utf8')).toBe('another image');
  });

  test('may lie on this machine, in part or whole', async () => {
    const modules = archive('here.tar.gz', modulesOf);
    const { kernel, modules: folder = '' } = await localKernel({ kernel: '/boot/vmlinuz', modules }, cache, quiet);
    expect(kernel).toBe('/boot/vmlinuz');
    expect(existsSync(join(folder, 'modules.builtin'))).toBe(true);
    expect(await localKernel({ kernel: 'trixie' }, cache, quiet)).toEqual({ kernel: 'trixie', modules: undefined });
  });
});

describe('what cannot be fetched', () => {
  test.each([
    ['/nothing', 'cannot be fetched: the server answers 404.'],
    ['/cut', 'was not fetched to its end'],
    ['/slow', 'was not fetched to its end'],
    ['/endless', 'has more than 1 MiB.'],
  ])('%s is said in a sentence', async (path, says) => {
    const fetching = downloaded(`${home}${path}`, cache, quiet, { mebibytes: 1, timeoutMs: 3000 });
    await expect(fetching).rejects.toMatchObject({
      name: 'HarnessError',
      message: expect.stringContaining(says) as string,
    });
  });

  test('is asked for once more where it is no address', async () => {
    const fetching = downloaded('https://[bad', cache, quiet);
    await expect(fetching).rejects.toMatchObject({ message: "'https://[bad' is no address.", exitCode: 2 });
  });

  test('is refused by the size that the server tells', async () => {
    served.set('/large', Buffer.alloc(3 << 20));
    const fetching = downloaded(`${home}/large`, cache, quiet, { mebibytes: 2, timeoutMs: 3000 });
    await expect(fetching).rejects.toThrow('has 3 MiB, and 2 MiB are fetched at most.');
  });

  test('is not even asked for where nothing is to be fetched', async () => {
    vi.stubEnv('VIOMMUSPEC_OFFLINE', '1');
    const before = requests.length;
    await expect(downloaded(`${home}/build/bzImage`, cache, quiet)).rejects.toThrow('VIOMMUSPEC_OFFLINE=1');
    expect(requests).toHaveLength(before);
  });

  test('has no server', async () => {
    await expect(downloaded('http://127.0.0.1:1/x', cache, quiet)).rejects.toThrow(/cannot be fetched/);
  });
});

describe('an archive that means harm', () => {
  const unpack = async (file: string, most?: number): Promise<string> => {
    const folder = mkdtempSync(join(scratch, 'unpacked-'));
    await unpackArchive(file, folder, most).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'HarnessError' });
    });
    return folder;
  };

  test.each([['../escaped'], ['/../../escaped'], [join(scratch, 'escaped')]])(
    'writes nothing to %s',
    async (target) => {
      const file = archive(
        'evil.tar.gz',
        (folder) => writeFileSync(join(folder, 'victim'), 'evil'),
        '-P',
        `--transform=s,^./victim$,${target},`,
      );
      const folder = await unpack(file);
      expect(existsSync(join(folder, 'escaped'))).toBe(false);
      expect(existsSync(join(scratch, 'escaped'))).toBe(false);
      expect(existsSync('/escaped')).toBe(false);
    },
  );

  test('writes through no link that it brings', async () => {
    const outside = mkdtempSync(join(scratch, 'outside-'));
    const file = join(scratch, 'link.tar');
    const one = mkdtempSync(join(scratch, 'one-'));
    symlinkSync(outside, join(one, 'way'));
    const two = mkdtempSync(join(scratch, 'two-'));
    mkdirSync(join(two, 'way'));
    writeFileSync(join(two, 'way/file'), 'evil');
    execFileSync('tar', ['-C', one, '-cf', file, 'way']);
    execFileSync('tar', ['-C', two, '-rf', file, 'way/file']);
    execFileSync('gzip', ['-f', file]);
    await unpack(`${file}.gz`);
    expect(readdirSync(outside)).toEqual([]);
  });

  test('is given up where it unpacks to too much', async () => {
    const file = archive('bomb.tar.gz', (folder) => writeFileSync(join(folder, 'zeros'), Buffer.alloc(8 << 20)));
    const folder = mkdtempSync(join(scratch, 'bomb-'));
    await expect(unpackArchive(file, folder, 1 << 20)).rejects.toThrow('has more than 1 MiB, unpacked.');
  });

  test('is no archive at all', async () => {
    const file = join(scratch, 'text.tar.xz');
    writeFileSync(file, 'text');
    await expect(localKernel({ modules: file }, cache, quiet)).rejects.toThrow('is not what xz unpacks.');
  });

  test('holds no modules', async () => {
    const file = archive('empty.tar.gz', () => {});
    await expect(localKernel({ modules: file }, cache, quiet)).rejects.toThrow('holds no folder lib/modules/RELEASE.');
  });
});
