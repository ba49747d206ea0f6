import { counted, defineCase } from '../api/index.ts';

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
  ],
  needs: { verbs: ['start'], optionalVerbs: ['bypass'] },

  given: () => ({ config: { bypass: 0 } }),

  async when({ driver }) {
    await driver.try.start();
    await driver.try.bypass({ value: 1 });
    await driver.try.bypass({ value: 0 });
  },

  then(seen) {
    const writes = seen
      .of('register-write')
      .filter(({ device, structure }) => device === 'iommu' && structure === 'device');
    const asked = seen.answers.filter(({ verb, outcome }) => verb === 'bypass' && outcome === 'ok');
    if (asked.length < 2) {
      seen.untested('The driver did not change bypass when it was asked to.');
      return;
    }
    const values = writes.filter(({ offset }) => offset === 36).map(({ value }) => value);
    seen.check(
      'iommu/driver/config/bypass-value-0-or-1',
      values.at(-2) === 1n && values.at(-1) === 0n,
      writes.at(-1),
      `Asked for 1 and then 0, the driver wrote ${values.length === 0 ? 'nothing' : values.slice(-2).join(', then ')} to bypass.`,
    );
    for (const write of writes) {
      seen.check(
        'iommu/driver/config/no-other-config-writes',
        write.offset >= 36 && write.offset + write.width <= 37,
        write,
        `The driver wrote ${counted(write.width, 'byte')} at configuration offset ${write.offset}; only bypass, the byte at 36, may be written.`,
      );
      seen.check(
        'pci/driver/layout/access-width',
        write.width === 1,
        write,
        `The driver wrote bypass with an access of ${counted(write.width, 'byte')}; it is one byte wide.`,
      );
    }
  },

  mustCatch: {
    'writes-bypass-two': 'iommu/driver/config/bypass-value-0-or-1',
    'writes-bypass-all-ones': 'iommu/driver/config/bypass-value-0-or-1',
    'writes-bypass-inverted': 'iommu/driver/config/bypass-value-0-or-1',
    'bypass-verb-not-written': 'iommu/driver/config/bypass-value-0-or-1',
    'writes-bypass-wide': 'pci/driver/layout/access-width',
    'writes-config-read-only': 'iommu/driver/config/no-other-config-writes',
  },
});
