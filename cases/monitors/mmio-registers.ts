import type { Seen, TraceEvent } from '../api/index.ts';
import { isAccess, type RegisterAccess } from './registers.ts';
import { sessionsOf } from './sessions.ts';

/** Who may access a register of virtio-mmio, as 4.2.2 marks it. */
interface MmioRegister {
  readonly name: string;
  readonly access: 'R' | 'W' | 'RW';
}

/** Version 2 of the register layout (4.2.2), by offsets. */
export const MMIO_REGISTERS: ReadonlyMap<number, MmioRegister> = new Map<number, MmioRegister>([
  [0x000, { name: 'MagicValue', access: 'R' }],
  [0x004, { name: 'Version', access: 'R' }],
  [0x008, { name: 'DeviceID', access: 'R' }],
  [0x00c, { name: 'VendorID', access: 'R' }],
  [0x010, { name: 'DeviceFeatures', access: 'R' }],
  [0x014, { name: 'DeviceFeaturesSel', access: 'W' }],
  [0x020, { name: 'DriverFeatures', access: 'W' }],
  [0x024, { name: 'DriverFeaturesSel', access: 'W' }],
  [0x030, { name: 'QueueSel', access: 'W' }],
  [0x034, { name: 'QueueSizeMax', access: 'R' }],
  [0x038, { name: 'QueueSize', access: 'W' }],
  [0x044, { name: 'QueueReady', access: 'RW' }],
  [0x050, { name: 'QueueNotify', access: 'W' }],
  [0x060, { name: 'InterruptStatus', access: 'R' }],
  [0x064, { name: 'InterruptACK', access: 'W' }],
  [0x070, { name: 'Status', access: 'RW' }],
  [0x080, { name: 'QueueDescLow', access: 'W' }],
  [0x084, { name: 'QueueDescHigh', access: 'W' }],
  [0x090, { name: 'QueueDriverLow', access: 'W' }],
  [0x094, { name: 'QueueDriverHigh', access: 'W' }],
  [0x0a0, { name: 'QueueDeviceLow', access: 'W' }],
  [0x0a4, { name: 'QueueDeviceHigh', access: 'W' }],
  [0x0ac, { name: 'SHMSel', access: 'W' }],
  [0x0b0, { name: 'SHMLenLow', access: 'R' }],
  [0x0b4, { name: 'SHMLenHigh', access: 'R' }],
  [0x0b8, { name: 'SHMBaseLow', access: 'R' }],
  [0x0bc, { name: 'SHMBaseHigh', access: 'R' }],
  [0x0c0, { name: 'QueueReset', access: 'RW' }],
  [0x0fc, { name: 'ConfigGeneration', access: 'R' }],
]);

/** Registers that fix a queue's shape. */
export const QUEUE_SHAPE = [
  'QueueSize',
  'QueueDescLow',
  'QueueDescHigh',
  'QueueDriverLow',
  'QueueDriverHigh',
  'QueueDeviceLow',
  'QueueDeviceHigh',
] as const;

/** Length of struct virtio_iommu_config (5.13.4). */
export const CONFIG_LENGTH = 40;

/** Names of the IOMMUs that were accessed in windows. */
export const iommusInWindows = (seen: Seen<string>): string[] => [
  ...new Set(sessionsOf(seen).flatMap(({ iommu, onMmio }) => (onMmio ? [iommu] : []))),
];

/**
 * Accesses to windows that hold an IOMMU, configurations included, among `events`; none to those on PCI. Notifications
 * are events of their own.
 */
export function windowAccesses(seen: Seen<string>, events: readonly TraceEvent[] = seen.events): RegisterAccess[] {
  const names = iommusInWindows(seen);
  if (names.length === 0) return [];
  return events
    .filter(isAccess)
    .filter(({ device, structure }) => names.includes(device) && (structure === 'mmio' || structure === 'device'));
}

/** Whether `access` is one to the control register `name`, from its first byte on. */
export const touches = (access: RegisterAccess, name: string, kind?: RegisterAccess['kind']): boolean =>
  access.structure === 'mmio' &&
  MMIO_REGISTERS.get(access.offset)?.name === name &&
  (kind === undefined || access.kind === kind);

/** The register that begins where `access` does, or the place as a number. */
export const placeOf = (access: RegisterAccess): string =>
  access.structure === 'device'
    ? `offset ${access.offset} of the configuration`
    : (MMIO_REGISTERS.get(access.offset)?.name ?? `offset 0x${access.offset.toString(16)}`);
