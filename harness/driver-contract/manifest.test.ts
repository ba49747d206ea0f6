import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT, HarnessError } from '../harness-error.ts';
import { readManifest } from './manifest.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  await writeFile(join(folder, 'shim'), '', { mode: 0o755 });
  await writeFile(join(folder, 'notes'), '');
});
afterAll(() => rm(folder, { recursive: true }));

const good = {
  name: 'my-driver',
  version: '0.3',
  command: ['./shim', '--quiet'],
  transports: ['pci'],
  topologies: ['viot'],
  verbs: ['start', 'stop', 'map'],
};

async function read(content: unknown): Promise<unknown> {
  const path = join(folder, 'shim.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readManifest(path);
}

async function complaint(content: unknown): Promise<string> {
  const error: unknown = await read(content).catch((reason: unknown) => reason);
  if (!(error instanceof HarnessError)) throw new Error('no HarnessError', { cause: error });
  expect(error.exitCode).toBe(EXIT.usage);
  return error.message.replace(folder, '');
}

describe('a manifest', () => {
  it('is read with its gaps filled and its program made absolute', async () => {
    expect(await read(good)).toEqual({
      identity: {
        name: 'my-driver',
        version: '0.3',
        transports: ['pci'],
        topologies: ['viot'],
        verbs: ['start', 'stop', 'map'],
        configuration: '',
        lazyUnmap: false,
        passthrough: false,
        freshPciConfig: false,
        lineInterrupts: false,
        severalIommus: false,
        pciBridges: false,
      },
      command: join(folder, 'shim'),
      args: ['--quiet'],
      folder,
      environment: {},
      deadlines: {},
    });
  });

  it('may name a program that PATH finds', async () => {
    expect(await read({ ...good, command: ['node', 'shim.js'] })).toMatchObject({ command: 'node', args: ['shim.js'] });
  });

  it.each([
    ['a missing field', { ...good, name: undefined }, 'has a wrong field "name": expected a text, found nothing.'],
    ['a wrong word', { ...good, transports: ['usb'] }, 'has a wrong field "transports[0]": expected "pci" or "mmio".'],
    ['an unknown field', { ...good, color: 1 }, 'has an unknown field "color".'],
    ['an unknown deadline', { ...good, deadlines: { stopMs: 1 } }, 'has an unknown field "stopMs" in "deadlines".'],
    [
      'a deadline that is no time',
      { ...good, deadlines: { startMs: 0 } },
      'has a wrong field "deadlines.startMs": expected at least 1.',
    ],
    ['no command', { ...good, command: [] }, 'has a wrong field "command": expected at least 1 entry.'],
    [
      'an empty program',
      { ...good, command: [''] },
      'has an empty text in field "command[0]", where a program is expected.',
    ],
    [
      'a verb twice',
      { ...good, verbs: ['start', 'stop', 'stop'] },
      'has a wrong field "verbs": expected each entry once only.',
    ],
    [
      'no way to start',
      { ...good, verbs: ['map'] },
      'has a wrong field "verbs": expected at least "start" and "stop", which every case needs.',
    ],
    [
      'a variable without a name',
      { ...good, environment: { 'A=B': 'c' } },
      'has a wrong field "environment.A=B": expected ',
    ],
    ['a list', [], 'is not a manifest: expected an object, found a list.'],
    ['half of it', '{', 'is not JSON: it ends too early.'],
    ['a comment', '# a manifest', 'is not JSON.'],
    ['broken JSON', '{\n"name" 1}', 'is not JSON: line 2 is wrong at column 8.'],
    [
      'a program that is not there',
      { ...good, command: ['./gone'] },
      'names in field "command[0]" a program that cannot be executed: no such file or directory.',
    ],
    [
      'a program that is none',
      { ...good, command: ['./notes'] },
      'names in field "command[0]" a program that cannot be executed: permission denied.',
    ],
    ['too many bytes', ' '.repeat(70_000), 'has 70000 bytes, more than the 65536 that it may have.'],
  ])('is refused with %s', async (_why, content, sentence) => {
    expect(await complaint(content)).toContain(`The manifest /shim.json ${sentence}`);
  });

  it('is refused when it is no file', async () => {
    await expect(readManifest(folder)).rejects.toThrow(/is not a regular file\.$/);
    await expect(readManifest(join(folder, 'gone.json'))).rejects.toThrow(
      /cannot be read: no such file or directory\.$/,
    );
  });
});
