import { defineMonitor, type EventOf, type FeatureName, featureNames, hasFeature, type Seen } from '../api/index.ts';
import { accesses } from './registers.ts';
import { inSession, type Session, inEachSession } from './sessions.ts';

/** Bits that mean something to a virtio-iommu driver on PCI: its own 0..6, and reserved ones that have a meaning. */
const MEANINGFUL = [0, 1, 2, 3, 4, 5, 6, 28, 29, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 43];
const MEANINGFUL_WORD = MEANINGFUL.reduce((word, bit) => word | (1n << BigInt(bit)), 0n);

const BIT_30 = 1n << 30n;

/** Feature words have 128 bits in 1.4. */
const WINDOWS = 4n;

/** Features that a driver ought to accept whenever they are offered, each by its requirement. */
const TO_ACCEPT = [
  ['VIRTIO_F_VERSION_1', 'reserved-features/driver/accept-version-1'],
  ['VIRTIO_F_RING_PACKED', 'reserved-features/driver/accept-ring-packed'],
  ['VIRTIO_F_ORDER_PLATFORM', 'reserved-features/driver/accept-order-platform'],
  ['VIRTIO_F_NOTIF_CONFIG_DATA', 'reserved-features/driver/accept-notif-config-data'],
  ['VIRTIO_IOMMU_F_INPUT_RANGE', 'iommu/driver/features/accept-range-and-probe'],
  ['VIRTIO_IOMMU_F_DOMAIN_RANGE', 'iommu/driver/features/accept-range-and-probe'],
  ['VIRTIO_IOMMU_F_PROBE', 'iommu/driver/features/accept-range-and-probe'],
] as const satisfies readonly (readonly [FeatureName, string])[];

const REQUIREMENTS = [
  'core/driver/features/only-offered',
  'core/driver/features/not-accept-foreign-bits',
  'core/driver/features/ignore-foreign-bits',
  'core/driver/features/validate-offered',
  'core/driver/init/no-features-after-ok',
  'reserved-features/driver/no-sr-iov-without-capability',
  'reserved-features/legacy/bit-30-not-negotiated',
  'reserved-features/driver/accept-version-1',
  'reserved-features/driver/accept-ring-packed',
  'reserved-features/driver/accept-order-platform',
  'reserved-features/driver/accept-notif-config-data',
  'iommu/driver/features/accept-range-and-probe',
] as const;

type Ids = (typeof REQUIREMENTS)[number];

type Negotiation = EventOf<'features'>;

const names = (word: bigint): string => featureNames(word).join(', ') || 'nothing';

function judgeForeign(seen: Seen<Ids>, at: Negotiation): void {
  const { offered, accepted } = at;
  const foreign = accepted & ~MEANINGFUL_WORD;
  const says = `${names(foreign)} is accepted, which means nothing for this device type.`;
  seen.check('core/driver/features/not-accept-foreign-bits', foreign === 0n, at, says);
  if ((offered & ~MEANINGFUL_WORD) !== 0n) {
    seen.check('core/driver/features/ignore-foreign-bits', (foreign & offered) === 0n, at, says);
  }
}

/** What must not be accepted. */
function judgeExcess(seen: Seen<Ids>, at: Negotiation): void {
  const { offered, accepted } = at;
  const unoffered = accepted & ~offered;
  seen.check(
    'core/driver/features/only-offered',
    unoffered === 0n,
    at,
    `${names(unoffered)} is accepted, which the device does not offer.`,
  );
  if (seen.subject === 'iommu') judgeForeign(seen, at);
  // The device offers it where it has the capability, and nowhere else.
  seen.check(
    'reserved-features/driver/no-sr-iov-without-capability',
    !hasFeature(accepted, 'VIRTIO_F_SR_IOV') || hasFeature(offered, 'VIRTIO_F_SR_IOV'),
    at,
    'VIRTIO_F_SR_IOV is accepted; the function has no SR-IOV capability.',
  );
  seen.check(
    'reserved-features/legacy/bit-30-not-negotiated',
    (accepted & BIT_30) === 0n,
    at,
    'Bit 30, which old drivers set by mistake, is accepted.',
  );
}

