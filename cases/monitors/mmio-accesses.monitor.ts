import { counted, defineMonitor, type Seen } from '../api/index.ts';
import { CONFIG_LENGTH, iommusInWindows, MMIO_REGISTERS, placeOf, windowAccesses } from './mmio-registers.ts';
import { CONFIG_FIELDS, natural, touched, verbOf } from './registers.ts';

/** SHMSel and its companions. */
const SHARED_MEMORY = { from: 0x0ac, until: 0x0c0 } as const;

/** Notifications are no accesses in the trace. */
function judgeNotifications(seen: Seen<'mmio/driver/regs/32-bit-registers'>): void {
  const inWindows = iommusInWindows(seen);
  for (const kick of seen.of('notification').filter(({ device }) => inWindows.includes(device))) {
    seen.check(
      'mmio/driver/regs/32-bit-registers',
      kick.width === 4,
      kick,
      `QueueNotify is written by an access of ${counted(kick.width, 'byte')}; control registers are aligned words of 4 bytes.`,
    );
  }
}

export default defineMonitor({
  id: 'mmio-accesses',
  title:
    'Registers of virtio-mmio are accessed where they are, as wide as they are, and in the direction that they have',
  requirements: [
    'mmio/driver/regs/only-described-locations',
    'mmio/driver/regs/no-write-to-read-only',
    'mmio/driver/regs/no-read-of-write-only',
    'mmio/driver/regs/32-bit-registers',
    'mmio/driver/regs/config-access-width',
    'mmio/driver/init/no-shm-registers',
  ],
  anyDevice: true,
  judge(seen) {
    judgeNotifications(seen);
    for (const access of windowAccesses(seen)) {
      const { offset, width, structure, kind } = access;
      const what = `${placeOf(access)} is ${verbOf(access)} by an access of ${counted(width, 'byte')}`;
      if (structure === 'device' && seen.subject === 'endpoint') continue;
      if (structure === 'device') {
        seen.check(
          'mmio/driver/regs/only-described-locations',
          offset + width <= CONFIG_LENGTH,
          access,
          `${what}; the configuration has ${CONFIG_LENGTH} bytes.`,
        );
        for (const field of touched(CONFIG_FIELDS, access)) {
          const due = counted(Math.min(field.size, 4), 'byte');
          seen.check(
            'mmio/driver/regs/config-access-width',
            natural(field, access),
            access,
            `${what}; ${field.name} takes accesses of ${due} at offset ${field.offset}${field.size === 8 ? ' and behind' : ''}.`,
          );
        }
        continue;
      }
      const register = MMIO_REGISTERS.get(offset - (offset % 4));
      seen.check(
        'mmio/driver/regs/only-described-locations',
        register !== undefined,
        access,
        `${what}; no register of version 2 lies there.`,
      );
      seen.check(
        'mmio/driver/regs/32-bit-registers',
        width === 4 && offset % 4 === 0,
        access,
        `${what} at offset 0x${offset.toString(16)}; control registers are aligned words of 4 bytes.`,
      );
      seen.check(
        'mmio/driver/init/no-shm-registers',
        offset < SHARED_MEMORY.from || offset >= SHARED_MEMORY.until,
        access,
        `${what}; an IOMMU has no shared memory regions.`,
      );
      if (kind === 'register-write') {
        seen.check(
          'mmio/driver/regs/no-write-to-read-only',
          register?.access !== 'R',
          access,
          `${what}; it is read-only.`,
        );
      } else {
        seen.check(
          'mmio/driver/regs/no-read-of-write-only',
          register?.access !== 'W',
          access,
          `${what}; it is write-only.`,
        );
      }
    }
  },
  mustCatch: {
    'mmio-legacy-registers': 'mmio/driver/regs/only-described-locations',
    'mmio-writes-read-only': 'mmio/driver/regs/no-write-to-read-only',
    'mmio-reads-write-only': 'mmio/driver/regs/no-read-of-write-only',
    'mmio-byte-access': 'mmio/driver/regs/32-bit-registers',
    'mmio-notifies-by-half-words': 'mmio/driver/regs/32-bit-registers',
    'wide-ring-address-write': 'mmio/driver/regs/32-bit-registers',
    'wide-config-read': 'mmio/driver/regs/config-access-width',
    'half-word-config-read': 'mmio/driver/regs/config-access-width',
    'mmio-shared-memory-looked-for': 'mmio/driver/init/no-shm-registers',
    'mmio-shared-memory-selected': 'mmio/driver/init/no-shm-registers',
    'mmio-config-read-beyond': 'mmio/driver/regs/only-described-locations',
    'mmio-clears-interrupt-status': 'mmio/driver/regs/no-write-to-read-only',
    'mmio-reads-interrupt-ack': 'mmio/driver/regs/no-read-of-write-only',
  },
});
