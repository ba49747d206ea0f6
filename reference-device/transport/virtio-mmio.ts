/** The register file of virtio-mmio version 2 (4.2.2) as a table. Registers without `read` are marked W there. */
import { hasFeature } from '../wire/features.ts';
import type { DeviceQueue } from './device-queue.ts';
import { featureWindow, withFeatureWindow } from './features.ts';
import type { Register } from './register-file.ts';
import type { VirtioCore } from './virtio-core.ts';

/** 'virt', little-endian. mmio/device/regs/magic */
const MAGIC_VALUE = 0x7472_6976;
/** mmio/device/regs/version */
const VERSION = 2;
const VENDOR_ID = 0x4350_5356;

/** Where the device configuration begins. */
export const MMIO_CONFIG_OFFSET = 0x100;
const QUEUE_NOTIFY_OFFSET = 0x050;

/** What a device that breaks the specification shows in its first registers. */
export interface MmioIdentity {
  readonly magicValue: number;
  readonly version: number;
  readonly deviceId: number;
}

/** An honest device of the type `deviceId`. */
export const mmioIdentity = (deviceId: number): MmioIdentity => ({
  magicValue: MAGIC_VALUE,
  version: VERSION,
  deviceId,
});

/** The interrupt line of one window. */
export interface MmioInterruptStatus {
  readonly status: number;
  acknowledge(bits: number): void;
  /** mmio/device/regs/clear-on-reset */
  clear(): void;
}

const register = (
  offset: number,
  name: string,
  access: Pick<Register, 'read' | 'write' | 'perQueue'> = {},
): Register => ({ offset, width: 4, name, ...access });

function identityRegisters({ magicValue, version, deviceId }: MmioIdentity): Register[] {
  return [
    register(0x000, 'MagicValue', { read: () => magicValue }),
    register(0x004, 'Version', { read: () => version }),
    register(0x008, 'DeviceID', { read: () => deviceId }),
    register(0x00c, 'VendorID', { read: () => VENDOR_ID }),
  ];
}

function deviceRegisters(core: VirtioCore, interrupts: MmioInterruptStatus): Register[] {
  return [
    register(0x010, 'DeviceFeatures', { read: () => featureWindow(core.device.offered, core.deviceFeatureSelect) }),
    register(0x014, 'DeviceFeaturesSel', { write: (value) => (core.deviceFeatureSelect = Number(value)) }),
    register(0x020, 'DriverFeatures', {
      write: (value) => (core.driverFeatures = withFeatureWindow(core.driverFeatures, core.driverFeatureSelect, value)),
    }),
    register(0x024, 'DriverFeaturesSel', { write: (value) => (core.driverFeatureSelect = Number(value)) }),
    register(0x030, 'QueueSel', { write: (value) => (core.queueSelect = Number(value)) }),
    register(QUEUE_NOTIFY_OFFSET, 'QueueNotify'),
    register(0x060, 'InterruptStatus', { read: () => interrupts.status }),
    register(0x064, 'InterruptACK', { write: (value) => interrupts.acknowledge(Number(value)) }),
    register(0x070, 'Status', {
      read: () => core.readStatus(),
      write: (value) => {
        const status = Number(value & 0xffn);
        core.writeStatus(status);
        if (status === 0) interrupts.clear();
      },
    }),
    register(0x0ac, 'SHMSel', { write: () => {} }),
    // There is no shared memory: 2^64 - 1 for length and address (4.2.2).
    ...['SHMLenLow', 'SHMLenHigh', 'SHMBaseLow', 'SHMBaseHigh'].map((name, at) =>
      register(0x0b0 + 4 * at, name, { read: () => 0xffff_ffff }),
    ),
    register(0x0fc, 'ConfigGeneration', { read: () => core.generation }),
  ];
}

type AddressName = 'desc' | 'driver' | 'device';

const ADDRESSES: readonly { readonly offset: number; readonly name: string; readonly of: AddressName }[] = [
  { offset: 0x080, name: 'QueueDesc', of: 'desc' },
  { offset: 0x090, name: 'QueueDriver', of: 'driver' },
  { offset: 0x0a0, name: 'QueueDevice', of: 'device' },
];

function queueRegisters(core: VirtioCore): Register[] {
  const perQueue = (
    offset: number,
    name: string,
    get: ((queue: DeviceQueue) => number) | undefined,
    set?: (queue: DeviceQueue, value: bigint) => void,
  ): Register =>
    register(offset, name, {
      perQueue: true,
      ...(get && { read: () => (core.selectedQueue === undefined ? 0 : get(core.selectedQueue)) }),
      ...(set && {
        write: (value: bigint) => {
          if (core.selectedQueue !== undefined) set(core.selectedQueue, value);
        },
      }),
    });
  const half = (offset: number, name: string, of: AddressName, shift: bigint): Register =>
    perQueue(offset, name, undefined, (queue, value) => {
      queue[of] = (queue[of] & ~(0xffff_ffffn << shift)) | ((value & 0xffff_ffffn) << shift);
    });
  return [
    perQueue(0x034, 'QueueSizeMax', (queue) => queue.maxSize),
    perQueue(0x038, 'QueueSize', undefined, (queue, value) => queue.setSize(Number(value))),
    // mmio/device/regs/no-access-when-not-ready: a queue that is taken back is forgotten with its addresses.
    perQueue(
      0x044,
      'QueueReady',
      (queue) => Number(queue.enabled),
      (queue, value) => {
        if (value === 1n) core.enableQueue(queue);
        if (value === 0n) core.resetQueue(queue);
      },
    ),
    ...ADDRESSES.flatMap(({ offset, name, of }) => [
      half(offset, `${name}Low`, of, 0n),
      half(offset + 4, `${name}High`, of, 32n),
    ]),
    // mmio/device/regs/reset-queue-on-write-1, mmio/device/regs/queue-reset-1-while-ongoing,
    // mmio/device/regs/both-0-when-done, mmio/device/regs/queue-reset-0-on-reset,
    // mmio/device/regs/queue-reset-0-after-enable
    ...(hasFeature(core.device.offered, 'VIRTIO_F_RING_RESET')
      ? [
          perQueue(
            0x0c0,
            'QueueReset',
            (queue) => Number(core.queueResetGoesOn(queue)),
            (queue, value) => {
              if (value === 1n) core.beginQueueReset(queue);
            },
          ),
        ]
      : []),
  ];
}

/** The control registers of one device; the configuration follows at `MMIO_CONFIG_OFFSET`. */
export function mmioRegisters(
  core: VirtioCore,
  identity: MmioIdentity,
  interrupts: MmioInterruptStatus,
): readonly Register[] {
  return [...identityRegisters(identity), ...deviceRegisters(core, interrupts), ...queueRegisters(core)];
}

/** The queue that a write of `value` to QueueNotify means; undefined at any other offset (4.2.3.3). */
export function notifiedQueue(core: VirtioCore, offset: number, value: number): number | undefined {
  if (offset !== QUEUE_NOTIFY_OFFSET) return undefined;
  return hasFeature(core.accepted, 'VIRTIO_F_NOTIFICATION_DATA') ? value & 0xffff : value;
}
