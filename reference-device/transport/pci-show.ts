/** What a virtio function shows of itself in configuration space, when a case wants it to be unusual (4.1.2, 4.1.4). */
import type { DeviceFaultName } from '../device-faults.ts';
import { PCI_EXPRESS, SR_IOV } from './sr-iov.ts';
import type { CapabilityKind, FunctionShape } from '../machine-setup.ts';
import { MSIX_VECTORS, msixCapability, withMsix } from './basic-pci-function.ts';
import { inPlaces, type PciCapability, type ShownIdentity } from './pci-config.ts';
import {
  BAR0_LAYOUT,
  type Bar0Layout,
  SECOND_INSTANCE,
  VENDOR_SPECIFIC,
  virtioCapabilities,
  virtioCapability,
} from './virtio-capabilities.ts';
import { VIRTIO_PCI_CAP, VIRTIO_PCI_DEVICE_BASE, VIRTIO_PCI_VENDOR } from '../wire/virtio.ts';

/** The switches that count here. */
export const SHOW_FAULTS: readonly DeviceFaultName[] = [
  'pci-reserved-cfg-type',
  'pci-reserved-bar',
  'pci-second-instances',
  'pci-larger-cap-len',
  'pci-large-length',
  'pci-structures-moved',
  'pci-no-virtio-capabilities',
  'pci-vendor-capability',
  'pci-other-type',
  'pci-other-vendor',
  'pci-revision-0',
  'pci-revision-255',
  'pci-virtual-functions',
  'pci-bars-silent',
];

export interface PciShow {
  readonly identity: ShownIdentity;
  /** Entries of the MSI-X table; 0 if there is no MSI-X. */
  readonly vectorCount: number;
  /** Whether an access to a BAR gets anywhere. */
  readonly hasBars: boolean;
  readonly layout: Bar0Layout;
  /** Whether each structure can be reached at `SECOND_INSTANCE` as well. */
  readonly hasSecondInstances: boolean;
  /** In the order of the list, behind MSI-X. */
  readonly capabilities: readonly PciCapability[];
  /** The one in the extended space of PCI Express. */
  readonly extended: PciCapability | undefined;
}

/** pci/device/discovery/revision-ge-1 */
const REVISION = 1;
/** PCI Device ID of a memory balloon (virtio device ID 5). */
const BALLOON = VIRTIO_PCI_DEVICE_BASE + 5;

const MOVED: Bar0Layout = { common: 0x2000, isr: 0x3000, device: 0x1000, notify: 0x0000 };

/**
 * What stands among the real capabilities: some for a driver that takes the first of a type, some for one that takes the
 * last. A reserved type has the low bits of a defined one, and a BAR above 5 is reserved (4.1.4).
 */
interface Decoys {
  readonly before: readonly PciCapability[];
  /** Before DEVICE_CFG. */
  readonly between: readonly PciCapability[];
  readonly behind: readonly PciCapability[];
}
/** Nothing of a structure lies there. */
const EMPTY_PLACE = 0x0c00;
const EMPTY_LENGTH = 0x100;
const EXTRA_BYTES = 8;
const POWER_MANAGEMENT: PciCapability = { id: 0x01, body: Uint8Array.from([0x03, 0, 0, 0, 0, 0]) };
/** Not virtio's vendor ID: only its own drivers and tools can make sense of what has it. */
const FOREIGN_VENDOR = 0x1b36;

const ofType = (type: number, bar = 0): PciCapability =>
  virtioCapability({
    type,
    bar,
    offset: EMPTY_PLACE,
    length: EMPTY_LENGTH,
    ...((type & 7) === VIRTIO_PCI_CAP.NOTIFY_CFG && { extra: 0 }),
  });

const RESERVED_BARS: Decoys = {
  before: [ofType(VIRTIO_PCI_CAP.COMMON_CFG, 6), ofType(VIRTIO_PCI_CAP.NOTIFY_CFG, 7)],
  between: [ofType(VIRTIO_PCI_CAP.DEVICE_CFG, 8)],
  behind: [ofType(VIRTIO_PCI_CAP.COMMON_CFG, 0xff), ofType(VIRTIO_PCI_CAP.DEVICE_CFG, 6)],
};
const RESERVED_TYPES: Decoys = {
  before: [ofType(0x11), ofType(0x12)],
  between: [ofType(0x14)],
  behind: [ofType(0x11), ofType(0x14)],
};

function amid(capabilities: readonly PciCapability[], { before, between, behind }: Decoys): PciCapability[] {
  const at = capabilities.findIndex(({ name }) => name === 'DEVICE_CFG');
  return [...before, ...capabilities.slice(0, at), ...between, ...capabilities.slice(at), ...behind];
}

/** The structure `by` bytes further on, and short enough for two instances to lie in its page. */
function instance({ body, ...rest }: PciCapability, by: number): PciCapability {
  const copy = body.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(6, view.getUint32(6, true) + by, true);
  view.setUint32(10, Math.min(view.getUint32(10, true), SECOND_INSTANCE), true);
  return { ...rest, body: copy };
}

const isWindow = ({ name }: PciCapability): boolean => name === 'PCI_CFG';

function longer({ body, ...rest }: PciCapability): PciCapability {
  const padded = new Uint8Array(body.length + EXTRA_BYTES).fill(0xa5);
  padded.set(body);
  padded[0] = body[0]! + EXTRA_BYTES;
  const writable = new Uint8Array(padded.length);
  if (rest.writable) writable.set(rest.writable);
  return { ...rest, body: padded, ...(rest.writable && { writable }) };
}

