import { defineCase, ENDPOINT_ID_OFFSET, hex, judgePhysical, SLOTS } from '../api/index.ts';

export default defineCase({
  id: 'topology/gap',
  title: 'An endpoint that the topology leaves out is never named in a request, and works untranslated',
  demands:
    'A function between two ranges belongs to no IOMMU. Its driver uses guest-physical addresses even if it accepted ' +
    'ACCESS_PLATFORM, and the IOMMU never hears of it. That holds too if other functions of its device are described.',
  requirements: [
    'platform/viot/undescribed-endpoints-untouched',
    'platform/device-tree/gaps-untouched',
    'platform/access-platform/physical-without',
  ],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'with-access-platform': { slot: 'gap' },
    without: { slot: 'gap', features: ['VIRTIO_F_VERSION_1'] },
    'one-function-of-three': { slot: 'fn1', topology: 'net', neighbours: { net: {}, fn2: {} } },
  } as const,

  given: ({ slot, ...row }) => ({
    ...('topology' in row && { topology: row.topology }),
    endpoints: {
      ...('neighbours' in row ? row.neighbours : { rng: {} }),
      [slot]: 'features' in row ? { features: row.features } : {},
      dma: {},
    },
  }),

  async when({ driver }, { slot }) {
    await driver.start();
    await driver.io({ endpoint: slot });
  },

  then(seen, { slot }) {
    const { bdf } = SLOTS[slot];
    const strangers = [bdf, bdf + ENDPOINT_ID_OFFSET];
    for (const request of seen.requests) {
      const { endpoint } = request.fields;
      if (endpoint === undefined) continue;
      const says = `${request.name} names ${hex(endpoint)}, a function that the topology does not describe.`;
      for (const id of [
        'platform/viot/undescribed-endpoints-untouched',
        'platform/device-tree/gaps-untouched',
      ] as const) {
        seen.check(id, !strangers.includes(endpoint), request, says);
      }
    }
    judgePhysical(seen, ['platform/access-platform/physical-without'], slot);
  },

  mustCatch: {
    'attaches-gap': 'platform/viot/undescribed-endpoints-untouched',
    'gap-translated': 'platform/access-platform/physical-without',
    'functions-taken-for-one': 'platform/access-platform/physical-without',
  },
});
