/** Feature bits by their numbers (5.13.3, chapter 6), and which of them are accepted. */
import type { DriverFaults } from './driver-faults.ts';

export const INPUT_RANGE = 0;
export const DOMAIN_RANGE = 1;
export const MAP_UNMAP = 2;
export const PROBE = 4;
export const MMIO = 5;
export const BYPASS_CONFIG = 6;
export const INDIRECT_DESC = 28;
export const EVENT_IDX = 29;
export const VERSION_1 = 32;
export const ACCESS_PLATFORM = 33;
export const RING_PACKED = 34;
export const IN_ORDER = 35;
const ORDER_PLATFORM = 36;
export const NOTIFICATION_DATA = 38;
export const NOTIF_CONFIG_DATA = 39;
export const RING_RESET = 40;
export const ADMIN_VQ = 41;
export const SUSPEND = 43;
export const SR_IOV = 37;
const BIT_30 = 30;

/** Bits that every driver here knows how to use. */
const TRANSPORT_BITS = [
  INDIRECT_DESC,
  EVENT_IDX,
  VERSION_1,
  ACCESS_PLATFORM,
  RING_PACKED,
  IN_ORDER,
  ORDER_PLATFORM,
  NOTIFICATION_DATA,
  NOTIF_CONFIG_DATA,
  RING_RESET,
  SUSPEND,
];

/** Those without which a device may refuse to work. */
const NEEDED_BITS: readonly number[] = [VERSION_1, ACCESS_PLATFORM];

export const IOMMU_BITS = [INPUT_RANGE, DOMAIN_RANGE, MAP_UNMAP, PROBE, MMIO, BYPASS_CONFIG];

/** A set of accepted features. */
export class Features {
  readonly word: bigint;

  constructor(word: bigint) {
    this.word = word;
  }

  has(bit: number): boolean {
    return ((this.word >> BigInt(bit)) & 1n) === 1n;
  }

  /** Whether any bit from `first` to `last` is in the set. */
  hasAny(first: number, last: number): boolean {
    return BigInt.asUintN(last - first + 1, this.word >> BigInt(first)) !== 0n;
  }
}

const wordOf = (bits: readonly number[]): bigint => bits.reduce((word, bit) => word | (1n << BigInt(bit)), 0n);

/** What a device offers in most machines. */
export const usualOffer = (deviceBits: readonly number[]): bigint =>
  wordOf([VERSION_1, ACCESS_PLATFORM, ...deviceBits.filter((bit) => bit !== MMIO)]);

/** What to accept of `offered`: the transport's bits and those of `deviceBits`, nothing that is unknown. */
export function acceptedWord(
  offered: bigint,
  deviceBits: readonly number[],
  role: 'iommu' | 'endpoint',
  faults: DriverFaults,
): bigint {
  if (faults.has('features-not-written')) return 0n;
  if (faults.has('accepts-every-offered-bit')) return offered;
  if (faults.has('feature-number-as-mask'))
    return [...TRANSPORT_BITS, ...deviceBits].reduce((w, b) => w | BigInt(b), 0n);
  const useful = offered & (wordOf(TRANSPORT_BITS) | wordOf(deviceBits));
  return (useful | tooMuch(offered, role, faults)) & ~tooLittle(role, faults);
}

/** What a driver with these mistakes accepts besides. */
function tooMuch(offered: bigint, role: 'iommu' | 'endpoint', faults: DriverFaults): bigint {
  let word = 0n;
  if (faults.has('accepts-admin-vq')) word |= offered & wordOf([ADMIN_VQ]);
  if (faults.has('accepts-unoffered-bit')) word |= wordOf(role === 'iommu' ? [MMIO, INDIRECT_DESC] : [INDIRECT_DESC]);
  if (faults.has('accepts-all-device-type-bits')) word |= offered & 0xff_ffffn;
  if (faults.has('accepts-known-reserved-bits')) word |= wordOf([...TRANSPORT_BITS, SR_IOV, ADMIN_VQ]);
  if (faults.has('accepts-sr-iov')) word |= wordOf([SR_IOV]);
  if (faults.has('accepts-bit-30')) word |= wordOf([BIT_30]);
  return word;
}

/** What it leaves out. */
function tooLittle(role: 'iommu' | 'endpoint', faults: DriverFaults): bigint {
  const left: number[] = [];
  if (faults.has('plain-features-only')) left.push(...TRANSPORT_BITS.filter((bit) => !NEEDED_BITS.includes(bit)));
  if (faults.has('no-version-1')) left.push(VERSION_1);
  if (faults.has('ring-packed-not-accepted')) left.push(RING_PACKED);
  if (faults.has('no-order-platform')) left.push(ORDER_PLATFORM);
  const declines = faults.has('no-access-platform') || faults.has('access-platform-refusal-ignored');
  if (declines && role === 'endpoint') left.push(ACCESS_PLATFORM);
  if (role === 'iommu') {
    if (faults.has('declines-input-range')) left.push(INPUT_RANGE);
    if (faults.has('declines-domain-range')) left.push(DOMAIN_RANGE);
    if (faults.has('declines-probe')) left.push(PROBE);
    if (faults.has('declines-mmio')) left.push(MMIO);
    if (faults.has('declines-bypass-config')) left.push(BYPASS_CONFIG);
  }
  if (faults.has('ranges-not-accepted') && role === 'iommu') left.push(INPUT_RANGE, DOMAIN_RANGE, PROBE);
  return wordOf(left);
}