function vendorCapability(): PciCapability {
  const { body, ...rest } = ofType(VIRTIO_PCI_CAP.VENDOR_CFG);
  new DataView(body.buffer).setUint16(2, FOREIGN_VENDOR, true);
  const writable = new Uint8Array(body.length).fill(0xff, 4);
  return { ...rest, body, writable };
}

/** What the function is, as long as no switch says otherwise. */
export interface ShownDevice {
  /** PCI Device ID. */
  readonly device: number;
  /** Length of the device configuration in bytes. */
  readonly configLength: number;
}

/** How often each capability can be in the list; those that may be there more than once mean nothing to a driver. */
export const CAPABILITY_KINDS: Readonly<Record<CapabilityKind, 'once' | (() => PciCapability)>> = {
  MSIX: 'once',
  COMMON_CFG: 'once',
  ISR_CFG: 'once',
  DEVICE_CFG: 'once',
  NOTIFY_CFG: 'once',
  PCI_CFG: 'once',
  'power-management': () => POWER_MANAGEMENT,
  'reserved-0x11': () => ofType(0x11),
  'reserved-0x12': () => ofType(0x12),
  'reserved-0x14': () => ofType(0x14),
  'vendor-data': vendorCapability,
};

/** The capabilities in the order that is asked for, and those behind them for which it has no place. */
function arranged(
  capabilities: readonly PciCapability[],
  order: readonly CapabilityKind[],
  vectorCount: number,
): readonly PciCapability[] {
  const listed = order.flatMap((kind) => {
    if (kind === 'MSIX') return vectorCount > 0 ? [msixCapability(vectorCount)] : [];
    const filler = CAPABILITY_KINDS[kind];
    return filler === 'once' ? capabilities.filter(({ name }) => name === kind) : [filler()];
  });
  return [...listed, ...capabilities.filter((it) => !listed.includes(it))];
}

/** Bytes of configuration space that the capabilities of an IOMMU take up. */
export function capabilityBytes(shape: FunctionShape, on: ReadonlySet<DeviceFaultName>): number {
  const { capabilities, vectorCount } = pciShow({ device: 0, configLength: 0 }, on, shape);
  const all = withMsix(capabilities, vectorCount);
  return all.reduce((sum, { body }) => sum + ((2 + body.length + 3) & ~3), 0);
}

/** Whether a function of this shape can show itself where MSI-X and the places of capabilities are fixed, and BARs have addresses. */
export function fitsInPlaces(shape: FunctionShape, on: ReadonlySet<DeviceFaultName>): boolean {
  const { capabilities, extended, vectorCount, hasBars } = pciShow({ device: 0, configLength: 0 }, on, shape);
  if (!hasBars || extended !== undefined || vectorCount !== MSIX_VECTORS) return false;
  return inPlaces(withMsix(capabilities, vectorCount)) !== undefined;
}

/** How a function of this shape looks while these switches are on. */
export function pciShow(
  { device, configLength }: ShownDevice,
  on: ReadonlySet<DeviceFaultName>,
  { capabilities: order, vectors: vectorCount = MSIX_VECTORS }: FunctionShape = {},
): PciShow {
  const layout = on.has('pci-structures-moved') ? MOVED : BAR0_LAYOUT;
  let capabilities = virtioCapabilities(configLength, layout, on.has('pci-large-length'));
  const hasSecondInstances = on.has('pci-second-instances');
  const structures = hasSecondInstances ? capabilities.filter((it) => !isWindow(it)) : [];
  if (hasSecondInstances) capabilities = capabilities.map((it) => (isWindow(it) ? it : instance(it, 0)));
  if (on.has('pci-structures-moved')) capabilities = [POWER_MANAGEMENT, ...capabilities.toReversed()];
  if (order) capabilities = arranged(capabilities, order, vectorCount);
  if (on.has('pci-larger-cap-len'))
    capabilities = capabilities.map((it) => (it.id === VENDOR_SPECIFIC ? longer(it) : it));
  if (on.has('pci-reserved-cfg-type')) capabilities = amid(capabilities, RESERVED_TYPES);
  if (on.has('pci-reserved-bar')) capabilities = amid(capabilities, RESERVED_BARS);
  return {
    identity: {
      // pci/device/discovery/vendor-id
      vendor: on.has('pci-other-vendor') ? FOREIGN_VENDOR : VIRTIO_PCI_VENDOR,
      // pci/device/discovery/device-id, pci/device/discovery/non-transitional-id-range
      device: on.has('pci-other-type') ? BALLOON : device,
      revision: on.has('pci-revision-0') ? 0 : on.has('pci-revision-255') ? 0xff : REVISION,
    },
    vectorCount,
    hasBars: !on.has('pci-bars-silent'),
    layout,
    hasSecondInstances,
    capabilities: on.has('pci-no-virtio-capabilities')
      ? []
      : [
          ...(on.has('pci-vendor-capability') ? [vendorCapability()] : []),
          ...capabilities,
          ...structures.map((it) => instance(it, SECOND_INSTANCE)),
          ...(on.has('pci-virtual-functions') ? [PCI_EXPRESS] : []),
        ],
    extended: on.has('pci-virtual-functions') ? SR_IOV : undefined,
  };
}
