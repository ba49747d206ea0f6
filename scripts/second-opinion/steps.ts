/** What both devices are made to do, in words that suit both. */
import type { FeatureName } from '../../reference-device/wire/features.ts';
import type { Width } from './bus.ts';
import type { Framing } from './iommu-driver.ts';

/**
 * `a` and `b` are endpoints that can do DMA. `nobody` has an ID of the same kind and is not there; `past-16-bits` has
 * a's ID with bit 16 set; `iommu` has the ID that the IOMMU's own function would have.
 */
export type EndpointName = 'a' | 'b' | 'nobody' | 'past-16-bits' | 'iommu';
export type DmaEndpoint = 'a' | 'b';

/** A request by its fields; those left out are 0. `head` and `reserved` fill every reserved byte with the value. */
export type Request = { readonly head?: number; readonly reserved?: number } & (
  | { readonly type: 'ATTACH'; readonly domain: number; readonly endpoint: EndpointName; readonly flags?: number }
  | { readonly type: 'DETACH'; readonly domain: number; readonly endpoint: EndpointName }
  | {
      readonly type: 'MAP';
      readonly domain: number;
      readonly virt_start: bigint;
      readonly virt_end: bigint;
      readonly phys_start: bigint;
      readonly flags: number;
    }
  | { readonly type: 'UNMAP'; readonly domain: number; readonly virt_start: bigint; readonly virt_end: bigint }
  | { readonly type: 'PROBE'; readonly endpoint: EndpointName }
  /** A request of a type that has no name, 20 bytes long. */
  | { readonly type: number }
);

export interface RequestStep {
  readonly do: 'request';
  readonly request: Request;
  /** Bytes of the readable part that are sent; zeros follow if it is longer than its type needs. The whole by default. */
  readonly readableLength?: number;
  /** Bytes of the writable part. What the type needs by default. */
  readonly writableLength?: number;
  readonly framing?: Framing;
}

/** One access by an endpoint. `length` in bytes, at most 16. */
export interface DmaStep {
  readonly do: 'dma';
  readonly endpoint: DmaEndpoint;
  readonly access: 'read' | 'write';
  readonly iova: bigint;
  readonly length: number;
}

export interface ReadConfigStep {
  readonly do: 'read-config';
  readonly offset: number;
  readonly width: Width;
}

export interface WriteConfigStep {
  readonly do: 'write-config';
  readonly offset: number;
  readonly width: Width;
  readonly value: bigint;
}

/** Device reset and initialization anew. */
export interface RestartStep {
  readonly do: 'restart';
  readonly given?: Given;
}

/** Offered features, numbers of queues and the configuration, byte by byte. */
export interface LookStep {
  readonly do: 'look';
}

export type Step = RequestStep | DmaStep | ReadConfigStep | WriteConfigStep | RestartStep | LookStep;

/** How the driver initializes the device. */
export interface Given {
  readonly accept?: readonly FeatureName[];
  /** 4 buffers of 24 bytes by default. */
  readonly events?: { readonly count: number; readonly length: number };
}

export interface Scenario {
  /** A path, as cases have it. */
  readonly name: string;
  readonly given?: Given;
  /** The byte `bypass` at the start; 0 by default. */
  readonly bypass?: 0 | 1;
  readonly steps: readonly Step[];
}

/** All that both devices offer and that changes nothing in how rings work. */
export const USUAL_FEATURES: readonly FeatureName[] = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_MMIO',
  'VIRTIO_IOMMU_F_PROBE',
  'VIRTIO_IOMMU_F_BYPASS_CONFIG',
];

/** Figures that both machines are set up with. */
export const FIGURES = {
  page_size_mask: 0xffff_ffff_ffff_f000n,
  input_range_end: (1n << 39n) - 1n,
  probe_size: 512,
  queueSize: 256,
  /** The MSI region that QEMU's PC machines report. */
  msi: { start: 0xfee0_0000n, end: 0xfeef_ffffn },
  ramBytes: 32 * 1024 * 1024,
} as const;

/** The memory that endpoints' accesses are aimed at. Both sides fill it with the same pattern. */
export const TARGET = { start: 0x20_0000, length: 0x1_0000 } as const;

/** The byte at `address` of the target before anybody writes: never 0, and neighbouring pages differ. */
export const targetByte = (address: number): number => 1 + ((address + 7 * (address >> 12)) % 251);
