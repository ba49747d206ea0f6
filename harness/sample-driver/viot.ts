/** The ACPI VIOT: which functions are behind which IOMMU, and by which endpoint IDs. */
import type { DriverFaults } from './driver-faults.ts';

/** What the table says for one PCI function. */
export interface Topology {
  /** BDF of the first IOMMU on PCI; undefined if there is none. */
  readonly iommu: number | undefined;
  /** Endpoint ID of the function `bdf`; undefined if the table does not describe it. */
  readonly endpointId: (bdf: number) => number | undefined;
}

interface PciRange {
  readonly endpointStart: number;
  readonly segmentStart: number;
  readonly bdfStart: number;
  readonly bdfEnd: number;
  readonly outputNode: number;
}

const HEADER_LENGTH = 48;
const NODE_COUNT = 36;
const NODE_OFFSET = 38;
const TYPE_PCI_RANGE = 1;
const TYPE_VIRTIO_IOMMU_PCI = 3;
const TYPE_VIRTIO_IOMMU_MMIO = 4;
/** The size of each kind of node that this driver reads. */
const NODE_LENGTHS: ReadonlyMap<number, number> = new Map([
  [TYPE_PCI_RANGE, 24],
  [TYPE_VIRTIO_IOMMU_PCI, 16],
  [TYPE_VIRTIO_IOMMU_MMIO, 16],
]);
const KNOWN_TYPES = 4;

/** Reads the table; what lies outside of it or makes no sense is left out. */
export function readViot(bytes: Uint8Array, faults: DriverFaults): Topology {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ranges: PciRange[] = [];
  const iommus = new Map<number, number>();
  for (const { type, at } of nodesOf(view, faults)) {
    if (type === TYPE_PCI_RANGE) {
      ranges.push({
        endpointStart: view.getUint32(at + 4, true),
        segmentStart: view.getUint16(at + 8, true),
        bdfStart: view.getUint16(at + 12, true),
        bdfEnd: view.getUint16(at + 14, true),
        outputNode: view.getUint16(at + 16, true),
      });
    }
    if (type === TYPE_VIRTIO_IOMMU_PCI) iommus.set(at, view.getUint16(at + 6, true));
    if (type === TYPE_VIRTIO_IOMMU_MMIO && faults.has('ignores-node-offset')) iommus.clear();
  }
  const [first] = iommus;
  const ours = (range: PciRange): boolean => faults.has('ignores-node-offset') || range.outputNode === first?.[0];
  return {
    iommu: first?.[1],
    endpointId: (bdf) => endpointIdIn(ranges.filter(ours), bdf, first?.[1], faults),
  };
}

function endpointIdIn(
  ranges: readonly PciRange[],
  bdf: number,
  iommu: number | undefined,
  faults: DriverFaults,
): number | undefined {
  if (bdf === iommu && !faults.has('attaches-iommu-itself')) return undefined;
  const range = ranges.find((range) => {
    const end = faults.has('range-end-exclusive') ? (range.bdfEnd & ~7) - 1 : range.bdfEnd;
    const last = faults.has('attaches-first-endpoint-only') ? Math.min(range.bdfStart, end) : end;
    return range.segmentStart === 0 && bdf >= range.bdfStart && bdf <= last;
  });
  if (!range) return faults.has('attaches-gap') ? bdf + 0x100 : undefined;
  if (faults.has('takes-bdf-for-endpoint-id')) return bdf;
  if (faults.has('endpoint-offset-twice')) return bdf + range.endpointStart;
  return range.endpointStart + (bdf - range.bdfStart);
}

function* nodesOf(view: DataView, faults: DriverFaults): Generator<{ type: number; at: number }> {
  if (view.byteLength < HEADER_LENGTH) return;
  const count = view.getUint16(NODE_COUNT, true);
  let at = view.getUint16(NODE_OFFSET, true);
  for (let node = 0; node < count && at + 4 <= view.byteLength; node++) {
    const type = view.getUint8(at);
    const length = view.getUint16(at + 2, true);
    if (length < 4 || at + length > view.byteLength) return;
    if ((type === 0 || type > KNOWN_TYPES) && faults.has('stops-at-unknown-node')) return;
    const known = NODE_LENGTHS.get(type);
    if (known !== undefined && length >= known) yield { type, at };
    at += faults.has('node-length-from-type') ? (known ?? 24) : length;
  }
}
