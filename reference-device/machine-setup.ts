/** The machine a case asks for, as plain data that can cross a thread or a file. */
import type { DeviceFault } from './device-faults.ts';
import type { DescriptionOddity } from './topology/oddities.ts';
import type { FeatureName } from './wire/features.ts';

export interface IommuConfig {
  readonly page_size_mask: bigint;
  readonly input_range: { readonly start: bigint; readonly end: bigint };
  readonly domain_range: { readonly start: number; readonly end: number };
  readonly probe_size: number;
  /** Bit 0 counts; bits 1-7 only show themselves, as those of a broken device. */
  readonly bypass: number;
}

/** A RESV_MEM property. `subtype`: 0 RESERVED, 1 MSI, others as the case likes. */
export interface ResvMem {
  readonly subtype: number;
  readonly start: bigint;
  readonly end: bigint;
  /** Bytes behind `end`, of fields that a later version has added; none if left out. */
  readonly surplus?: number;
}

/** A property of a type that nobody defines, among the RESV_MEM properties of an endpoint. */
export interface OtherProperty {
  /** How many of the endpoint's RESV_MEM properties come before it. */
  readonly behind: number;
  /** 2..0xfff. */
  readonly type: number;
  /** Length of its value in bytes. */
  readonly length: number;
}

/** How a driver reaches a virtio device: as a PCI function (4.1), or in a window of registers (4.2). */
export type TransportName = 'pci' | 'mmio';

/** IOMMUs as trace and commands name them; the second and third are only there where the topology has them. */
export type IommuName = 'iommu' | 'iommu2' | 'iommu3';

export interface IommuSetup {
  readonly features: readonly FeatureName[];
  /** Offered bits that have no name: numbers 0..63. */
  readonly foreignFeatureBits: readonly number[];
  readonly config: IommuConfig;
  /** Maximum sizes of requestq and eventq, 1..32768; a driver that makes split rings sees the next lower power of two. */
  readonly queueSizes: readonly [number, number];
  /**
   * Bytes of the device configuration; 40 if left out. 36 where there is no bypass, more where a later version has added
   * fields. What is read past its end is all ones.
   */
  readonly configLength?: number;
  /** On PCI, entries of the MSI-X table, 0..4; with none, the device interrupts by INTx. 4 if left out. */
  readonly vectors?: number;
  /** On PCI, the list of capabilities; those of the device that are left out stand behind the others, in their usual order. */
  readonly capabilities?: readonly CapabilityKind[];
}

/** What a virtio function shows in configuration space beside what all of its kind do. */
export type FunctionShape = Pick<IommuSetup, 'vectors' | 'capabilities'>;

/**
 * A PCI capability of an IOMMU: MSI-X, the virtio structures and the window PCI_CFG, each once, and as many as one likes of
 * those that mean nothing to a driver.
 */
export type CapabilityKind =
  | 'MSIX'
  | 'COMMON_CFG'
  | 'ISR_CFG'
  | 'DEVICE_CFG'
  | 'NOTIFY_CFG'
  | 'PCI_CFG'
  /** Of PCI, and no matter of virtio. */
  | 'power-management'
  /** Virtio capabilities of types that are reserved, with the low bits of COMMON_CFG, NOTIFY_CFG and DEVICE_CFG. */
  | 'reserved-0x11'
  | 'reserved-0x12'
  | 'reserved-0x14'
  /** Vendor data of somebody else. */
  | 'vendor-data';

export type EndpointKind = 'dma-engine' | 'virtio-rng' | 'virtio-blk' | 'virtio-net';

export interface EndpointSetup {
  /** One of the slots below: the PCI function, or the window, that plays this endpoint. */
  readonly slot: SlotName;
  /** Offered by a virtio endpoint; ignored for the DMA engine. */
  readonly features: readonly FeatureName[];
  /** Reserved regions that PROBE reports. */
  readonly resvMem: readonly ResvMem[];
  /** What else PROBE reports; nothing if left out. */
  readonly otherProperties?: readonly OtherProperty[];
  /** Of a virtio endpoint, as `IommuSetup.vectors`. */
  readonly vectors?: number;
  /** A virtio endpoint that refuses FEATURES_OK unless ACCESS_PLATFORM was accepted. */
  readonly insistsOnAccessPlatform: boolean;
}

