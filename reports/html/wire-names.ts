/** Names of the values that a trace holds as numbers, spelled as in the specification (5.13.3, 5.13.6, chapter 6). */

const STATUS_NAMES = ['OK', 'IOERR', 'UNSUPP', 'DEVERR', 'INVAL', 'RANGE', 'NOENT', 'FAULT', 'NOMEM'] as const;
const FAULT_REASONS = ['UNKNOWN', 'DOMAIN', 'MAPPING'] as const;

const MAP_FLAGS: BitNames = { 0: 'READ', 1: 'WRITE', 2: 'MMIO' };
const ATTACH_FLAGS: BitNames = { 0: 'BYPASS' };
const FAULT_FLAGS: BitNames = { 0: 'READ', 1: 'WRITE', 8: 'ADDRESS' };
const DEVICE_STATUS: BitNames = {
  0: 'ACKNOWLEDGE',
  1: 'DRIVER',
  2: 'DRIVER_OK',
  3: 'FEATURES_OK',
  4: 'SUSPEND',
  6: 'DEVICE_NEEDS_RESET',
  7: 'FAILED',
};
const FEATURES: BitNames = {
  0: 'INPUT_RANGE',
  1: 'DOMAIN_RANGE',
  2: 'MAP_UNMAP',
  3: 'BYPASS',
  4: 'PROBE',
  5: 'MMIO',
  6: 'BYPASS_CONFIG',
  28: 'INDIRECT_DESC',
  29: 'EVENT_IDX',
  32: 'VERSION_1',
  33: 'ACCESS_PLATFORM',
  34: 'RING_PACKED',
  35: 'IN_ORDER',
  36: 'ORDER_PLATFORM',
  37: 'SR_IOV',
  38: 'NOTIFICATION_DATA',
  39: 'NOTIF_CONFIG_DATA',
  40: 'RING_RESET',
  41: 'ADMIN_VQ',
  43: 'SUSPEND',
};

type BitNames = Readonly<Record<number, string>>;

/** `OK`, `NOENT (6)`, or `undefined status 66`. */
export function statusName(status: number): string {
  const name = STATUS_NAMES[status];
  if (name === undefined) return `undefined status ${status}`;
  return status === 0 ? name : `${name} (${status})`;
}

export const faultReasonName = (reason: number): string => FAULT_REASONS[reason] ?? `undefined reason ${reason}`;
export const mapFlagNames = (word: bigint): string => bitNames(word, MAP_FLAGS, 'no flag');
export const attachFlagNames = (word: bigint): string => bitNames(word, ATTACH_FLAGS, 'no flag');
export const faultFlagNames = (word: bigint): string => bitNames(word, FAULT_FLAGS, 'no flag');
export const deviceStatusNames = (word: bigint): string => bitNames(word, DEVICE_STATUS, '0');
export const featureNames = (word: bigint): string => bitNames(word, FEATURES, 'none');

/** More bits than any word of the wire has are not named one by one. */
const BITS_MAX = 128;

function bitNames(word: bigint, names: BitNames, none: string): string {
  if (word === 0n) return none;
  if (word < 0n || word >> BigInt(BITS_MAX)) return 'out of range';
  const set: string[] = [];
  for (let bit = 0; word >> BigInt(bit); bit++) {
    if ((word >> BigInt(bit)) & 1n) set.push(names[bit] ?? `bit ${bit}`);
  }
  return set.join('|');
}
