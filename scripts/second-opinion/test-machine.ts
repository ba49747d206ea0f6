/** A machine with a virtio-iommu and two endpoints behind it, whoever plays it. */
import type { Bus } from './bus.ts';
import type { EndpointIds } from './request-bytes.ts';
import type { DmaEndpoint } from './steps.ts';

/** Half of what an engine holds: bytes that go to memory, and as many that have come from there. */
export const ENGINE_HALF_BYTES = 2048;

/** The byte at `offset` of what engines write. Unlike any byte of the target, for which see `targetByte`. */
export const outgoingByte = (offset: number): number => 252 + (offset % 4);

/** The endpoints' own side. Offsets count from the start of either half. */
export interface DmaEngines {
  /** Fills both halves anew. The IOMMU must be letting everything through at this moment. */
  prepare(): Promise<void>;
  write(endpoint: DmaEndpoint, iova: bigint, offset: number, length: number): Promise<void>;
  /** What is read goes into the incoming half; bytes that are not given are zeros. */
  read(endpoint: DmaEndpoint, iova: bigint, offset: number, length: number): Promise<void>;
  /** The incoming half. The IOMMU must be letting everything through at this moment. */
  collect(endpoint: DmaEndpoint): Promise<Uint8Array>;
}

export interface TestMachine {
  readonly bus: Bus;
  readonly iommuBdf: number;
  readonly ids: EndpointIds;
  /** Made when the BARs have been placed. */
  engines(bars: Readonly<Record<DmaEndpoint, ReadonlyMap<number, bigint>>>): DmaEngines;
  /** Resets the whole machine: afterwards no BAR has an address. RAM and the engines' halves stay as they are. */
  reset(): Promise<void>;
  readonly endpointBdfs: Readonly<Record<DmaEndpoint, number>>;
  close(): Promise<void>;
}
