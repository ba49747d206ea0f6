/** device_status as a table of transitions (2.1, 3.1). */
import { STATUS } from '../wire/virtio.ts';

/** What the device has to do when the driver has written a status. */
export type StatusEffect = 'reset' | 'check-features' | 'go-live' | 'give-up';

interface Transition {
  /** The bit that the driver sets. */
  readonly bit: number;
  readonly effect: StatusEffect;
}

const TRANSITIONS: readonly Transition[] = [
  { bit: STATUS.FEATURES_OK, effect: 'check-features' },
  { bit: STATUS.DRIVER_OK, effect: 'go-live' },
  { bit: STATUS.FAILED, effect: 'give-up' },
];

/** Bits that belong to the driver. SUSPEND is not among them: the device does not offer it. */
const DRIVER_BITS = STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.DRIVER_OK | STATUS.FEATURES_OK | STATUS.FAILED;

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
  const newlySet = written & ~current;
  const effects = TRANSITIONS.filter(({ bit }) => (newlySet & bit) !== 0).map(({ effect }) => effect);
  return { status: (written & DRIVER_BITS) | (current & STATUS.DEVICE_NEEDS_RESET), effects };
}

/** Whether the device may process buffers (core/device/status/no-consume-before-driver-ok). */
export const isLive = (status: number): boolean => (status & (STATUS.DRIVER_OK | STATUS.FAILED)) === STATUS.DRIVER_OK;
