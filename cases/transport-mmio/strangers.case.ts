import { defineCase, hex } from '../api/index.ts';

export default defineCase({
  id: 'transport-mmio/strangers',
  title: 'An MMIO window without a version 2 device is left alone',
  demands:
    'Whatever is at an address that firmware describes has to prove itself by MagicValue and Version, and DeviceID 0 is a ' +
    'placeholder. A driver that goes on regardless writes to registers of something else. Version 1 is that of the legacy interface, ' +
    'which a driver may have as well, and one that is next may be known to it already.',
  requirements: [
    'mmio/driver/regs/ignore-bad-magic',
    'mmio/driver/regs/ignore-bad-version',
    'mmio/driver/regs/ignore-device-id-0',
    'mmio/driver/init/abort-on-device-id-0',
    'mmio/driver/init/check-magic-and-version-first',
  ],
  needs: { verbs: ['start'] },

  vary: {
    'wrong-magic': { fault: 'mmio-wrong-magic', breaks: 'mmio/driver/regs/ignore-bad-magic', register: 'MagicValue' },
    'version-0': { fault: 'mmio-version-0', breaks: 'mmio/driver/regs/ignore-bad-version', register: 'Version' },
    'version-256': { fault: 'mmio-version-256', breaks: 'mmio/driver/regs/ignore-bad-version', register: 'Version' },
    placeholder: { fault: 'mmio-device-id-0', breaks: 'mmio/driver/regs/ignore-device-id-0', register: 'DeviceID' },
    control: { fault: undefined, breaks: 'mmio/driver/init/check-magic-and-version-first', register: 'MagicValue' },
  } as const,
  control: 'control',

  given: ({ fault }) => ({ topology: 'mmio', endpoints: { rng: {} }, faults: fault ? [fault] : [] }),

  async when({ driver }) {
    await driver.start();
  },

  then(seen, { fault, breaks, register }) {
    const [start] = seen.calls('start');
    const read = seen.of('register-read').find(({ structure, field }) => structure === 'mmio' && field === register);
    if (!start || !read) return;
    // What is written to the window all the same, the monitor mmio-start judges.
    seen.check(
      breaks,
      fault ? !start.ok : start.ok || undefined,
      start.answer,
      `${register} reads ${hex(read.value)}, and the driver says that the IOMMU is in use.`,
    );
  },

  mustCatch: {
    'mmio-magic-unchecked': 'mmio/driver/regs/ignore-bad-magic',
    'mmio-version-unchecked': 'mmio/driver/regs/ignore-bad-version',
    'mmio-device-id-0-used': 'mmio/driver/init/abort-on-device-id-0',
  },
});
