import { defineMonitor, hasFeature, type Seen, hex } from '../api/index.ts';
import { iommusInWindows, placeOf, touches, windowAccesses } from './mmio-registers.ts';
import { type RegisterAccess, verbOf } from './registers.ts';
import { inSession, sessionsOf } from './sessions.ts';

const MAGIC = 0x7472_6976n;
const VERSION = 2n;

const IDENTITY = ['MagicValue', 'Version', 'DeviceID', 'VendorID'] as const;

const REQUIREMENTS = [
  'mmio/driver/init/check-magic-and-version-first',
  'mmio/driver/init/then-read-device-id',
  'mmio/driver/init/then-general-procedure',
  'mmio/driver/init/abort-on-device-id-0',
  'mmio/driver/init/no-further-access-on-id-0',
  'mmio/driver/regs/ignore-bad-magic',
  'mmio/driver/regs/ignore-bad-version',
  'mmio/driver/regs/ignore-device-id-0',
  'mmio/driver/regs/sel-before-device-features',
  'mmio/driver/regs/sel-before-driver-features',
  'mmio/prose/no-admin-vq',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

const says = (access: RegisterAccess | undefined): string =>
  access === undefined ? 'nothing is accessed' : `${placeOf(access)} is ${verbOf(access)}`;

/** The first accesses, without those that look at MagicValue or Version once more. */
function firstLooks(accesses: readonly RegisterAccess[]): RegisterAccess[] {
  const looks: RegisterAccess[] = [];
  for (const access of accesses) {
    const isAgain = looks.some(({ kind, offset }) => kind === access.kind && offset === access.offset);
    if (isAgain && ['MagicValue', 'Version'].some((name) => touches(access, name, 'register-read'))) continue;
    if (looks.push(access) === 3) break;
  }
  return looks;
}

/** The order of the first accesses to a window that nobody has looked at. */
function judgeOrder(seen: Seen<Ids>, accesses: readonly RegisterAccess[]): void {
  const [first, second, third] = firstLooks(accesses);
  if (first === undefined || second === undefined) return;
  const checked = ['MagicValue', 'Version'].every((name) =>
    [first, second].some((access) => touches(access, name, 'register-read')),
  );
  // A wrong value in the first register is reason enough not to look at the second.
  seen.check(
    'mmio/driver/init/check-magic-and-version-first',
    checked,
    first,
    `At first ${says(first)}, then ${says(second)}; MagicValue and Version have to be read before anything else.`,
  );
  const isFine =
    [first, second].some(({ value }) => value === MAGIC) && [first, second].some(({ value }) => value === VERSION);
  if (!checked || !isFine) return;
  seen.check(
    'mmio/driver/init/then-read-device-id',
    third !== undefined && touches(third, 'DeviceID', 'register-read'),
    third ?? second,
    `After MagicValue and Version ${says(third)}; DeviceID has to be read next.`,
  );
  const written = accesses.find(({ kind }) => kind === 'register-write');
  if (written === undefined) return;
  seen.check(
    'mmio/driver/init/then-general-procedure',
    touches(written, 'Status'),
    written,
    `The first register written is ${placeOf(written)}; the general procedure begins with a reset and ACKNOWLEDGE, in Status.`,
  );
}

/** What the driver does with a device that it has to leave alone. */
function judgeStrangers(seen: Seen<Ids>, accesses: readonly RegisterAccess[]): void {
  const useAfter = (read: RegisterAccess, allowed: readonly string[]): RegisterAccess | undefined =>
    accesses.find((access) => access.seq > read.seq && !allowed.some((name) => touches(access, name, 'register-read')));
  const judge = (id: Ids, read: RegisterAccess | undefined, allowed: readonly string[]): void => {
    if (read === undefined) return;
    const use = useAfter(read, allowed);
    seen.check(id, use === undefined, use, `${placeOf(read)} reads ${hex(read.value)}, and then ${says(use)}.`);
  };
  const readOf = (name: string, isWrong: (value: bigint) => boolean): RegisterAccess | undefined =>
    accesses.find((access) => touches(access, name, 'register-read') && isWrong(access.value));
  judge(
    'mmio/driver/regs/ignore-bad-magic',
    readOf('MagicValue', (value) => value !== MAGIC),
    IDENTITY,
  );
  judge(
    'mmio/driver/regs/ignore-bad-version',
    readOf('Version', (value) => value !== VERSION),
    IDENTITY,
  );
  const placeholder = readOf('DeviceID', (value) => value === 0n);
  judge('mmio/driver/regs/ignore-device-id-0', placeholder, IDENTITY);
  judge('mmio/driver/init/abort-on-device-id-0', placeholder, IDENTITY);
  // A driver that looks again, from the start, does not go on with the initialization.
  judge('mmio/driver/init/no-further-access-on-id-0', placeholder, IDENTITY.slice(0, 3));
}

/** Windows of the feature words are chosen before they are used. */
function judgeSelection(seen: Seen<Ids>, accesses: readonly RegisterAccess[]): void {
  for (const [id, used, select] of [
    ['mmio/driver/regs/sel-before-device-features', 'DeviceFeatures', 'DeviceFeaturesSel'],
    ['mmio/driver/regs/sel-before-driver-features', 'DriverFeatures', 'DriverFeaturesSel'],
  ] as const) {
    for (const access of accesses.filter((candidate) => touches(candidate, used))) {
      const chosen = accesses.some((other) => other.seq < access.seq && touches(other, select, 'register-write'));
      seen.check(id, chosen, access, `${used} is ${verbOf(access)}, and ${select} has not been written before.`);
    }
  }
}

export default defineMonitor({
  id: 'mmio-start',
  title: 'A window is looked at before it is used, and left alone if no device of version 2 is in it',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge(seen) {
    const inWindows = iommusInWindows(seen);
    for (const iommu of inWindows) {
      const accesses = windowAccesses(seen).filter(({ device }) => device === iommu);
      judgeOrder(seen, accesses);
      judgeStrangers(seen, accesses);
    }
    for (const session of sessionsOf(seen).filter(({ iommu }) => inWindows.includes(iommu))) {
      judgeSelection(seen, windowAccesses(seen, session.events));
      for (const negotiation of inSession(session, 'features')) {
        if (!hasFeature(negotiation.offered, 'VIRTIO_F_ADMIN_VQ')) continue;
        seen.check(
          'mmio/prose/no-admin-vq',
          !hasFeature(negotiation.accepted, 'VIRTIO_F_ADMIN_VQ'),
          negotiation,
          'VIRTIO_F_ADMIN_VQ is accepted; virtio-mmio has no registers for it.',
        );
      }
    }
  },
  mustCatch: {
    'mmio-device-id-first': 'mmio/driver/init/check-magic-and-version-first',
    'mmio-device-id-unread': 'mmio/driver/init/then-read-device-id',
    'mmio-starts-with-queues': 'mmio/driver/init/then-general-procedure',
    'mmio-device-features-unselected': 'mmio/driver/regs/sel-before-device-features',
    'mmio-driver-features-unselected': 'mmio/driver/regs/sel-before-driver-features',
    'accepts-admin-vq': 'mmio/prose/no-admin-vq',
    'mmio-vendor-id-first': 'mmio/driver/init/then-read-device-id',
    'mmio-reset-before-look': 'mmio/driver/init/check-magic-and-version-first',
    'mmio-stranger-reset': [
      'mmio/driver/regs/ignore-bad-magic',
      'mmio/driver/regs/ignore-bad-version',
      'mmio/driver/regs/ignore-device-id-0',
      'mmio/driver/init/abort-on-device-id-0',
      'mmio/driver/init/no-further-access-on-id-0',
    ],
    'mmio-device-id-0-used': [
      'mmio/driver/regs/ignore-device-id-0',
      'mmio/driver/init/abort-on-device-id-0',
      'mmio/driver/init/no-further-access-on-id-0',
    ],
    'mmio-magic-unchecked': 'mmio/driver/regs/ignore-bad-magic',
    'mmio-features-never-selected': [
      'mmio/driver/regs/sel-before-device-features',
      'mmio/driver/regs/sel-before-driver-features',
    ],
    'mmio-shared-memory-selected': 'mmio/driver/init/then-general-procedure',
  },
});
