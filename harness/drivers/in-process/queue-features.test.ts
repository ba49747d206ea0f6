/** The sample driver with every feature that changes how queues work, in front of the device that offers it. */
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { FeatureName } from '../../../cases/api/vocabulary.ts';
import type { DeviceFaultName } from '../../../reference-device/device-faults.ts';
import { sampleDriver } from './sample-driver.ts';

const IOMMU: readonly FeatureName[] = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_PROBE',
];

const FEATURES: readonly FeatureName[] = [
  'VIRTIO_F_RING_PACKED',
  'VIRTIO_F_EVENT_IDX',
  'VIRTIO_F_INDIRECT_DESC',
  'VIRTIO_F_IN_ORDER',
  'VIRTIO_F_NOTIFICATION_DATA',
  'VIRTIO_F_NOTIF_CONFIG_DATA',
];

/** Every set of these features. */
const SETS = Array.from({ length: 1 << FEATURES.length }, (_, bits) => FEATURES.filter((_, at) => (bits >> at) & 1));

const LAPS = 40;

/** What a good driver answers ok to, several times round a small ring. */
const COMMANDS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['start', {}],
  ['attach', { endpoint: 'dma', domain: 'd1' }],
  ...Array.from({ length: LAPS }, (_, lap): [string, Record<string, string>][] => {
    const iova = `0x${(0x10_0000 + lap * 0x1000).toString(16)}`;
    return [
      ['map', { domain: 'd1', iova, length: '4096', access: 'rw', buffer: 'b' }],
      ['io', { endpoint: 'rng', length: '64' }],
      ['unmap', { domain: 'd1', iova, length: '4096' }],
    ];
  }).flat(),
  ['stop', {}],
];

async function play(features: readonly FeatureName[], faults: readonly DeviceFaultName[]) {
  const session = await sampleDriver({ faults: [] }).open('plain');
  const setup = machineOf({
    features: [...IOMMU, ...features],
    queueSizes: [8, 4],
    endpoints: { dma: {}, rng: { features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM', ...features] } },
    faults,
  });
  await session.machine.execute({ do: 'stage', setup });
  const refusals: string[] = [];
  for (const [verb, args] of COMMANDS) {
    const { outcome, reason } = await session.command({ verb, args });
    if (outcome !== 'ok') refusals.push(`${verb}: ${reason}`);
  }
  const { trace = [] } = await session.machine.execute({ do: 'take-trace' });
  await session.close();
  return {
    refusals,
    breaks: trace.filter(({ kind }) => kind === 'ring-break' || kind === 'missed-notification'),
    needless: trace.filter((event) => event.kind === 'notification' && event.wanted === false),
    misplaced: trace.filter(
      (event) =>
        event.kind === 'notification' &&
        event.data !== undefined &&
        (event.data.next_off | (event.data.next_wrap << 15)) !== event.data.position,
    ),
  };
}

const CLEAN = { refusals: [], breaks: [], needless: [], misplaced: [] };

describe('the sample driver', () => {
  it.each(SETS.map((set) => [set.map((name) => name.slice('VIRTIO_F_'.length)).join(' ') || 'nothing', set] as const))(
    'goes round its rings with %s',
    async (_, features) => {
      expect(await play(features, [])).toEqual(CLEAN);
    },
  );

  it.each(['batch-used-entries', 'suppress-notifications', 'spurious-interrupt'] as const)(
    'lives with %s in every format',
    async (fault) => {
      for (const ring of [[], ['VIRTIO_F_RING_PACKED']] as const) {
        for (const event of [[], ['VIRTIO_F_EVENT_IDX']] as const) {
          expect(await play([...ring, ...event, 'VIRTIO_F_IN_ORDER'], [fault])).toEqual(CLEAN);
        }
      }
    },
  );
});
