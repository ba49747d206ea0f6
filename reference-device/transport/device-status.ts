/** device_status as a table of its bits (2.1, 3.1). */
import { STATUS } from '../wire/virtio.ts';

/** What the device has to do when the driver has written a status. */
export type StatusEffect = 'reset' | 'check-features' | 'suspend' | 'resume';

interface StatusBit {
  readonly bit: number;
  /** Whose writes count. */
  readonly owner: 'driver' | 'device';
  readonly whenSet?: StatusEffect;
}

/** SUSPEND is missing: it is an order that changes two bits at once, see `SUSPENSIONS`. */
const STATUS_BITS: readonly StatusBit[] = [
  { bit: STATUS.ACKNOWLEDGE, owner: 'driver' },
  { bit: STATUS.DRIVER, owner: 'driver' },
  { bit: STATUS.FEATURES_OK, owner: 'driver', whenSet: 'check-features' },
  { bit: STATUS.DRIVER_OK, owner: 'driver' },
  { bit: STATUS.DEVICE_NEEDS_RESET, owner: 'device' },
  { bit: STATUS.FAILED, owner: 'driver' },
];

/** What a driver orders by setting a bit, and what the device then shows (3.4). DRIVER_OK and SUSPEND take turns. */
const SUSPENSIONS: readonly { readonly from: number; readonly order: number; readonly effect: StatusEffect }[] = [
  // core/device/suspend/ignore-suspend-before-init: it has to be running.
  { from: STATUS.DRIVER_OK, order: STATUS.SUSPEND, effect: 'suspend' },
  { from: STATUS.SUSPEND, order: STATUS.DRIVER_OK, effect: 'resume' },
];

const RUN_OR_SUSPENDED = STATUS.DRIVER_OK | STATUS.SUSPEND;

/**
 * The status after a write of `written`, before its effects, and the effects in their order.
 * A write that clears bits without being 0 breaks core/driver/status/never-clear-bit;
 * the device takes the new value, and a bit that is set once more has its effect once more.
 * `canSuspend`: VIRTIO_F_SUSPEND was negotiated. Without it SUSPEND does nothing.
 */
export function statusAfterWrite(
  current: number,
  written: number,
  canSuspend = false,
): { readonly status: number; readonly effects: readonly StatusEffect[] } {
  // pci/device/common-cfg/reset-on-zero
  if (written === 0) return { status: 0, effects: ['reset'] };
  let status = 0;
  const effects: StatusEffect[] = [];
  for (const { bit, owner, whenSet } of STATUS_BITS) {
    status |= (owner === 'driver' ? written : current) & bit;
    if (whenSet !== undefined && (written & ~current & bit) !== 0) effects.push(whenSet);
  }
  if (!canSuspend) return { status, effects };
  const ordered = SUSPENSIONS.find(
    ({ from, order }) => (current & RUN_OR_SUSPENDED) === from && (written & order) !== 0,
  );
  if (ordered !== undefined) {
    return { status: (status & ~RUN_OR_SUSPENDED) | ordered.order, effects: [...effects, ordered.effect] };
  }
  return { status: status | (current & STATUS.SUSPEND), effects };
}

/**
 * Whether the device may process buffers (core/device/status/no-consume-before-driver-ok). While it comes to rest, or
 * begins to go on, both DRIVER_OK and SUSPEND stand: core/device/suspend/quiet-while-suspended.
 */
export const isLive = (status: number): boolean =>
  (status & (STATUS.DRIVER_OK | STATUS.SUSPEND | STATUS.FAILED)) === STATUS.DRIVER_OK;
