import { counted, defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { COMMON_FIELDS, CONFIG_FIELDS, isCommon, natural, type RegisterAccess, touched, verbOf } from './registers.ts';
import { inSession, negotiated, type Session, inEachSession } from './sessions.ts';

const REQUIREMENTS = [
  'pci/driver/layout/access-width',
  'pci/driver/common-cfg/no-write-to-read-only',
  'pci/driver/common-cfg/power-of-2-size-split',
  'pci/driver/common-cfg/no-queue-disable',
  'pci/driver/common-cfg/no-size-0-packed',
  'pci/prose/fields-exist-by-feature',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

function judgeWidth(seen: Seen<Ids>, access: RegisterAccess): void {
  const fields =
    access.structure === 'common'
      ? COMMON_FIELDS
      : access.structure === 'device' && seen.subject === 'iommu'
        ? CONFIG_FIELDS
        : [];
  for (const field of touched(fields, access)) {
    const allowed = field.size === 8 ? 'halves of 4 bytes' : `${counted(field.size, 'byte')} at offset ${field.offset}`;
    seen.check(
      'pci/driver/layout/access-width',
      natural(field, access),
      access,
      `${field.name} is ${verbOf(access)} by an access of ${counted(access.width, 'byte')} at offset ${access.offset}; it has to be ${allowed}.`,
    );
  }
}

function judgeExistence(seen: Seen<Ids>, session: Session, access: RegisterAccess): void {
  for (const { name, feature } of touched(COMMON_FIELDS, access)) {
    if (feature === undefined) continue;
    seen.check(
      'pci/prose/fields-exist-by-feature',
      negotiated(session, feature),
      access,
      `${name} is ${verbOf(access)} although ${feature} was not negotiated.`,
    );
  }
}

function judgeWrite(seen: Seen<Ids>, session: Session, write: EventOf<'register-write'>): void {
  const readOnly = touched(COMMON_FIELDS, write).find(({ isReadOnly }) => isReadOnly);
  seen.check(
    'pci/driver/common-cfg/no-write-to-read-only',
    readOnly === undefined,
    write,
    `${readOnly?.name} is written (${counted(write.width, 'byte')} at offset ${write.offset}); it is read-only for the driver.`,
  );
  const value = Number(write.value & 0xffffn);
  if (isCommon(write, 'register-write', 'queue_enable')) {
    const says = `queue_enable of queue ${write.queue} is written as ${value}; only 1 may be written.`;
    seen.check('pci/driver/common-cfg/no-queue-disable', value !== 0, write, says);
  }
  if (!isCommon(write, 'register-write', 'queue_size')) return;
  if (negotiated(session, 'VIRTIO_F_RING_PACKED')) {
    const says = 'queue_size of a packed queue is written as 0.';
    seen.check('pci/driver/common-cfg/no-size-0-packed', value !== 0, write, says);
  } else {
    const says = `queue_size is written as ${value}; for a split queue it has to be a power of 2.`;
    seen.check('pci/driver/common-cfg/power-of-2-size-split', value > 0 && (value & (value - 1)) === 0, write, says);
  }
}

export default defineMonitor({
  id: 'common-configuration',
  title: 'Registers are accessed field by field, and read-only ones are never written',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    if (session.onMmio) return;
    const writes = inSession(session, 'register-write');
    for (const access of [...inSession(session, 'register-read'), ...writes]) {
      judgeWidth(seen, access);
      if (access.structure === 'common') judgeExistence(seen, session, access);
    }
    for (const write of writes) {
      if (write.structure === 'common') judgeWrite(seen, session, write);
    }
  }),
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
    'queue-size-from-need': 'pci/driver/common-cfg/power-of-2-size-split',
    'queue-size-zeroed-first': 'pci/driver/common-cfg/no-size-0-packed',
    'queue-size-zeroed-on-stop': 'pci/driver/common-cfg/no-size-0-packed',
    'disables-queues-on-stop': 'pci/driver/common-cfg/no-queue-disable',
    'clears-config-generation': 'pci/driver/common-cfg/no-write-to-read-only',
    'reads-queue-reset-without-feature': 'pci/prose/fields-exist-by-feature',
  },
});
