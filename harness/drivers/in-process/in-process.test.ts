import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEVICE_FAULTS, type DeviceFaultName } from '../../../reference-device/device-faults.ts';
import type { TraceEvent } from '../../../reference-device/trace-events.ts';
import { HarnessError } from '../../harness-error.ts';
import { DRIVER_FAULTS } from '../sample-driver/driver-faults.ts';
import { DRIVER_HABITS } from '../sample-driver/driver-habits.ts';
import { of, Scene } from './fixtures/scene.ts';
import { sampleDriver } from './sample-driver.ts';

const isDeviceFault = (name: string): name is DeviceFaultName => Object.hasOwn(DEVICE_FAULTS, name);

/** Every verb at least once, all of them in places where a good driver says ok. */
const TOUR = [
  'start',
  'io endpoint=rng length=64',
  'io endpoint=gap length=4096',
  'alloc endpoint=dma buffer=x length=8192 access=rw',
  'poke buffer=x offset=4096 bytes=0011aaff',
  'peek buffer=x offset=4096 length=4',
  'free endpoint=dma buffer=x',
  'regions endpoint=rng',
  'attach endpoint=dma domain=d1',
  'attach endpoint=dma2 domain=d1',
  'map domain=d1 iova=0x100000 length=8192 access=rw buffer=b1',
  'map domain=d1 iova=0x102000 length=4096 access=w buffer=b2',
  'unmap domain=d1 iova=0x100000 length=8192',
  'detach endpoint=dma domain=d1',
  'attach endpoint=rng domain=through bypass=1',
  'detach endpoint=rng domain=through',
  'io endpoint=rng length=1',
  'bypass value=1',
  'bypass value=0',
  'faults',
  'release endpoint=rng2',
  'stop',
  'start',
  'stop',
];

const SHORT_TOUR = [
  'start',
  'io endpoint=rng length=64',
  'attach endpoint=dma domain=d1',
  'map domain=d1 iova=0x100000 length=8192 access=rw buffer=b1',
  'unmap domain=d1 iova=0x100000 length=8192',
  'stop',
];

async function tour(scene: Scene, lines: readonly string[] = TOUR): Promise<string[]> {
  const outcomes: string[] = [];
  for (const line of lines) outcomes.push((await scene.ask(line)).outcome);
  return outcomes;
}

