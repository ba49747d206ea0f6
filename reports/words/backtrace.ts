/** Whose functions stand in a backtrace of the Linux kernel. */

/** From the driver under test outwards to what it builds on; `elsewhere` is anything else. */
export const PARTS = ['driver', 'virtio', 'iommu', 'elsewhere'] as const;
export type KernelPart = (typeof PARTS)[number];

interface PartOfKernel {
  readonly modules: readonly string[];
  /** Of functions that are built in. */
  readonly functions: RegExp;
}

const OURS: Readonly<Record<Exclude<KernelPart, 'elsewhere'>, PartOfKernel>> = {
  driver: { modules: ['virtio_iommu'], functions: /^_*viommu_/ },
  virtio: {
    modules: ['virtio', 'virtio_ring', 'virtio_pci', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_mmio'],
    functions: /^_*(?:virtio|virtqueue|vring|vp)_/,
  },
  iommu: { modules: ['iommufd', 'iova'], functions: /^_*(?:iommu|iova)_|^(?:alloc|free|find)_iova/ },
};

/** A function with its offset and size, and its module. What stands behind a question mark was left on the stack by others. */
const FRAME =
  /(\? ?)?\b([A-Za-z_][\w.]{0,127})\+0x[0-9a-f]{1,16}\/0x[0-9a-f]{1,16}(?: \[([\w-]{1,64})(?: [0-9a-f]{1,64})?\])?/g;

export interface Frame {
  readonly name: string;
  readonly part: KernelPart;
}

/** The functions that `line` names, in its order. */
export function framesIn(line: string): Frame[] {
  return [...line.matchAll(FRAME)]
    .filter(([, unsure]) => unsure === undefined)
    .map(([, , name = '', module]) => ({
      name: module === undefined ? name : `${name} [${module}]`,
      part: partOf(name, module),
    }));
}

function partOf(name: string, module: string | undefined): KernelPart {
  for (const part of PARTS) {
    if (part === 'elsewhere') break;
    const { modules, functions } = OURS[part];
    if (module === undefined ? functions.test(name) : modules.includes(module.replaceAll('-', '_'))) return part;
  }
  return 'elsewhere';
}

/** The frame that is nearest to the driver under test; undefined if there is none at all. */
export const nearestFrame = (frames: readonly Frame[]): Frame | undefined =>
  PARTS.map((part) => frames.find((frame) => frame.part === part)).find((frame) => frame !== undefined);
