import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { DriverSession } from '../../driver-contract/driver-session.ts';
import { readManifest, type ShimManifest } from '../../driver-contract/manifest.ts';
import { shimDriver } from '../../driver-contract/shim.ts';
import { needs, toolProgram } from '../../../scripts/test-tools/needs.ts';
import { named, play } from '../../runner/fixtures/play.ts';
import { expectBuffersKeptApart } from './fixtures/buffers.ts';
import { ask, SENSELESS_COMMANDS } from './fixtures/senseless-commands.ts';

const SOURCES = fileURLToPath(new URL('c', import.meta.url));

/** A build with sanitizers takes a while on a busy machine. */
const BUILD_MS = 180_000;
const RUN_MS = 120_000;

/** What does not get through a socket, and endpoints that the example has no driver for. */
const BEYOND_EXAMPLE = new RegExp(
  [
    'INTx of a PCI function',
    'queue of that number that holds a request',
    'Where the endpoint writes its interrupts',
    'has no such ability here',
    'use the same descriptor id',
    'did not map so much at start',
    'no queue of that number that holds',
  ].join('|'),
);

/** What it is reminded of in any case: it has one kind of ring. */
const BEYOND: ReadonlySet<string> = new Set(['reserved-features/driver/accept-ring-packed']);

/** What a sanitizer says before it ends the program. */
const COMPLAINT = /Sanitizer|runtime error/;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viommuspec-shim-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The manifest of a driver that was built into `folder`. */
async function built(name: 'example' | 'skeleton', environment: Record<string, string> = {}): Promise<ShimManifest> {
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, 'manifest.json');
  await copyFile(join(SOURCES, name, 'manifest.json'), path);
  const manifest = await readManifest(path);
  return { ...manifest, environment: { ...manifest.environment, ...environment } };
}

describe('the C library', needs('cc', 'make'), () => {
  beforeAll(async () => {
    await execa('make', ['-C', SOURCES, 'SANITIZE=1', `BUILD=${join(folder, 'build')}`]);
  }, BUILD_MS);

  it(
    'carries a driver through the whole catalogue, over PCI and MMIO, and no sanitizer complains',
    async () => {
      const { footer, verdicts } = await play(shimDriver(await built('example')), []);
      expect(named(verdicts, 'fail')).toEqual([]);
      expect(named(verdicts, 'untested').filter((says) => !BEYOND_EXAMPLE.test(says))).toEqual([]);
      expect(verdicts.filter(({ driverLog }) => COMPLAINT.test(driverLog))).toEqual([]);
      // The example has one kind of ring, and says so.
      expect(named(verdicts, 'warn').filter((says) => !says.includes('VIRTIO_F_RING_PACKED is offered'))).toEqual([]);
      expect(footer.exitCode).toBe(0);
    },
    RUN_MS,
  );

  it.each([
    ['unmap-never-sent', 'dma/after-unmap', 'platform/free/unmapped-when-freed'],
    ['end-exclusive', 'map/end-after-start', 'iommu/prose/granule'],
    ['ignores-reserved-regions', 'resv-mem/boundaries', 'iommu/driver/resv-mem/no-map-in-reserved'],
    ['bdf-for-endpoint-id', 'topology/endpoint-ids', 'platform/viot/endpoint-ids'],
    ['ignores-status', 'operations/map-refused', 'iommu/safety/failed-map-reported'],
  ])(
    'carries a driver that makes a mistake, which is found: %s',
    async (fault, glob, requirement) => {
      const { verdicts } = await play(shimDriver(await built('example', { EXAMPLE_FAULT: fault })), [glob]);
      expect(verdicts.flatMap(({ findings }) => findings.map(({ requirement }) => requirement))).toContain(requirement);
    },
    RUN_MS,
  );

  it.each([
    ['keeps-bounce-buffers', ['free/*']],
    ['unmaps-by-teardown', ['free/*', 'dma/*', 'unmap/*']],
    ['unmaps-by-teardown,domain-numbers-used-once', ['free/*', 'dma/*', 'unmap/*']],
    ['bypass-written-twice', ['bypass/*']],
    ['one-event-buffer', ['fault-reporting/*']],
    ['newest-fault-only', ['fault-reporting/*']],
  ])(
    'carries a driver with a habit, which is blamed for nothing: %s',
    async (habits, globs) => {
      const { verdicts } = await play(shimDriver(await built('example', { EXAMPLE_HABITS: habits })), globs);
      const blamed = verdicts.flatMap(({ findings }) => findings.map(({ requirement }) => requirement));
      expect(blamed.filter((requirement) => !BEYOND.has(requirement))).toEqual([]);
    },
    RUN_MS,
  );

  describe('with a session of its own', () => {
    let session: DriverSession;
    beforeAll(async () => {
      session = await shimDriver(await built('example')).open({ topology: 'plain' });
      await session.machine.execute({ do: 'stage', setup: machineOf({}) });
    }, RUN_MS);

    it.each(SENSELESS_COMMANDS)('refuses a command that makes no sense, and goes on: %s', async (line) => {
      const answer = await ask(session, line);
      expect(answer.outcome).toBe('not-ok');
      expect(answer.reason).toMatch(/\w/);
    });

    it('keeps buffers apart, zeroed, and inside their bounds', async () => {
      expect((await ask(session, 'start')).outcome).toBe('ok');
      await expectBuffersKeptApart(session);
    });

    it('ends by itself, and has given everything back', async () => {
      await session.close();
      expect(session.endedByItself).toBe(true);
      expect(session.takeLog()).not.toMatch(COMPLAINT);
    });
  });

  const withPkgConfig = needs('cc', 'make', 'pkg-config');
  it(
    'is installed with what pkg-config needs, and the skeleton is built against that alone',
    withPkgConfig,
    async () => {
      const prefix = join(folder, 'usr');
      await execa('make', ['-C', SOURCES, 'install', `BUILD=${join(folder, 'plain')}`, `PREFIX=${prefix}`]);
      const { command, args } = toolProgram('pkg-config');
      const environment = { env: { PKG_CONFIG_PATH: join(prefix, 'lib/pkgconfig') } };
      const { stdout } = await execa(command, [...args, '--cflags', '--libs', 'viommuspec'], environment);
      const flags = [`-I${prefix}/include`, `-L${prefix}/lib`, '-lviommuspec'];
      expect(stdout.trim().split(/\s+/)).toEqual(flags);
      await mkdir(join(folder, 'alone'), { recursive: true });
      await execa('cc', ['-o', join(folder, 'alone/driver'), join(SOURCES, 'skeleton/main.c'), ...flags]);
    },
  );
});

