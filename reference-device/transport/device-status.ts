/** device_status as a table of its bits (2.1, 3.1). */
import { STATUS } from '../wire/virtio.ts';

/** What the device has to do when the driver has written a status. */
export type StatusEffect = 'reset' | 'check-features';

interface StatusBit {
  readonly bit: number;
  /** Whose writes count. */
  readonly owner: 'driver' | 'device';
  readonly whenSet?: StatusEffect;
}

/** SUSPEND is missing: the device does not offer it, so writes to it do nothing. */
const STATUS_BITS: readonly StatusBit[] = [
  { bit: STATUS.ACKNOWLEDGE, owner: 'driver' },
  { bit: STATUS.DRIVER, owner: 'driver' },
  { bit: STATUS.FEATURES_OK, owner: 'driver', whenSet: 'check-features' },
  { bit: STATUS.DRIVER_OK, owner: 'driver' },
  { bit: STATUS.DEVICE_NEEDS_RESET, owner: 'device' },
  { bit: STATUS.FAILED, owner: 'driver' },
];

/**
 * The status after a write of `written`, before its effects, and the effects in their order.
 * A write that clears bits without being 0 breaks core/driver/status/never-clear-bit;
 * the device takes the new value, and a bit that is set once more has its effect once more.
 */
export function statusAfterWrite(
  current: number,
  written: number,
): { readonly status: number; readonly effects: readonly StatusEffect[] } {
  // pci/device/common-cfg/reset-on-zero
  if (written === 0) return { status: 0, effects: ['reset'] };
  let status = 0;
  const effects: StatusEffect[] = [];
  for (const { bit, owner, whenSet } of STATUS_BITS) {
    status |= (owner === 'driver' ? written : current) & bit;
    if (whenSet !== undefined && (written & ~current & bit) !== 0) effects.push(whenSet);
  }
  return { status, effects };
}

/** Whether the device may process buffers (core/device/status/no-consume-before-driver-ok). */
export const isLive = (status: number): boolean => (status & (STATUS.DRIVER_OK | STATUS.FAILED)) === STATUS.DRIVER_OK;
