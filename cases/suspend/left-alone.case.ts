import { defineCase, type Scene } from '../api/index.ts';

const IOVA = 0x10_0000n;
const LENGTH = 0x1000;
const UNMAPPED = 0x80_0000n;

type Temptation = (scene: Scene) => Promise<unknown>;

/** What the driver is asked for while the device rests. Its own answer may be anything: it may let the device go on. */
const TEMPTATIONS = {
  nothing: async () => {},
  'to-map': ({ driver }) => driver.try.map({ iova: IOVA + 0x1000n, length: LENGTH, access: 'read' }),
  'to-unmap': ({ driver }) => driver.try.unmap({ iova: IOVA, length: LENGTH }),
  'to-set-bypass': ({ driver }) => driver.try.bypass({ value: 1 }),
  'to-report-faults': ({ driver }) => driver.try.faults(),
} as const satisfies Readonly<Record<string, Temptation>>;

export default defineCase({
  id: 'suspend/left-alone',
  title: 'A suspended device gets no buffer, no notification and no write to its configuration',
  demands:
    'From the moment in which the driver sets SUSPEND it may neither put buffers on a queue, event buffers among them, nor notify the ' +
    'device, nor write bypass. A driver that is asked for something refuses it, or lets the device go on first.',
  requirements: [
    'core/driver/suspend/no-new-buffers',
    'core/driver/suspend/no-notifications',
    'core/driver/suspend/no-config-change',
  ],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'], optionalVerbs: ['suspend', 'resume'] },

  vary: TEMPTATIONS,

  given: () => ({
    features: [
      'VIRTIO_F_VERSION_1',
      'VIRTIO_F_SUSPEND',
      'VIRTIO_IOMMU_F_MAP_UNMAP',
      'VIRTIO_IOMMU_F_DOMAIN_RANGE',
      'VIRTIO_IOMMU_F_INPUT_RANGE',
      'VIRTIO_IOMMU_F_BYPASS_CONFIG',
    ],
    endpoints: { dma: {} },
  }),

  async when(scene, temptation) {
    const { driver, machine } = scene;
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length: LENGTH, access: 'read-write' });
    // Its record waits, so that there is an event buffer to be given back.
    await machine.dma({ endpoint: 'dma', address: UNMAPPED, access: 'read', label: 'provoked' });
    await driver.suspend();
    await temptation(scene);
    await driver.resume();
  },

  mustCatch: {
    'suspended-requests-sent': 'core/driver/suspend/no-new-buffers',
    'suspended-event-buffers-returned': 'core/driver/suspend/no-new-buffers',
    'suspend-kicks-late': 'core/driver/suspend/no-notifications',
    'suspended-bypass-written': 'core/driver/suspend/no-config-change',
    'suspend-turns-bypass-on': 'core/driver/suspend/no-config-change',
  },
});