describe('the sample driver in front of the device model', () => {
  it.each([
    'plain',
    'iommu-behind-itself',
    'all-node-types',
    'two-iommus',
    'three-iommus',
    'device-tree-iommus',
    'bridged',
  ] as const)('carries out every verb on the topology %s, with every request answered with OK', async (topology) => {
    const scene = await Scene.with({ topology });
    expect(await tour(scene)).toEqual(TOUR.map(() => 'ok'));
    const trace = await scene.trace();
    expect(of(trace, 'completion').map(({ status }) => status)).toEqual(of(trace, 'request').map(() => 0));
    expect(of(trace, 'dma').every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect([...of(trace, 'ring-break'), ...of(trace, 'unannounced-buffers')]).toEqual([]);
    expect(new Set(of(trace, 'request').map(({ name }) => name)).size).toBe(5);
    expect(scene.session.takeLog()).toBe('');
  });

  it('gives back the values of the contract', async () => {
    const scene = await Scene.with();
    await scene.ask('start');
    const { values } = await scene.ask('alloc endpoint=dma buffer=x length=8192 access=rw');
    const iova = BigInt(String(values['iova']));
    expect(await scene.dma('dma', iova + 8188n)).toBe('ok');
    expect((await scene.ask('peek buffer=x offset=8188 length=4')).values).toEqual({ bytes: '01020304' });
    await scene.ask('free endpoint=dma buffer=x');
    expect(await scene.dma('dma', iova)).toBe('fault');
    expect((await scene.ask('faults')).values).toEqual({
      faults: [`mapping endpoint=0x120 address=0x${iova.toString(16)}`],
    });
    expect((await scene.ask('faults')).values).toEqual({ faults: [] });
    expect((await scene.ask('regions endpoint=dma')).values).toEqual({ regions: ['0xfee00000 0xfeefffff msi'] });
    expect((await scene.ask('io endpoint=rng length=64')).values).toEqual({ bytes: 64 });
  });

  it('brings everything back after the device has asked for a reset', async () => {
    const scene = await Scene.with();
    await scene.ask('start');
    await scene.ask('attach endpoint=dma domain=d1');
    await scene.ask('map domain=d1 iova=0x100000 length=4096 access=rw buffer=b');
    await scene.session.machine.execute({ do: 'need-reset' });
    expect((await scene.ask('io endpoint=rng length=64')).outcome).toBe('ok');
    expect(await scene.dma('dma', 0x10_0000n)).toBe('ok');
  });

  it('leaves described endpoints alone and drives the others if the IOMMU gives no MAP_UNMAP', async () => {
    const scene = await Scene.with({ features: ['VIRTIO_F_VERSION_1'] });
    expect(await scene.ask('start')).toMatchObject({ outcome: 'not-ok' });
    expect((await scene.ask('io endpoint=gap length=64')).outcome).toBe('ok');
    expect((await scene.ask('io endpoint=rng length=64')).outcome).toBe('not-ok');
    const trace = await scene.trace();
    expect(of(trace, 'exposed').every(({ endpoint }) => endpoint === 'gap')).toBe(true);
  });

  it.each(Object.keys(DEVICE_FAULTS).filter(isDeviceFault))('survives a device that is told: %s', async (fault) => {
    const faults = (['ATTACH', 'MAP', 'UNMAP', 'PROBE', 'DETACH'] as const).map((request) => ({
      name: fault,
      request,
      nth: 2,
      status: 4,
    }));
    const scene = await Scene.with({ faults });
    expect((await tour(scene)).at(-1)).toBe('ok');
  });

  it.each([
    [2, 1],
    [16, 8],
    [1024, 1024],
  ])('works with queues of at most %i and %i entries', async (requestq, eventq) => {
    expect(await tour(await Scene.with({ queueSizes: [requestq, eventq] }))).toEqual(TOUR.map(() => 'ok'));
  });

  it('gives a device up whose requestq has no room for a request', async () => {
    const scene = await Scene.with({ queueSizes: [1, 1] });
    expect(await scene.ask('start')).toMatchObject({ outcome: 'not-ok' });
    expect(of(await scene.trace(), 'notification').filter(({ device }) => device === 'iommu')).toEqual([]);
  });
});

/** What each mistake leaves in the trace of the tour, or in the answers. */
const TRACES: Readonly<Record<string, (trace: readonly TraceEvent[], outcomes: readonly string[]) => boolean>> = {
  'no-reset-at-start': (trace) =>
    of(trace, 'register-write').find(({ field }) => field === 'device_status')?.value === 1n,
  'skips-features-ok': (trace) => of(trace, 'features').length === 0,
  'map-end-exclusive': (trace) =>
    of(trace, 'request').some(({ name, fields }) => name === 'MAP' && fields.virt_end! % 2n === 0n),
  'map-32-bit-truncation': (trace) =>
    of(trace, 'request').some(({ name, fields }) => name === 'MAP' && fields.virt_end === 0xffff_ffffn),
  'map-phys-32-bit-truncation': (trace) =>
    of(trace, 'request').some(
      ({ fields }) => (fields.phys_start ?? 0n) >> 32n === 0n && fields.phys_start !== undefined,
    ),
  'unmap-never-sent': (trace) => of(trace, 'request').every(({ name }) => name !== 'UNMAP'),
  'probe-skipped': (trace) => of(trace, 'request').every(({ name }) => name !== 'PROBE'),
  'probe-buffer-without-tail': (trace) =>
    of(trace, 'request').some(({ name, writableLength }) => name === 'PROBE' && writableLength === 512),
  'takes-bdf-for-endpoint-id': (trace) => of(trace, 'request').some(({ fields }) => fields.endpoint === 0x18),
  'attaches-gap': (trace) =>
    of(trace, 'request').some(({ name, fields }) => name === 'ATTACH' && fields.endpoint === 0x128) ||
    of(trace, 'completion').some(({ status }) => status === 6),
  'tail-missing': (trace) => of(trace, 'request').every(({ writableLength }) => writableLength === 0),
  'head-reserved-left': (trace) => of(trace, 'request').every(({ bytes }) => bytes.slice(2, 8) === 'a5a5a5'),
  'rng-physical-addresses': (trace) =>
    of(trace, 'exposed').some(({ endpoint, reachable }) => endpoint === 'rng' && !reachable),
  'rng-keeps-mapping': (_, outcomes) => outcomes.every((outcome) => outcome === 'ok'),
  'chain-loops': (trace) => of(trace, 'ring-break').length > 0,
  'available-ring-misaligned': (trace) => of(trace, 'queue-enabled').some(({ driver }) => driver % 2n === 1n),
  'notify-32-bit': (trace) => of(trace, 'notification').some(({ width }) => width === 4),
  'kick-forgotten': (trace) => of(trace, 'unannounced-buffers').length > 0,
  'vector-not-read-back': (trace) => of(trace, 'register-read').every(({ field }) => field !== 'queue_msix_vector'),
};

describe('a named mistake', () => {
  it.each(Object.keys(TRACES))('shows: %s', async (fault) => {
    const scene = await Scene.with({}, [fault]);
    const outcomes = await tour(scene);
    expect(TRACES[fault]!(await scene.trace(), outcomes)).toBe(true);
  });

  it.each(Object.keys(DRIVER_FAULTS))('neither crashes the driver nor keeps it from stopping: %s', async (fault) => {
    const scene = await Scene.with({ endpoints: { rng: {}, dma: {} } }, [fault]);
    expect((await tour(scene, SHORT_TOUR)).at(-1)).toBe('ok');
  });

  it('is switched somewhere in the driver', () => {
    const folder = new URL('../sample-driver/', import.meta.url);
    const sources = readdirSync(folder).filter(
      (name) => !/^driver-(faults|habits)/.test(name) && !name.endsWith('.test.ts'),
    );
    const text = sources.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const names = [...Object.keys(DRIVER_FAULTS), ...Object.keys(DRIVER_HABITS)];
    expect(names.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
  });

  it('that does not exist is refused, with names that come near', () => {
    expect(() => sampleDriver({ faults: ['map-never-done'] })).toThrow(HarnessError);
    try {
      sampleDriver({ faults: ['map-never-done'] });
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2, hint: expect.stringContaining('map-never-sent') });
    }
  });
});

describe('a session', () => {
  it('gives the same trace whatever ran before in the same memory', async () => {
    const first = await Scene.with();
    await tour(first);
    const expected = await first.trace();
    await first.session.close();
    const other = await Scene.with({}, ['bypass-flag-always']);
    await tour(other);
    await other.session.close();
    const again = await Scene.with();
    await tour(again);
    expect(await again.trace()).toEqual(expected);
  });

  it('refuses machine commands after it has been closed', async () => {
    const { session } = await Scene.with();
    await session.close();
    await expect(session.machine.execute({ do: 'idle' })).rejects.toThrow(HarnessError);
  });
});
