/** The sample driver with every feature that changes how queues work, in front of the device that offers it. */
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { FeatureName, TraceEvent } from '../../../cases/api/vocabulary.ts';
import { judgedNotifications } from '../../../cases/monitors/due-notifications.ts';
import { queueLives } from '../../../cases/monitors/queue-lives.ts';
import { ringPositions } from '../../../cases/monitors/ring-positions.ts';
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
  const session = await sampleDriver({ faults: [] }).open({ topology: 'plain' });
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
    breaks: trace.filter(({ kind }) => kind === 'ring-break'),
    wrong: ['iommu', 'rng'].flatMap((device) => wrongNotifications(trace, device, features)),
    misplaced: trace.filter(
      (event) =>
        event.kind === 'notification' &&
        features.includes('VIRTIO_F_NOTIFICATION_DATA') &&
        event.value >>> 16 !== event.ring?.position,
    ),
  };
}

/** Notifications of `device` that are missing or needless. */
function wrongNotifications(trace: readonly TraceEvent[], device: string, features: readonly FeatureName[]) {
  const packed = features.includes('VIRTIO_F_RING_PACKED');
  const eventIdx = features.includes('VIRTIO_F_EVENT_IDX');
  const events = trace.filter((event) => 'device' in event && event.device === device);
  return queueLives({ events }).flatMap((life) => {
    const rules = { packed, eventIdx, positions: ringPositions(packed, life.enabled.size) };
    return judgedNotifications(life, rules).filter(({ what }) => what === 'missing' || what === 'needless');
  });
}

const CLEAN = { refusals: [], breaks: [], wrong: [], misplaced: [] };

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
