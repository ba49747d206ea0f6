/** The reference virtio-iommu without its transport: requests, translation, faults and configuration (5.13). */
import type { DeviceFault } from '../device-faults.ts';
import type { IommuConfig, IommuSetup, ResvMem } from '../machine/setup.ts';
import type { Access, FaultReason, RequestFields, RequestName } from '../trace-events.ts';

/** What goes back to the driver for one request. */
export interface IommuReply {
  /** Bytes for the device-writable part, from its first byte on. */
  readonly written: Uint8Array;
  readonly usedLength: number;
  /** Undefined if no tail was written. */
  readonly status?: number;
  /** What the device would have answered on its own, where a device fault changed the status. */
  readonly honestStatus?: number;
  /** Names of the device faults that changed this answer, with commas between. */
  readonly fault?: string;
}

/** A request as read from the device-readable part. `complete`: it is long enough for its type. */
export interface IommuRequest {
  readonly type: number;
  readonly name?: RequestName;
  readonly fields: RequestFields;
  readonly complete: boolean;
}

/** Where an access goes. `segments` cover the access up to the first byte that faulted. */
export interface Translation {
  readonly outcome: 'ok' | 'fault';
  readonly segments: { gpa: bigint; length: number }[];
  readonly reason?: FaultReason;
  /** Address of the first byte that faulted. */
  readonly faultAddress?: bigint;
  /** True if the endpoint is in bypass mode. */
  readonly bypassed: boolean;
}

export interface FaultRecord {
  readonly bytes: Uint8Array;
  readonly reason: number;
  readonly flags: number;
  readonly endpoint: number;
  readonly address: bigint;
  /** Names of the device faults that changed this record, with commas between. */
  readonly fault?: string;
}

export interface EndpointDescription {
  readonly id: number;
  readonly resvMem: readonly ResvMem[];
}

export declare class Iommu {
  constructor(setup: IommuSetup, endpoints: readonly EndpointDescription[], faults: readonly DeviceFault[]);
  /** Feature word; set by the transport at FEATURES_OK; 0n after a reset. */
  accepted: bigint;
  parse(readable: Uint8Array): IommuRequest;
  handle(request: IommuRequest, readable: Uint8Array, writableLength: number): IommuReply;
  translate(endpointId: number, address: bigint, length: number, access: Access): Translation;
  faultRecord(reason: FaultReason, endpointId: number, address: bigint, access: Access): FaultRecord;
  readConfig(offset: number, out: DataView): void;
  writeConfig(offset: number, data: DataView): void;
  changeConfig(change: Partial<IommuConfig>): void;
  resetDevice(): void;
}