/** What the platform description says; `topology/topologies.ts` has each in full. */
export type TopologyName =
  /** VIOT with one IOMMU and ranges with a gap. */
  | 'plain'
  | 'iommu-behind-itself'
  | 'all-node-types'
  /** VIOT with the IOMMU in a window of registers. */
  | 'mmio'
  /** The same machines as a device tree. */
  | 'device-tree'
  | 'device-tree-mmio'
  /** A device tree whose `iommu-map` permutes IDs and gives some above 0xffff. */
  | 'offset-ids'
  /** A device tree whose `iommu-map-mask` makes two functions one endpoint. */
  | 'masked'
  /** VIOT with two IOMMUs on PCI, whose endpoints have the same IDs. */
  | 'two-iommus'
  /** VIOT with two IOMMUs on PCI, and a third in a window. */
  | 'three-iommus'
  /** The same machine as a device tree. */
  | 'device-tree-iommus'
  /** VIOT with a conventional PCI bus behind a bridge, whose functions have IDs of more than 16 bits. */
  | 'bridged'
  /** EXPERIMENTAL: the IOMMU describes its endpoints itself, as proposed in 2019 and never merged. */
  | 'built-in-2019'
  /** The machine of `plain`, where endpoint IDs begin at 0. */
  | 'ids-from-0'
  /** A device tree with two root complexes, each with functions and an `iommu-map` of its own. */
  | 'two-root-complexes'
  /** VIOT as in `plain`, with a disk; elsewhere there is none. */
  | 'disk'
  /** VIOT as in `plain`, with a network card that has two more functions, of which the first is left out. */
  | 'net';

export interface MachineSetup {
  /** The first IOMMU; every machine has one. */
  readonly iommu: IommuSetup;
  /** The other IOMMUs of the topology, by their names. */
  readonly moreIommus?: Readonly<Partial<Record<IommuName, IommuSetup>>>;
  /** Slots that are not named here are empty: their functions read all ones. */
  readonly endpoints: readonly EndpointSetup[];
  readonly topology: TopologyName;
  /** What else stands in the platform's description; nothing if left out. All are of one form. */
  readonly oddities?: readonly DescriptionOddity[];
  readonly faults: readonly DeviceFault[];
  /**
   * Where the interrupt controller takes messages, in guest-physical space: a multiple of 4 in `DOORBELL_RANGE`, its start if
   * left out. A guest under a virtual machine monitor has the doorbell of that.
   */
  readonly doorbell?: bigint;
}

export const DOORBELL_RANGE = { start: 0xfee0_0000n, end: 0xfeef_ffffn } as const;

/** bus 0, device << 3 | function */
const bdf = (device: number): number => device << 3;

/**
 * The places where functions can sit. They are fixed for a boot, so that one boot serves many cases.
 * `described` is false for the gaps: the topology leaves those functions out.
 * Endpoint ids differ from BDFs on purpose: a driver that takes one for the other is found out.
 */
export const SLOTS = {
  rng: { kind: 'virtio-rng', bdf: bdf(3), described: true },
  dma: { kind: 'dma-engine', bdf: bdf(4), described: true },
  gap: { kind: 'virtio-rng', bdf: bdf(5), described: false },
  rng2: { kind: 'virtio-rng', bdf: bdf(6), described: true },
  dma2: { kind: 'dma-engine', bdf: bdf(7), described: true },
  disk: { kind: 'virtio-blk', bdf: bdf(10), described: true },
  net: { kind: 'virtio-net', bdf: bdf(11), described: true },
  /** Functions 1 and 2 of the device whose function 0 is `net`, without which nobody finds them. */
  fn1: { kind: 'virtio-rng', bdf: bdf(11) + 1, described: false },
  fn2: { kind: 'virtio-rng', bdf: bdf(11) + 2, described: true },
} as const satisfies Record<string, { kind: EndpointKind; bdf: number; described: boolean }>;

