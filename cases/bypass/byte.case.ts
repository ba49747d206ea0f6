import { defineCase } from '../api/index.ts';

const BYPASS_OFFSET = 36;

export default defineCase({
  id: 'bypass/byte',
  title: 'The driver writes 0 or 1, one byte wide, to bypass, and nothing else in the configuration',
  demands:
    'With BYPASS_CONFIG the driver may write the field bypass, and no other. It writes 1 to let unattached endpoints through ' +
    'and 0 to stop them.',
  requirements: [
    'iommu/driver/config/bypass-value-0-or-1',
    'iommu/driver/config/no-other-config-writes',
    'pci/driver/layout/access-width',
    'platform/contract/done-as-asked',
  ],
  needs: { verbs: ['start'], optionalVerbs: ['bypass'] },

  given: () => ({}),

  async when({ driver }) {
    await driver.start();
    await driver.bypass({ value: 1 });
    await driver.bypass({ value: 0 });
  },

  then(seen) {
    const writes = seen
      .of('register-write')
      .filter(
        ({ device, structure, offset }) => device === 'iommu' && structure === 'device' && offset === BYPASS_OFFSET,
      );
    for (const { args, answer } of seen.calls('bypass').filter(({ ok }) => ok)) {
      const written = writes.findLast(({ seq }) => seq < answer.seq);
      const value = Number(written?.value ?? seen.setup.config.bypass) & 0xff;
      seen.check(
        'platform/contract/done-as-asked',
        value === Number(args['value']),
        answer,
        `Asked to set bypass to ${args['value']}, the driver answers ok, and ${written ? `has written ${value}` : `leaves it at ${value}`}.`,
      );
    }
  },

  mustCatch: {
    'writes-bypass-two': 'iommu/driver/config/bypass-value-0-or-1',
    'writes-bypass-all-ones': 'iommu/driver/config/bypass-value-0-or-1',
    'writes-bypass-inverted': 'platform/contract/done-as-asked',
    'bypass-verb-not-written': 'platform/contract/done-as-asked',
    'writes-bypass-wide': 'pci/driver/layout/access-width',
    'writes-config-read-only': 'iommu/driver/config/no-other-config-writes',
  },
});
