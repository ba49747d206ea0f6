/** The vendor-specific PCI capabilities by which a driver finds the virtio structures (4.1.4). */
import { VIRTIO_PCI_CAP } from '../wire/virtio.ts';
import type { PciCapability } from './pci-config.ts';

/** Where each structure lies in BAR 0. Each has a page of its own. */
export const BAR0_LAYOUT = { common: 0x0000, isr: 0x1000, device: 0x2000, notify: 0x3000 } as const;
export const STRUCTURE_BYTES = 0x1000;

/** pci/device/notify-cap/multiplier-multiple-of-4 */
export const NOTIFY_OFF_MULTIPLIER = 4;

/** Offsets in the PCI_CFG capability, from its first byte. */
export const PCI_CFG_FIELDS = { bar: 4, offset: 8, length: 12, data: 16 } as const;
export const PCI_CFG_DATA_BYTES = 4;

const VENDOR_SPECIFIC = 0x09;
const BODY = 2;

interface Location {
  readonly type: number;
  readonly offset: number;
  readonly length: number;
  /** A 32-bit word behind the common part. */
  readonly extra?: number;
}

function virtioCapability({ type, offset, length, extra }: Location): PciCapability {
  const capLength = extra === undefined ? 16 : 20;
  const body = new Uint8Array(capLength - BODY);
  const view = new DataView(body.buffer);
  // pci/device/caps/cap-len-covers-extra
  view.setUint8(2 - BODY, capLength);
  view.setUint8(3 - BODY, type);
  view.setUint32(PCI_CFG_FIELDS.offset - BODY, offset, true);
  view.setUint32(PCI_CFG_FIELDS.length - BODY, length, true);
  if (extra !== undefined) view.setUint32(PCI_CFG_FIELDS.data - BODY, extra, true);
  return { id: VENDOR_SPECIFIC, body };
}

/** pci/device/pci-cfg-cap/present: a window whose bar, offset, length and data the driver writes. */
function windowCapability(): PciCapability {
  const { id, body } = virtioCapability({ type: VIRTIO_PCI_CAP.PCI_CFG, offset: 0, length: 0, extra: 0 });
  const writable = new Uint8Array(body.length);
  writable[PCI_CFG_FIELDS.bar - BODY] = 0xff;
  writable.fill(0xff, PCI_CFG_FIELDS.offset - BODY);
  return { id, body, writable };
}

/** The capabilities of one device, the PCI_CFG window last. `configLength` in bytes. */
export function virtioCapabilities(configLength: number): readonly PciCapability[] {
  const { common, isr, device, notify } = BAR0_LAYOUT;
  return [
    virtioCapability({ type: VIRTIO_PCI_CAP.COMMON_CFG, offset: common, length: STRUCTURE_BYTES }),
    virtioCapability({ type: VIRTIO_PCI_CAP.ISR_CFG, offset: isr, length: STRUCTURE_BYTES }),
    virtioCapability({ type: VIRTIO_PCI_CAP.DEVICE_CFG, offset: device, length: Math.max(configLength, 4) }),
    virtioCapability({
      type: VIRTIO_PCI_CAP.NOTIFY_CFG,
      offset: notify,
      length: STRUCTURE_BYTES,
      extra: NOTIFY_OFF_MULTIPLIER,
    }),
    windowCapability(),
  ];
}
