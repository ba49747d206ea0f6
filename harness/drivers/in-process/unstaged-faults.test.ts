/**
 * Mistakes that no case brings out are committed all the same: each shows in a scene made for it, where the driver without it
 * does as it should.
 */
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { Given } from '../../../cases/api/vocabulary.ts';
import type { EventOf, RequestName, TraceEvent } from '../../../reference-device/trace-events.ts';
import { SampleDriver } from '../sample-driver/driver.ts';
import type { DriverFaultName } from '../sample-driver/driver-faults.ts';
import type { UNSTAGED_FAULTS } from '../sample-driver/driver-faults-unstaged.ts';
import { of, Scene } from './fixtures/scene.ts';
import { LocalMachine } from './local-machine.ts';

const LAST_PAGE = 0xffff_ffff_ffff_f000n;
const WHOLE = { input_range: { start: 0n, end: 0xffff_ffff_ffff_ffffn } };
const REGION = { subtype: 0, start: 0x4000_0000n, end: 0x4000_ffffn };
const BUFFER = 'length=4096 access=rw';

interface Played {
  readonly outcomes: readonly string[];
  readonly trace: readonly TraceEvent[];
  /** Of one write by `dma` to `dmaAt`, after everything. */
  readonly dma: string | undefined;
}

interface Trial {
  readonly given: Given;
  readonly lines: readonly string[];
  readonly dmaAt?: bigint;
  /** Whether the mistake shows. */
  readonly shows: (played: Played) => boolean;
}

const requests = ({ trace }: Played, name: RequestName): EventOf<'request'>[] =>
  of(trace, 'request').filter((request) => request.name === name);

const inTurn = (count: number, line: (index: number) => readonly string[]): string[] =>
  Array.from({ length: count }, (_, index) => line(index)).flat();

type ShownElsewhere = 'event-early';

const TRIALS: Readonly<Record<Exclude<keyof typeof UNSTAGED_FAULTS, ShownElsewhere>, Trial>> = {
  'first-regions-only': {
    given: { endpoints: { dma: {}, dma2: { resvMem: [REGION] } } },
    lines: [
      'start',
      'attach endpoint=dma domain=d',
      'attach endpoint=dma2 domain=d',
      `map domain=d iova=0x40000000 buffer=b ${BUFFER}`,
    ],
    shows: (played) => requests(played, 'MAP').some(({ fields }) => fields.virt_start === REGION.start),
  },
  'doorbell-mmio-without-feature': {
    given: {
      endpoints: { rng: { resvMem: [] } },
      features: ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP', 'VIRTIO_IOMMU_F_PROBE'],
    },
    lines: ['start'],
    shows: (played) => requests(played, 'MAP').some(({ fields: { flags = 0 } }) => (flags & 4) !== 0),
  },
  'unmap-top': {
    given: { endpoints: { dma: {} }, config: WHOLE },
    lines: [
      'start',
      'attach endpoint=dma domain=d',
      `map domain=d iova=0x${LAST_PAGE.toString(16)} buffer=b ${BUFFER}`,
      `unmap domain=d iova=0x${LAST_PAGE.toString(16)} length=4096`,
    ],
    dmaAt: LAST_PAGE,
    shows: ({ outcomes, dma }) => outcomes.at(-1) === 'ok' && dma === 'ok',
  },
  'top-overflow': {
    given: { endpoints: { dma: {} }, config: WHOLE },
    lines: ['start', `alloc endpoint=dma buffer=b ${BUFFER}`],
    shows: ({ outcomes }) => outcomes.at(-1) !== 'ok',
  },
  'table-cap-64': {
    given: { endpoints: { dma: {} } },
    lines: [
      'start',
      'attach endpoint=dma domain=d',
      ...inTurn(65, (index) => [`map domain=d iova=0x${(0x10_0000 + index * 0x1000).toString(16)} buffer=b ${BUFFER}`]),
      'unmap domain=d iova=0x140000 length=4096',
    ],
    dmaAt: 0x14_0000n,
    shows: ({ outcomes, dma }) => outcomes.at(-1) === 'ok' && dma === 'ok',
  },
  'domain-leak': {
    given: { endpoints: { rng2: {} }, config: { domain_range: { start: 1, end: 4 } } },
    lines: ['start', ...inTurn(6, () => ['unplug endpoint=rng2', 'plug endpoint=rng2'])],
    shows: (played) => requests(played, 'ATTACH').some(({ fields: { domain = 0 } }) => domain > 4),
  },
  'error-path-keeps-mapping': {
    given: {
      topology: 'net',
      endpoints: { net: {} },
      faults: [{ name: 'status-of-request', request: 'MAP', nth: 2, status: 8 }],
    },
    lines: ['start'],
    shows: (played) => requests(played, 'MAP').length === 2 && requests(played, 'UNMAP').length === 0,
  },
  'disk-status-misread': {
    given: { topology: 'disk', endpoints: { disk: {} } },
    lines: ['start', 'io endpoint=disk length=512'],
    shows: ({ outcomes }) => outcomes.at(-1) !== 'ok',
  },
};

async function played({ given, lines, dmaAt }: Trial, faults: readonly string[]): Promise<Played> {
  const scene = await Scene.with(given, faults);
  const outcomes: string[] = [];
  for (const line of lines) outcomes.push((await scene.ask(line)).outcome);
  const dma = dmaAt === undefined ? undefined : await scene.dma('dma', dmaAt);
  const trace = await scene.trace();
  await scene.session.close();
  return { outcomes, trace, dma };
}

describe('a mistake that no case brings out', () => {
  it.each(Object.entries(TRIALS))('shows: %s', async (fault, trial) => {
    expect([trial.shows(await played(trial, [])), trial.shows(await played(trial, [fault]))]).toEqual([false, true]);
  });

  it.each([[[]], [['event-early']]] satisfies [DriverFaultName[]][])(
    'shows in a record that is overwritten: %j',
    async (faults) => {
      const machine = new LocalMachine();
      const { memory, functions, ...rest } = machine.platform({ topology: 'plain' }, () => {});
      const buffers: number[] = [];
      /** A device that has the next record ready the moment that a buffer comes back. */
      const overwriting = functions.map((pci) => ({
        ...pci,
        writeBar: (bar: number, offset: number, data: DataView): void => {
          pci.writeBar(bar, offset, data);
          const isEventKick = pci.name === 'iommu' && bar === 0 && offset >= 0x3000 && data.getUint16(0, true) === 1;
          if (isEventKick) for (const at of buffers) memory.bytes.fill(0xee, at, at + 24);
        },
      }));
      const driver = new SampleDriver({ ...rest, memory, functions: overwriting }, new Set(faults));
      await machine.execute({ do: 'stage', setup: machineOf({ endpoints: { dma: {} } }) });
      driver.command('start', {});
      await machine.execute({ do: 'dma', endpoint: 'dma', address: 0xbad_0000n, length: 4, access: 'write' });
      const { trace = [] } = await machine.execute({ do: 'take-trace' });
      const chains = of(trace, 'chain').filter(({ device, queue }) => device === 'iommu' && queue === 1);
      buffers.push(...chains.flatMap(({ descriptors }) => descriptors.map(({ addr }) => Number(addr - memory.base))));
      const { values } = driver.command('faults', {});
      await machine.close();
      const told = ['mapping endpoint=0x120 address=0xbad0000'];
      if (faults.length === 0) expect(values).toEqual({ faults: told });
      else expect(values).not.toEqual({ faults: told });
    },
  );
});
