import { defineMonitor, type EventOf, type FeatureName } from '../api/index.ts';
import { COMMON_FIELDS, CONFIG_FIELDS, isCommon, natural, touched } from './registers.ts';
import { inSession, negotiated, type Session, sessionsOf } from './sessions.ts';

const READ_ONLY = new Set([
  'device_feature',
  'num_queues',
  'config_generation',
  'queue_notify_off',
  'queue_notif_config_data',
]);

/** Fields that exist only with a feature. */
const FIELD_FEATURE: ReadonlyMap<string, FeatureName> = new Map([
  ['queue_notif_config_data', 'VIRTIO_F_NOTIF_CONFIG_DATA'],
  ['queue_reset', 'VIRTIO_F_RING_RESET'],
  ['admin_queue_index', 'VIRTIO_F_ADMIN_VQ'],
  ['admin_queue_num', 'VIRTIO_F_ADMIN_VQ'],
]);

type Access = EventOf<'register-read' | 'register-write'>;

const registerAccesses = (session: Session): Access[] => [
  ...inSession(session, 'register-read'),
  ...inSession(session, 'register-write'),
];

const verbOf = (access: Access): string => (access.kind === 'register-read' ? 'read' : 'written');

export default defineMonitor({
  id: 'common-configuration',
  title: 'Registers are accessed field by field, and read-only ones are never written',
  requirements: [
    'pci/driver/layout/access-width',
    'pci/driver/common-cfg/no-write-to-read-only',
    'pci/driver/common-cfg/power-of-2-size-split',
    'pci/driver/common-cfg/no-queue-disable',
    'pci/driver/common-cfg/no-size-0-packed',
    'pci/prose/fields-exist-by-feature',
  ],
  judge(seen) {
    for (const session of sessionsOf(seen).filter(({ onMmio }) => !onMmio)) {
      for (const access of registerAccesses(session)) {
        const fields =
          access.structure === 'common' ? COMMON_FIELDS : access.structure === 'device' ? CONFIG_FIELDS : [];
        for (const field of touched(fields, access)) {
          const allowed = field.size === 8 ? 'halves of 4 bytes' : `${field.size} bytes at offset ${field.offset}`;
          seen.check(
            'pci/driver/layout/access-width',
            natural(field, access),
            access,
            `${field.name} is ${verbOf(access)} by an access of ${access.width} bytes at offset ${access.offset}; it has to be ${allowed}.`,
          );
        }
        if (access.structure !== 'common') continue;
        for (const { name } of touched(COMMON_FIELDS, access)) {
          const feature = FIELD_FEATURE.get(name);
          if (feature === undefined) continue;
          seen.check(
            'pci/prose/fields-exist-by-feature',
            negotiated(session, feature),
            access,
            `${name} is ${verbOf(access)} although ${feature} was not negotiated.`,
          );
        }
        if (access.kind !== 'register-write') continue;
        const readOnly = touched(COMMON_FIELDS, access).find(({ name }) => READ_ONLY.has(name));
        seen.check(
          'pci/driver/common-cfg/no-write-to-read-only',
          readOnly === undefined,
          access,
          `${readOnly?.name} is written (${access.width} bytes at offset ${access.offset}); it is read-only for the driver.`,
        );
        if (isCommon(access, 'register-write', 'queue_enable')) {
          seen.check(
            'pci/driver/common-cfg/no-queue-disable',
            (access.value & 0xffffn) !== 0n,
            access,
            `queue_enable of queue ${access.queue} is written as 0; only 1 may be written.`,
          );
        }
        if (isCommon(access, 'register-write', 'queue_size')) {
          const size = Number(access.value & 0xffffn);
          if (negotiated(session, 'VIRTIO_F_RING_PACKED')) {
            seen.check(
              'pci/driver/common-cfg/no-size-0-packed',
              size !== 0,
              access,
              'queue_size of a packed queue is written as 0.',
            );
          } else {
            seen.check(
              'pci/driver/common-cfg/power-of-2-size-split',
              size > 0 && (size & (size - 1)) === 0,
              access,
              `queue_size is written as ${size}; for a split queue it has to be a power of 2.`,
            );
          }
        }
      }
    }
  },
  mustCatch: {
    'wide-common-read': 'pci/driver/layout/access-width',
    'wide-common-write': 'pci/driver/layout/access-width',
    'wide-ring-address-write': 'pci/driver/layout/access-width',
    'wide-config-read': 'pci/driver/layout/access-width',
    'byte-config-read': 'pci/driver/layout/access-width',
    'half-word-config-read': 'pci/driver/layout/access-width',
    'unaligned-config-read': 'pci/driver/layout/access-width',
    'wide-status-write': 'pci/driver/common-cfg/no-write-to-read-only',
    'queue-size-not-power-of-two': 'pci/driver/common-cfg/power-of-2-size-split',
    'enables-queue-twice': 'pci/driver/common-cfg/no-queue-disable',
  },
});
