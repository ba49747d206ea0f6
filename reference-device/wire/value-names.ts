/** Names of the values that a trace holds as numbers, spelled as in the specification (2.1, 5.13.6), for whoever writes of them. */

/** By their numbers (5.13.6.1). */
export const REQUEST_STATUS_NAMES = [
  'OK',
  'IOERR',
  'UNSUPP',
  'DEVERR',
  'INVAL',
  'RANGE',
  'NOENT',
  'FAULT',
  'NOMEM',
] as const;

/** By the number of the bit. */
export type BitNames = Readonly<Record<number, string>>;

export const MAP_FLAG_NAMES: BitNames = { 0: 'READ', 1: 'WRITE', 2: 'MMIO' };
export const ATTACH_FLAG_NAMES: BitNames = { 0: 'BYPASS' };
export const DEVICE_STATUS_NAMES: BitNames = {
  0: 'ACKNOWLEDGE',
  1: 'DRIVER',
  2: 'DRIVER_OK',
  3: 'FEATURES_OK',
  4: 'SUSPEND',
  6: 'DEVICE_NEEDS_RESET',
  7: 'FAILED',
};