/** What ought to be accepted if it is offered. */
function judgeLack(seen: Seen<Ids>, at: Negotiation): void {
  for (const [feature, requirement] of TO_ACCEPT) {
    if (seen.subject === 'endpoint' && feature.startsWith('VIRTIO_IOMMU_')) continue;
    if (!hasFeature(at.offered, feature)) continue;
    const says = `${feature} is offered and not accepted; accepted is ${names(at.accepted)}.`;
    seen.check(requirement, hasFeature(at.accepted, feature), at, says);
  }
}

/** A driver may have read what is offered before it reset the device. */
function judgeLooking(seen: Seen<Ids>, at: Negotiation): void {
  const looked = seen.events.some(
    (event) => event.seq < at.seq && accesses(event, 'register-read', 'device_feature') && event.device === at.device,
  );
  seen.check(
    'core/driver/features/validate-offered',
    looked,
    at,
    'FEATURES_OK is set without device_feature ever having been read.',
  );
}

/** The window of the feature word that the last write to driver_feature_select before `seq` chose; bounded, as it is the driver's. */
function selectedWindow(session: Session, seq: number): bigint {
  const select = inSession(session, 'register-write').findLast(
    (write) => write.seq < seq && accesses(write, 'register-write', 'driver_feature_select'),
  );
  const window = select?.value ?? 0n;
  return window < WINDOWS ? window : WINDOWS;
}

export default defineMonitor({
  id: 'features',
  title: 'The driver accepts what is offered and meaningful, and nothing after FEATURES_OK',
  requirements: REQUIREMENTS,
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    for (const negotiation of inSession(session, 'features')) {
      judgeExcess(seen, negotiation);
      judgeLack(seen, negotiation);
      judgeLooking(seen, negotiation);
    }
    const settled = inSession(session, 'features').find(({ kept }) => kept);
    if (settled === undefined) return;
    const late = inSession(session, 'register-write').find(
      (write) =>
        write.seq > settled.seq &&
        accesses(write, 'register-write', 'driver_feature') &&
        ((write.value << (32n * selectedWindow(session, write.seq))) & ~settled.accepted) !== 0n,
    );
    seen.check(
      'core/driver/init/no-features-after-ok',
      late === undefined,
      late,
      `driver_feature is written as 0x${late?.value.toString(16)} after FEATURES_OK, which accepts more than before.`,
    );
  }),
  mustCatch: {
    'accepts-unoffered-bit': 'core/driver/features/only-offered',
    'accepts-every-offered-bit': [
      'core/driver/features/ignore-foreign-bits',
      'core/driver/features/not-accept-foreign-bits',
    ],
    'no-order-platform': 'reserved-features/driver/accept-order-platform',
    'no-version-1': 'reserved-features/driver/accept-version-1',
    'features-not-written': [
      'reserved-features/driver/accept-version-1',
      'reserved-features/driver/accept-notif-config-data',
    ],
    'accepts-features-after-ok': 'core/driver/init/no-features-after-ok',
    'feature-number-as-mask': 'core/driver/features/only-offered',
    'accepts-features-when-live': 'core/driver/init/no-features-after-ok',
    'accepts-all-device-type-bits': [
      'core/driver/features/not-accept-foreign-bits',
      'core/driver/features/ignore-foreign-bits',
    ],
    'accepts-known-reserved-bits': 'reserved-features/driver/no-sr-iov-without-capability',
    'accepts-sr-iov': 'reserved-features/driver/no-sr-iov-without-capability',
    'accepts-bit-30': 'reserved-features/legacy/bit-30-not-negotiated',
    'offer-unread': 'core/driver/features/validate-offered',
    'offer-read-too-late': 'core/driver/features/validate-offered',
    'ranges-not-accepted': 'iommu/driver/features/accept-range-and-probe',
  },
});
