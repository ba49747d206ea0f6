/** Where a virtio device has put its register structures (4.1.4), from its PCI capabilities. */
import type { DriverFaults } from './driver-faults.ts';
import type { PciDevice } from './pci.ts';

interface Place {
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
}

export interface VirtioLayout {
  readonly common: Place;
  readonly notify: Place;
  readonly notifyMultiplier: number;
  /** Undefined for a device without configuration of its own. */
  readonly device: Place | undefined;
  /** Where it tells why it has raised INTx; undefined where this driver has no use for it. */
  readonly isr?: Place | undefined;
  /** Offset of PCI_CFG in configuration space, if there is one. */
  readonly window?: number | undefined;
  /** MSI-X capability, if there is one. */
  readonly msix: { readonly offset: number; readonly vectorCount: number } | undefined;
}

const VIRTIO_VENDOR = 0x1af4;
const VENDOR_CAPABILITY = 0x09;
const MSIX_CAPABILITY = 0x11;
const MSIX_MASKED = 0x4000;
const MSIX_ENABLED = 0x8000;

const COMMON = 1;
const NOTIFY = 2;
const ISR = 3;
const DEVICE = 4;
const PCI_CFG = 5;
const VENDOR_DATA = 9;

/** Types of structures that this driver uses, and the least length with which each is of use. */
const LEAST_LENGTH: ReadonlyMap<number, number> = new Map([
  [COMMON, 56],
  [NOTIFY, 2],
  [ISR, 1],
  [DEVICE, 1],
]);

/** Where many devices have their structures, and none has to. */
const USUAL_LAYOUT = {
  common: { bar: 0, offset: 0, length: 0x1000 },
  device: { bar: 0, offset: 0x2000, length: 0x1000 },
  notify: { bar: 0, offset: 0x3000, length: 0x1000 },
  isr: { bar: 0, offset: 0x1000, length: 0x1000 },
  notifyMultiplier: 4,
} as const;

/** In which order many devices list them. */
const USUAL_ORDER = [COMMON, ISR, DEVICE, NOTIFY];

interface Structure {
  readonly place: Place;
  readonly capability: number;
}

/** The layout, or undefined if a structure that every driver needs is missing: then it is no device for this driver. */
export function virtioLayout(pci: PciDevice, faults: DriverFaults): VirtioLayout | undefined {
  const structures = new Map<number, Structure>();
  let msix: VirtioLayout['msix'];
  let hasVendorData = false;
  let window: number | undefined;
  for (const { id, offset } of pci.capabilities()) {
    if (id === MSIX_CAPABILITY) msix = { offset, vectorCount: (pci.readConfig(offset + 2, 2) & 0x7ff) + 1 };
    if (id !== VENDOR_CAPABILITY) continue;
    const type = faults.has('cfg-type-unread') ? (USUAL_ORDER[structures.size] ?? 0) : cfgTypeOf(pci, offset, faults);
    if (structures.has(type) && !faults.has('takes-last-instance')) continue;
    hasVendorData ||= type === VENDOR_DATA;
    if (type > VENDOR_DATA && faults.has('unknown-cfg-type-gives-up')) return undefined;
    if (type === PCI_CFG) window ??= offset;
    writeInto(pci, offset, type, faults);
    const place = placeIn(pci, offset, faults);
    if (isUsable(pci, offset, type, place, faults)) structures.set(type, { place, capability: offset });
  }
  if (faults.has('structures-at-fixed-places')) return { ...USUAL_LAYOUT, msix, window };
  const common = structures.get(COMMON);
  const notify = structures.get(NOTIFY);
  if (!common || !notify || goesByVendorData(hasVendorData, faults)) return undefined;
  return {
    common: common.place,
    notify: notify.place,
    notifyMultiplier: pci.readConfig(notify.capability + 16, 4),
    device: structures.get(DEVICE)?.place,
    isr: structures.get(ISR)?.place,
    window,
    msix,
  };
}

/** Whether the driver refuses a device for the Vendor data that it has, or has not. */
const goesByVendorData = (hasVendorData: boolean, faults: DriverFaults): boolean =>
  faults.has(hasVendorData ? 'vendor-data-as-quirk' : 'wants-vendor-data');

const cfgTypeOf = (pci: PciDevice, capability: number, faults: DriverFaults): number =>
  pci.readConfig(capability + 3, 1) & (faults.has('cfg-type-low-bits') ? 7 : 0xff);

/** What drivers with these mistakes write into a capability. */
function writeInto(pci: PciDevice, capability: number, type: number, faults: DriverFaults): void {
  if (type === VENDOR_DATA && faults.has('writes-vendor-capability')) pci.writeConfig(capability + 8, 4, 1);
  if (type === VENDOR_DATA && faults.has('clears-foreign-vendor-data')) {
    const isForeign = pci.readConfig(capability + 4, 2) !== VIRTIO_VENDOR;
    if (isForeign) pci.writeConfig(capability + 8, 4, 0);
  }
  if (type === COMMON && faults.has('writes-capability')) pci.writeConfig(capability + 4, 1, 0);
  if (type === NOTIFY && faults.has('writes-notify-capability')) pci.writeConfig(capability + 16, 4, 4);
}

/** What lies in a reserved BAR, is of a type that this driver has no use for, or is too short, is passed over. */
function isUsable(pci: PciDevice, capability: number, type: number, place: Place, faults: DriverFaults): boolean {
  const least = LEAST_LENGTH.get(type);
  if (least === undefined || place.length < least) return false;
  if (place.bar > 5 && !faults.has('takes-reserved-bar')) return false;
  const known = type === NOTIFY ? 20 : 16;
  const capLen = pci.readConfig(capability + 2, 1);
  if (faults.has('cap-len-exact') && capLen !== known) return false;
  if (faults.has('cap-len-longer-refused') && capLen > known) return false;
  if (faults.has('config-below-40-refused') && type === DEVICE && place.length < 40) return false;
  if (faults.has('refuses-large-structures') && place.length > 0x1000) return false;
  return !(faults.has('config-size-exact') && type === DEVICE && place.length !== 40);
}

function placeIn(pci: PciDevice, capability: number, faults: DriverFaults): Place {
  let bar = pci.readConfig(capability + 4, 1);
  if (faults.has('reserved-bar-modulo-6')) bar %= 6;
  return {
    bar,
    offset: pci.readConfig(capability + 8, 4),
    length: pci.readConfig(capability + 12, 4),
  };
}

const TABLE_ENTRY_LENGTH = 16;
const FIRST_MESSAGE = 0x40;

/** Fills the MSI-X table and turns MSI-X on, with no vector masked. The device finds the doorbell at `address`. */
export function enableMsix(pci: PciDevice, layout: VirtioLayout, address: bigint): void {
  if (!layout.msix) return;
  const table = pci.readConfig(layout.msix.offset + 4, 4);
  for (let vector = 0; vector < layout.msix.vectorCount; vector++) {
    const at = (table & ~7) + vector * TABLE_ENTRY_LENGTH;
    pci.writeBar(table & 7, at, 4, address & 0xffff_ffffn);
    pci.writeBar(table & 7, at + 4, 4, address >> 32n);
    pci.writeBar(table & 7, at + 8, 4, FIRST_MESSAGE + vector);
    pci.writeBar(table & 7, at + 12, 4, 0);
  }
  const control = layout.msix.offset + 2;
  pci.writeConfig(control, 2, (pci.readConfig(control, 2) & ~MSIX_MASKED) | MSIX_ENABLED);
}
