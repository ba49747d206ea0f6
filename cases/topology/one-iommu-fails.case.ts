import { defineCase, hex } from '../api/index.ts';

export default defineCase({
  id: 'topology/one-iommu-fails',
  title: 'If one of two IOMMUs cannot be brought up, only its own endpoints are left alone',
  demands:
    'An endpoint depends on its own IOMMU. Where that one refuses to work, the endpoint must not be driven untranslated, and those ' +
    'behind the other should not suffer for it.',
  requirements: ['platform/order/no-dma-before-iommu', 'platform/iommus/independent'],
  needs: { verbs: ['start', 'io'] },

  vary: {
    'second-fails': { fails: 'iommu2', lost: 'rng2', kept: 'rng' },
    'first-fails': { fails: 'iommu', lost: 'rng', kept: 'rng2' },
  } as const,

  given: ({ fails }) => ({
    topology: 'two-iommus',
    endpoints: { rng: {}, rng2: {} },
    faults: [{ name: 'refuse-features-ok', device: fails }],
  }),

  async when({ driver }, { kept }) {
    // A driver may call that a failure.
    await driver.try.start();
    await driver.io({ endpoint: kept });
  },

  then(seen, { fails, lost, kept }) {
    const refused = seen.of('features').find(({ device, kept: stands }) => device === fails && !stands);
    for (const { ok, answer } of seen.calls('io')) {
      seen.check(
        'platform/iommus/independent',
        refused ? ok : ok && undefined,
        answer,
        `A transfer by ${kept}, which is behind the other IOMMU, fails: ${answer.reason ?? 'no reason given'}.`,
      );
    }
    if (!refused) {
      seen.untested(`The driver did not negotiate features with ${fails}.`);
      return;
    }
    const exposed = seen.of('exposed').find(({ endpoint }) => endpoint === lost);
    seen.check(
      'platform/order/no-dma-before-iommu',
      exposed === undefined,
      exposed ?? refused,
      `The driver of ${lost} gave it address ${hex(exposed?.address ?? 0)} although ${fails} refused to work.`,
    );
  },

  mustCatch: {
    'endpoints-without-iommu': 'platform/order/no-dma-before-iommu',
    'one-iommu-lost-all-lost': 'platform/iommus/independent',
  },
});
