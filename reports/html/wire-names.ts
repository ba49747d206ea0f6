/** How the report names the values that a trace holds as numbers. */
import {
  ATTACH_FLAG_NAMES,
  type BitNames,
  DEVICE_STATUS_NAMES,
  MAP_FLAG_NAMES,
  REQUEST_STATUS_NAMES,
} from '../../reference-device/wire/value-names.ts';

const FAULT_REASONS = ['UNKNOWN', 'DOMAIN', 'MAPPING'] as const;

const FAULT_FLAGS: BitNames = { 0: 'READ', 1: 'WRITE', 8: 'ADDRESS' };
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

/** `OK`, `NOENT (6)`, or `undefined status 66`. */
export function statusName(status: number): string {
  const name = REQUEST_STATUS_NAMES[status];
  if (name === undefined) return `undefined status ${status}`;
  return status === 0 ? name : `${name} (${status})`;
}

export const faultReasonName = (reason: number): string => FAULT_REASONS[reason] ?? `undefined reason ${reason}`;
export const mapFlagNames = (word: bigint): string => bitNames(word, MAP_FLAG_NAMES, 'no flag');
export const attachFlagNames = (word: bigint): string => bitNames(word, ATTACH_FLAG_NAMES, 'no flag');
export const faultFlagNames = (word: bigint): string => bitNames(word, FAULT_FLAGS, 'no flag');
export const deviceStatusNames = (word: bigint): string => bitNames(word, DEVICE_STATUS_NAMES, '0');
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
