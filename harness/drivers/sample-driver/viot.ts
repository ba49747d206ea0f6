/** The ACPI VIOT: which functions are behind which IOMMU, and by which endpoint IDs. */
import type { DriverFaults } from './driver-faults.ts';
import { type Described, type IommuPlace, isIommu, type Topology } from './topology.ts';
import { windowWith } from './window-id.ts';

interface PciRange {
  readonly endpointStart: number;
  readonly segmentStart: number;
  readonly bdfStart: number;
  readonly bdfEnd: number;
  readonly outputNode: number;
}

const HEADER_LENGTH = 48;
const REVISION = 8;
const NODE_COUNT = 36;
const NODE_OFFSET = 38;
const TYPE_PCI_RANGE = 1;
const TYPE_MMIO_ENDPOINT = 2;
const TYPE_VIRTIO_IOMMU_PCI = 3;
const TYPE_VIRTIO_IOMMU_MMIO = 4;
/** The size of each kind of node that this driver reads. */
const NODE_LENGTHS: ReadonlyMap<number, number> = new Map([
  [TYPE_PCI_RANGE, 24],
  [TYPE_MMIO_ENDPOINT, 24],
  [TYPE_VIRTIO_IOMMU_PCI, 16],
  [TYPE_VIRTIO_IOMMU_MMIO, 16],
]);
const KNOWN_TYPES = 4;

/** An endpoint in a window of registers. */
interface Window {
  readonly address: number;
  readonly id: number;
  readonly outputNode: number;
}

/** An address in physical space; what no window begins at loses digits. */
const addressAt = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** Reads the table; what lies outside of it or makes no sense is left out. */
export function readViot(bytes: Uint8Array, faults: DriverFaults): Topology {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ranges: PciRange[] = [];
  const windows: Window[] = [];
  const iommus = new Map<number, IommuPlace>();
  for (const { type, at } of nodesOf(view, faults)) {
    if (type === TYPE_PCI_RANGE) ranges.push(rangeAt(view, at));
    if (type === TYPE_MMIO_ENDPOINT) {
      const id = view.getUint32(at + 4, true);
      windows.push({ id, address: addressAt(view, at + 8), outputNode: view.getUint16(at + 16, true) });
    }
    if (type === TYPE_VIRTIO_IOMMU_PCI) iommus.set(at, { bdf: view.getUint16(at + 6, true) });
    if (type === TYPE_VIRTIO_IOMMU_MMIO) iommus.set(at, { window: addressAt(view, at + 8) });
  }
  const places = [...iommus.values()];
  const iommuOf = ({ outputNode }: { readonly outputNode: number }): IommuPlace | undefined =>
    faults.has('ignores-node-offset') ? places.at(-1) : iommus.get(outputNode);
  const described = (node: { readonly outputNode: number } | undefined, id: number): Described | undefined => {
    const iommu = node && iommuOf(node);
    return iommu && { iommu, id };
  };
  const known = ranges.filter((range) => iommuOf(range) !== undefined);
  return {
    iommus: places,
    functionAt: (found) => {
      const bdf = faults.has('functions-taken-for-one') ? found & ~7 : found;
      if (isIommu({ iommus: places }, bdf) && !faults.has('attaches-iommu-itself')) return undefined;
      const range = rangeOf(known, bdf, faults);
      if (range) return described(range, idIn(range, bdf, faults));
      return faults.has('attaches-gap') && places[0] ? { iommu: places[0], id: bdf + 0x100 } : undefined;
    },
    windowAt: (address) => {
      const window = windows.find((candidate) => iommuOf(candidate) && candidate.address === address);
      return windowWith(described(window, window?.id ?? 0), address, faults);
    },
  };
}

const rangeAt = (view: DataView, at: number): PciRange => ({
  endpointStart: view.getUint32(at + 4, true),
  segmentStart: view.getUint16(at + 8, true),
  bdfStart: view.getUint16(at + 12, true),
  bdfEnd: view.getUint16(at + 14, true),
  outputNode: view.getUint16(at + 16, true),
});

function rangeOf(ranges: readonly PciRange[], bdf: number, faults: DriverFaults): PciRange | undefined {
  return ranges.find((range) => {
    const end = faults.has('range-end-exclusive') ? (range.bdfEnd & ~7) - 1 : range.bdfEnd;
    const last = faults.has('attaches-first-endpoint-only') ? Math.min(range.bdfStart, end) : end;
    const isFirst = range.segmentStart === 0 || faults.has('segment-ignored');
    return isFirst && bdf >= range.bdfStart && bdf <= last;
  });
}

function idIn(range: PciRange, bdf: number, faults: DriverFaults): number {
  if (faults.has('takes-bdf-for-endpoint-id')) return bdf;
  if (faults.has('endpoint-offset-twice')) return bdf + range.endpointStart;
  const id = range.endpointStart + (bdf - range.bdfStart);
  return faults.has('range-id-16-bit') ? id & 0xffff : id;
}

function* nodesOf(view: DataView, faults: DriverFaults): Generator<{ type: number; at: number }> {
  if (view.byteLength < HEADER_LENGTH) return;
  const count = view.getUint16(NODE_COUNT, true);
  if (faults.has('viot-revision-checked') && view.getUint8(REVISION) !== 0) return;
  let at = faults.has('viot-nodes-behind-header') ? HEADER_LENGTH : view.getUint16(NODE_OFFSET, true);
  for (let node = 0; node < count && at + 4 <= view.byteLength; node++) {
    const type = view.getUint8(at);
    const length = view.getUint16(at + 2, true);
    if (length < 4 || at + length > view.byteLength) return;
    if ((type === 0 || type > KNOWN_TYPES) && faults.has('stops-at-unknown-node')) return;
    const known = NODE_LENGTHS.get(type);
    const isSpoiled = faults.has('viot-reserved-checked') && view.getUint8(at + 1) !== 0;
    if (known !== undefined && length >= known && !isSpoiled) yield { type, at };
    at += faults.has('node-length-from-type') ? (known ?? 24) : length;
  }
}
