import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineOf } from '../../../cases/api/default-machine.ts';
import { doctor, type Examination } from '../../driver-contract/doctor.ts';
import type { DriverSession } from '../../driver-contract/driver-session.ts';
import { readManifest, type ShimManifest } from '../../driver-contract/manifest.ts';
import { shimDriver } from '../../driver-contract/shim.ts';
import { needs } from '../../../scripts/test-tools/needs.ts';
import { named, play } from '../../runner/fixtures/play.ts';
import { expectBuffersKeptApart } from './fixtures/buffers.ts';
import { ask, SENSELESS_COMMANDS } from './fixtures/senseless-commands.ts';

const SOURCES = fileURLToPath(new URL('rust', import.meta.url));

const BUILD_MS = 300_000;
const RUN_MS = 120_000;

/** What does not get through a socket, and what the example leaves out. */
const BEYOND_EXAMPLE = new RegExp(
  [
    'INTx of a PCI function',
    'Where the endpoint writes its interrupts',
    'has no such ability here',
    'sends one request at a time',
    'use the same descriptor id',
    'did not map so much at start',
  ].join('|'),
);

let folder = '';
let manifest: ShimManifest;

/** The crate has no dependencies, so nothing is asked of a registry. */
const cargo = (subcommand: string, ...words: string[]) =>
  execa('cargo', [subcommand, '--offline', '--locked', ...words], {
    cwd: SOURCES,
    env: { CARGO_TARGET_DIR: join(folder, 'target') },
  });

describe('the Rust crate', needs('cargo'), () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viommuspec-rust-'));
    await cargo('build', '--release');
    // The manifest names a program beside it.
    await mkdir(join(folder, 'example'));
    await writeFile(join(folder, 'example/manifest.json'), await readFile(join(SOURCES, 'example/manifest.json')));
    manifest = await readManifest(join(folder, 'example/manifest.json'));
  }, BUILD_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('passes its own tests', () => cargo('test').then(() => {}), BUILD_MS);

  it(
    'has nothing that clippy takes for a mistake',
    { ...needs('cargo', 'clippy'), timeout: BUILD_MS },
    // Its opinions on style are more with each version, and the user's may be newer than ours.
    () =>
      cargo('clippy', '--all-targets', '--', '-D', 'clippy::correctness', '-D', 'clippy::suspicious').then(() => {}),
  );

  it('is formatted', needs('cargo', 'rustfmt'), () =>
    execa('cargo', ['fmt', '--all', '--check'], { cwd: SOURCES }).then(() => {}),
  );

  it(
    'gives a driver without std all that the doctor looks for',
    async () => {
      const steps: Examination[] = [];
      for await (const step of doctor(shimDriver(manifest))) steps.push(step);
      expect(steps.length).toBeGreaterThan(10);
      expect(steps.filter(({ ok }) => !ok)).toEqual([]);
    },
    RUN_MS,
  );

  it(
    'carries the example driver through the whole catalogue, of which it breaks nothing',
    async () => {
      const { footer, verdicts } = await play(shimDriver(manifest), []);
      expect(named(verdicts, 'fail')).toEqual([]);
      expect(named(verdicts, 'untested').filter((says) => !BEYOND_EXAMPLE.test(says))).toEqual([]);
      // The example has one kind of ring, and says so.
      expect(named(verdicts, 'warn').filter((says) => !says.includes('VIRTIO_F_RING_PACKED is offered'))).toEqual([]);
      expect(footer.exitCode).toBe(0);
    },
    RUN_MS,
  );

  describe('with a session of its own', () => {
    let session: DriverSession;
    beforeAll(async () => {
      session = await shimDriver(manifest).open({ topology: 'plain' });
      await session.machine.execute({ do: 'stage', setup: machineOf({}) });
    }, RUN_MS);

    it.each(SENSELESS_COMMANDS)('refuses a command that makes no sense, and goes on: %s', async (line) => {
      const answer = await ask(session, line);
      expect(answer.outcome).toBe('not-ok');
      expect(answer.reason).toMatch(/\w/);
    });

    it('refuses ranges that go beyond the last address', async () => {
      expect((await ask(session, 'start')).outcome).toBe('ok');
      expect((await ask(session, 'attach endpoint=dma domain=d1')).outcome).toBe('ok');
      for (const range of [
        'iova=0xfffffffffffff000 length=8192',
        'iova=0xffffffffffffffff length=18446744073709551615',
      ])
        expect((await ask(session, `unmap domain=d1 ${range}`)).reason).toMatch(/last address/);
    });

    it('keeps buffers apart, zeroed, and inside their bounds', async () => {
      await expectBuffersKeptApart(session);
    });

    it('ends by itself', async () => {
      await session.close();
      expect(session.endedByItself).toBe(true);
    });
  });
});