/** What PORTING.md makes of the skeleton: its manifest, and its three insertions, each before the line that it names. */
async function guided(): Promise<ShimManifest> {
  const page = await readFile(join(SOURCES, '../PORTING.md'), 'utf8');
  const [global = '', check = ''] = [...page.matchAll(/```c\n(.*?)```/gs)].map(([, code = '']) => code);
  const skeleton = await readFile(join(SOURCES, 'skeleton/main.c'), 'utf8');
  const place = join(folder, 'guided');
  await mkdir(place, { recursive: true });
  const assignment = /`(last\.iova = iova, [^`]*)`/.exec(page)?.[1] ?? '';
  const source = skeleton
    .replace('static const char *map(', `${global}\nstatic const char *map(`)
    .replace('\treturn (iova | length)', `\t${assignment}\n\treturn (iova | length)`)
    .replace('\treturn send(&request, 28);', `${check}\treturn send(&request, 28);`);
  await writeFile(join(place, 'main.c'), source);
  await writeFile(join(place, 'manifest.json'), /```json\n(.*?)```/s.exec(page)?.[1] ?? '');
  const library = [`-I${SOURCES}/include`, `-L${folder}/plain`, '-lviommuspec'];
  await execa('make', ['-C', SOURCES, `BUILD=${folder}/plain`, `${folder}/plain/libviommuspec.a`]);
  await execa('cc', ['-Wall', '-Werror', '-o', join(place, 'driver'), join(place, 'main.c'), ...library]);
  return readManifest(join(place, 'manifest.json'));
}

describe('the skeleton driver', needs('cc', 'make'), () => {
  it(
    'is mended by what PORTING.md says',
    async () => {
      const before = await play(shimDriver(await built('skeleton')), ['unmap/part:first-page']);
      expect(named(before.verdicts, 'fail')).toHaveLength(1);
      const after = await play(shimDriver(await guided()), ['unmap/part:first-page']);
      expect(after.verdicts.map(({ verdict }) => verdict)).toEqual(['warn']);
    },
    RUN_MS,
  );

  it(
    'fails what its author has still to do, and nothing else',
    async () => {
      const globs = ['map/*', 'dma/*', 'unmap/*', 'config-layout/page-size-mask', 'topology/endpoint-ids', 'probe/*'];
      const { verdicts } = await play(shimDriver(await built('skeleton')), globs);
      const findings = verdicts.flatMap(({ findings }) => findings);
      const broken = findings.filter(({ verdict }) => verdict === 'fail').map(({ requirement }) => requirement);
      expect([...new Set(broken)].toSorted()).toEqual([
        'iommu/driver/unmap/end-on-boundary',
        'iommu/driver/unmap/start-on-boundary',
        'iommu/prose/granule',
        'iommu/prose/unmap-whole-mappings',
      ]);
    },
    RUN_MS,
  );
});
