/** The vendor-specific PCI capabilities by which a driver finds the virtio structures (4.1.4). */
import { VIRTIO_PCI_CAP } from '../wire/virtio.ts';
import type { PciCapability } from './pci-config.ts';

/** Where each structure lies in BAR 0. */
export type Bar0Layout = Readonly<Record<'common' | 'isr' | 'device' | 'notify', number>>;

/**
 * Each has a page of its own: pci/device/common-cfg/offset-aligned,
 * pci/device/device-cfg/offset-aligned, pci/device/notify-cap/offset-2-aligned, pci/device/notify-cap/offset-4-aligned.
 */
export const BAR0_LAYOUT: Bar0Layout = { common: 0x0000, isr: 0x1000, device: 0x2000, notify: 0x3000 };
/**
 * More than any structure needs: pci/prose/caps/length-may-include-extra. Notifications of 1024 queues fit:
 * pci/device/notify-cap/length-min-2, pci/device/notify-cap/length-min-4, pci/device/notify-cap/length-covers-all,
 * pci/device/notify-cap/length-covers-all-4, pci/device/notify-cap/length-formula-2, pci/device/notify-cap/length-formula-4.
 */
export const STRUCTURE_BYTES = 0x1000;

/** How far behind a structure its second instance begins, where there is one. */
export const SECOND_INSTANCE = 0x800;

/** Far more than any structure needs, and still in the BAR. */
const LARGE_BYTES = 0x4000;

/** pci/device/notify-cap/multiplier-multiple-of-4, pci/device/notify-cap/multiplier-even-power-of-2 */
export const NOTIFY_OFF_MULTIPLIER = 4;

/** Offsets in the PCI_CFG capability, from its first byte. */
export const PCI_CFG_FIELDS = { bar: 4, offset: 8, length: 12, data: 16 } as const;
export const PCI_CFG_DATA_BYTES = 4;

export const VENDOR_SPECIFIC = 0x09;
const BODY = 2;

interface Location {
  readonly type: number;
  /** 0 if left out. */
  readonly bar?: number;
  readonly offset: number;
  readonly length: number;
  /** A 32-bit word behind the common part. */
  readonly extra?: number;
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(VIRTIO_PCI_CAP).map(([name, type]) => [type, name]));

/** One capability, by its name in the specification without VIRTIO_PCI_CAP; '' if its type is reserved. */
export function virtioCapability({ type, bar = 0, offset, length, extra }: Location): PciCapability {
  const capLength = extra === undefined ? 16 : 20;
  const body = new Uint8Array(capLength - BODY);
  const view = new DataView(body.buffer);
  // pci/device/caps/cap-len-covers-extra
  view.setUint8(2 - BODY, capLength);
  view.setUint8(3 - BODY, type);
  view.setUint8(PCI_CFG_FIELDS.bar - BODY, bar);
  view.setUint32(PCI_CFG_FIELDS.offset - BODY, offset, true);
  view.setUint32(PCI_CFG_FIELDS.length - BODY, length, true);
  if (extra !== undefined) view.setUint32(PCI_CFG_FIELDS.data - BODY, extra, true);
  return { id: VENDOR_SPECIFIC, body, name: NAMES.get(type) ?? '' };
}

/** Where the structure of a virtio capability lies. */
export function placeOf({ body }: PciCapability): { bar: number; offset: number; length: number } {
  const view = new DataView(body.buffer, body.byteOffset);
  return {
    bar: view.getUint8(PCI_CFG_FIELDS.bar - BODY),
    offset: view.getUint32(PCI_CFG_FIELDS.offset - BODY, true),
    length: view.getUint32(PCI_CFG_FIELDS.length - BODY, true),
  };
}

/** pci/device/pci-cfg-cap/present: a window whose bar, offset, length and data the driver writes. */
function windowCapability(): PciCapability {
  const { body, ...rest } = virtioCapability({ type: VIRTIO_PCI_CAP.PCI_CFG, offset: 0, length: 0, extra: 0 });
  const writable = new Uint8Array(body.length);
  writable[PCI_CFG_FIELDS.bar - BODY] = 0xff;
  writable.fill(0xff, PCI_CFG_FIELDS.offset - BODY);
  return { ...rest, body, writable };
}

/**
 * The capabilities of one device, the PCI_CFG window last. `configLength` in bytes.
 * With `isLarge` each claims to reach to the end of the BAR.
 * pci/device/common-cfg/present, pci/device/isr/present, pci/prose/device-cfg/device-cfg-present,
 * pci/device/notify-cap/present
 */
export function virtioCapabilities(
  configLength: number,
  { common, isr, device, notify }: Bar0Layout,
  isLarge: boolean,
): readonly PciCapability[] {
  const length = (honest: number, offset: number): number => (isLarge ? LARGE_BYTES - offset : honest);
  return [
    virtioCapability({
      type: VIRTIO_PCI_CAP.COMMON_CFG,
      offset: common,
      length: length(STRUCTURE_BYTES, common),
    }),
    virtioCapability({ type: VIRTIO_PCI_CAP.ISR_CFG, offset: isr, length: length(STRUCTURE_BYTES, isr) }),
    virtioCapability({
      type: VIRTIO_PCI_CAP.DEVICE_CFG,
      offset: device,
      length: length(Math.max(configLength, 4), device),
    }),
    virtioCapability({
      type: VIRTIO_PCI_CAP.NOTIFY_CFG,
      offset: notify,
      length: length(STRUCTURE_BYTES, notify),
      extra: NOTIFY_OFF_MULTIPLIER,
    }),
    windowCapability(),
  ];
}
