/** The register by which a driver brings a device up, on either transport (2.1, 4.1.4.3, 4.2.2). */
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';

export const STATUS = {
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  SUSPEND: 16,
  DEVICE_NEEDS_RESET: 64,
  FAILED: 128,
} as const;

type RegisterAccess = EventOf<'register-read' | 'register-write'>;

const OFFSETS: Readonly<Record<string, number>> = { common: 20, mmio: 0x70 };

/** The byte of device_status in `event` if it reads or writes that register, however wide; undefined otherwise. */
export function statusByte(event: TraceEvent, kind: RegisterAccess['kind']): number | undefined {
  if (event.kind !== kind) return undefined;
  const { structure, offset, width, value } = event;
  const at = OFFSETS[structure];
  if (at === undefined || offset > at || offset + width <= at) return undefined;
  return Number((value >> BigInt(8 * (at - offset))) & 0xffn);
}

/** The first access of that kind, from `since` on, in which the status of `device` has `bit`. */
export const statusWith = (
  events: readonly TraceEvent[],
  kind: RegisterAccess['kind'],
  bit: number,
  { device = 'iommu', since = 0 } = {},
): TraceEvent | undefined =>
  events.find(
    (event) =>
      event.seq >= since &&
      'device' in event &&
      event.device === device &&
      ((statusByte(event, kind) ?? 0) & bit) !== 0,
  );
