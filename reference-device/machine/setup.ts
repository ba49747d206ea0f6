/** The machine a case asks for, as plain data that can cross a thread or a file. */
import type { DeviceFault } from '../device-faults.ts';
import type { FeatureName } from '../wire/features.ts';

export interface IommuConfig {
  readonly page_size_mask: bigint;
  readonly input_range: { readonly start: bigint; readonly end: bigint };
  readonly domain_range: { readonly start: number; readonly end: number };
  readonly probe_size: number;
  readonly bypass: 0 | 1;
}

/** A RESV_MEM property. `subtype`: 0 RESERVED, 1 MSI, others as the case likes. */
export interface ResvMem {
  readonly subtype: number;
  readonly start: bigint;
  readonly end: bigint;
}

export interface IommuSetup {
  readonly features: readonly FeatureName[];
  /** Offered bits that have no name: numbers 0..63. */
  readonly foreignFeatureBits: readonly number[];
  readonly config: IommuConfig;
  /** Maximum sizes of requestq and eventq. */
  readonly queueSizes: readonly [number, number];
}

export type EndpointKind = 'dma-engine' | 'virtio-rng';

export interface EndpointSetup {
  /** One of the slots below: the PCI function that plays this endpoint. */
  readonly slot: SlotName;
  /** Offered by a virtio endpoint; ignored for the DMA engine. */
  readonly features: readonly FeatureName[];
  /** Reserved regions that PROBE reports. */
  readonly resvMem: readonly ResvMem[];
  /** A virtio endpoint that refuses FEATURES_OK unless ACCESS_PLATFORM was accepted. */
  readonly insistsOnAccessPlatform: boolean;
}

/** What the platform description says. `plain` is VIOT with one IOMMU and ranges with a gap. */
export type TopologyName = 'plain' | 'iommu-behind-itself' | 'all-node-types';

export interface MachineSetup {
  readonly iommu: IommuSetup;
  /** Slots that are not named here are empty: their functions read all ones. */
  readonly endpoints: readonly EndpointSetup[];
  readonly topology: TopologyName;
  readonly faults: readonly DeviceFault[];
}

/** bus 0, device << 3 | function */
const bdf = (device: number): number => device << 3;

/**
 * The places where functions can sit. They are fixed for a boot, so that one boot serves many cases.
 * `described` is false for the gap: the topology leaves that function out.
 * Endpoint ids differ from BDFs on purpose: a driver that takes one for the other is found out.
 */
export const SLOTS = {
  rng: { kind: 'virtio-rng', bdf: bdf(3), described: true },
  dma: { kind: 'dma-engine', bdf: bdf(4), described: true },
  gap: { kind: 'virtio-rng', bdf: bdf(5), described: false },
  rng2: { kind: 'virtio-rng', bdf: bdf(6), described: true },
  dma2: { kind: 'dma-engine', bdf: bdf(7), described: true },
} as const satisfies Record<string, { kind: EndpointKind; bdf: number; described: boolean }>;

export type SlotName = keyof typeof SLOTS;

export const IOMMU_BDF = bdf(2);

/** Added to a BDF to make the endpoint ID of a described function. */
export const ENDPOINT_ID_OFFSET = 0x100;

/** The ID by which requests name the function in `slot`. */
export const endpointId = (slot: SlotName): number => SLOTS[slot].bdf + ENDPOINT_ID_OFFSET;