/** PCI functions that can hold an IOMMU, each under the name of that IOMMU. */
export const IOMMU_FUNCTIONS = {
  iommu: { bdf: bdf(2) },
  iommu2: { bdf: bdf(8) },
} as const satisfies Partial<Record<IommuName, { bdf: number }>>;

export type IommuFunctionName = keyof typeof IOMMU_FUNCTIONS;

/** Whether there are other functions in the device that the one at `bdf` belongs to. */
export const isMultiFunction = (bdf: number): boolean =>
  Object.values(SLOTS).filter((slot) => slot.bdf >> 3 === bdf >> 3).length > 1;

/** Slots on the PCI bus. */
export type PciSlotName = keyof typeof SLOTS;

export interface Window {
  readonly address: number;
  readonly length: number;
  readonly interrupt: number;
}

/**
 * Windows of registers beside the PCI bus, where nothing answers unless a case puts something there.
 * `address` in the guest's physical space, `length` in bytes, `interrupt` counted from the first shared one.
 */
export const WINDOWS = {
  'iommu-mmio': { address: 0x0a00_0000, length: 0x1000, interrupt: 16 },
  platform: { address: 0x0a00_1000, length: 0x1000, interrupt: 17 },
  'platform-rng': { address: 0x0a00_2000, length: 0x1000, interrupt: 18 },
} as const satisfies Record<string, Window>;

export type WindowName = keyof typeof WINDOWS;

/** Where the windows are in a machine in which those places are taken. */
export type Windows = Readonly<Record<WindowName, Window>>;

/** Slots that are windows, each with the ID of its endpoint: no BDF, and no neighbour of any. */
export const WINDOW_SLOTS = {
  platform: { kind: 'dma-engine', id: 0x3_0007 },
  'platform-rng': { kind: 'virtio-rng', id: 0x4_0002 },
} as const satisfies Partial<Record<WindowName, { kind: EndpointKind; id: number }>>;

export type WindowSlotName = keyof typeof WINDOW_SLOTS;

/** Every place that an endpoint can take. */
export type SlotName = PciSlotName | WindowSlotName;

/** Whether `name` is a slot on the PCI bus. */
export const isPciSlot = (name: string): name is PciSlotName => Object.hasOwn(SLOTS, name);

/** Whether `name` is a slot in a window of registers. */
export const isWindowSlot = (name: string): name is WindowSlotName => Object.hasOwn(WINDOW_SLOTS, name);

export const SLOT_NAMES = [...Object.keys(SLOTS), ...Object.keys(WINDOW_SLOTS)] as [SlotName, ...SlotName[]];

/** What plays the endpoint in `slot`. */
export const kindOf = (slot: SlotName): EndpointKind => (isPciSlot(slot) ? SLOTS[slot].kind : WINDOW_SLOTS[slot].kind);

/** Of the first IOMMU. */
export const IOMMU_BDF = IOMMU_FUNCTIONS.iommu.bdf;

/** Whether `name` is any slot. */
export const isSlotName = (name: string): name is SlotName => isPciSlot(name) || isWindowSlot(name);

/** Whether `place` is on the PCI bus, or else the window `iommu-mmio`. */
export const isIommuFunction = (place: string): place is IommuFunctionName => Object.hasOwn(IOMMU_FUNCTIONS, place);

/** Added to a BDF to make the endpoint ID of a described function. */
export const ENDPOINT_ID_OFFSET = 0x100;

/** The ID by which requests name the endpoint in `slot`, in every topology with one IOMMU that does not move IDs about. */
export const endpointId = (slot: SlotName): number =>
  isPciSlot(slot) ? SLOTS[slot].bdf + ENDPOINT_ID_OFFSET : WINDOW_SLOTS[slot].id;
