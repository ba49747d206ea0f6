/** The reference virtio-iommu without its transport: requests, translation, fault records, configuration (5.13). */
import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import type { IommuConfig, IommuSetup } from '../machine-setup.ts';
import type { Access, FaultReason, RequestFields, RequestName } from '../trace-events.ts';
import { ReqHead, ReqMap, ReqTail, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_UNSUPP } from '../wire/iommu.ts';
import { alterProperties, imposedStatus, tailBytes } from './answer-faults.ts';
import { configBytes, writeConfigBytes } from './config-space.ts';
import type { EndpointDescription } from './endpoints.ts';
import { type FaultRecord, faultRecord } from './faults.ts';
import { IommuState } from './iommu-state.ts';
import { packProperties } from './probe.ts';
import { REQUEST_KINDS, type RequestKind } from './request-kinds.ts';
import { type Translation, translate } from './translate.ts';

/** What goes back to the driver for one request. */
export interface IommuReply {
  /** Bytes for the device-writable part, from its first byte on. */
  readonly written: Uint8Array;
  readonly usedLength: number;
  /** Undefined if no tail was written. */
  readonly status?: number;
  /** What the device would have answered on its own, if a device fault put another status in its place. */
  readonly honestStatus?: number;
  /** Names of the device faults that changed the answer, with commas between. */
  readonly fault?: string;
}

/** A request as the device-readable part says. */
export interface IommuRequest {
  /** 0, which no request has, if not even the type was there. */
  readonly type: number;
  readonly name?: RequestName;
  /** Empty unless the request is of a known type and complete. */
  readonly fields: RequestFields;
  /** Whether the part is long enough for its type; for an unknown type, for a head. */
  readonly complete: boolean;
}

/** Returned as it came: `iommu/device/ops/unknown-type-no-write`, `iommu/device/ops/unknown-type-zero-used-len`. */
const UNWRITTEN: IommuReply = { written: new Uint8Array(0), usedLength: 0 };

/** The bytes of the properties field, and which faults changed them. */
interface WrittenProperties {
  readonly bytes: Uint8Array;
  readonly faults: readonly DeviceFaultName[];
}

/** `probe-tail-at-end`: a driver that leaves more bytes for properties finds the tail behind probe_size. */
const FARTHEST_TAIL = 1 << 17;

const LAST_ADDRESS = (1n << 64n) - 1n;

const NO_PROPERTIES: WrittenProperties = { bytes: new Uint8Array(0), faults: [] };

let lastView: DataView = new DataView(new ArrayBuffer(0));

/**
 * A view that begins with the same bytes and may go on behind them. The one made last if it fits: requests of one queue
 * lie in the same place, and making a view takes longer than reading a request.
 */
function viewOf({ buffer, byteOffset }: Uint8Array): DataView {
  if (lastView.buffer !== buffer || lastView.byteOffset !== byteOffset) lastView = new DataView(buffer, byteOffset);
  return lastView;
}

/** What a read past the end of the configuration gives. */
const NOTHING_THERE = 0xff;

export class Iommu {
  readonly #state: IommuState;
  #reportCount = 0;
  readonly #faults: readonly DeviceFault[];

  /** `endpoints` are all that the platform puts behind this IOMMU. Throws if two have the same ID. */
  constructor(setup: IommuSetup, endpoints: readonly EndpointDescription[], faults: readonly DeviceFault[]) {
    this.#state = new IommuState(setup, endpoints, faults);
    this.#faults = faults;
  }

  /** The feature word that the driver accepted. The transport sets it at FEATURES_OK; a device reset makes it 0n. */
  get accepted(): bigint {
    return this.#state.accepted;
  }

  set accepted(word: bigint) {
    this.#state.accepted = word;
  }

  /** Reads a request of any length and content; never throws. `iommu/device/ops/ignore-head-reserved` */
  parse(readable: Uint8Array): IommuRequest {
    const type = readable[0] ?? 0;
    const kind = REQUEST_KINDS.get(type);
    if (!kind) return { type, fields: {}, complete: readable.byteLength >= ReqHead.size };
    const complete = readable.byteLength >= kind.size;
    return { type, name: kind.name, fields: complete ? kind.fields(viewOf(readable)) : {}, complete };
  }

  /**
   * Carries `request` out and makes its answer. `readable` is what `parse` read it from; lengths in bytes; `struck` are the
   * faults that mean this request.
   */
  handle(
    request: IommuRequest,
    readable: Uint8Array,
    writableLength: number,
    struck: readonly DeviceFault[] = [],
  ): IommuReply {
    const kind = REQUEST_KINDS.get(request.type);
    // iommu/prose/unparsable-returned-unwritten
    if (!kind || !kind.isAvailable(this.#state)) return this.#answerToUnknownType(writableLength);
    if (readable.byteLength < kind.size || writableLength < ReqTail.size) return UNWRITTEN;
    const propertiesLength = kind.properties ? this.#propertiesLength(writableLength - ReqTail.size) : 0;
    const view = viewOf(readable);
    if (kind.name === 'MAP' && this.#isLeftUnwritten(view)) return UNWRITTEN;
    const honestStatus = kind.judge(this.#state, view, propertiesLength);
    const imposed = imposedStatus(struck);
    const status = imposed?.value ?? honestStatus;
    // A request that is not OK changes nothing, and neither does one whose status a fault has put there.
    const isCarriedOut = honestStatus === VIRTIO_IOMMU_S_OK && imposed === undefined;
    if (honestStatus !== VIRTIO_IOMMU_S_OK) kind.refuse?.(this.#state, view, honestStatus);
    const properties = isCarriedOut ? this.#carryOut(kind, view, propertiesLength) : NO_PROPERTIES;
    // iommu/device/ops/status-ok-on-success
    const tail = tailBytes(this.#faults, status);
    const written = propertiesLength === 0 ? tail.value : new Uint8Array(propertiesLength + ReqTail.size);
    if (propertiesLength > 0) {
      written.set(properties.bytes);
      written.set(tail.value, propertiesLength);
    }
    const usedLength = status === VIRTIO_IOMMU_S_OK ? written.byteLength : this.#lengthOfFailure(written.byteLength);
    const faults = this.#faults.length === 0 ? [] : [...(imposed?.faults ?? []), ...properties.faults, ...tail.faults];
    if (faults.length === 0) return { written, usedLength, status };
    return {
      written,
      usedLength,
      status,
      ...(imposed ? { honestStatus } : {}),
      fault: faults.join(', '),
    };
  }

  /** `iommu/device/ops/unknown-type-no-write`, `iommu/device/ops/unknown-type-zero-used-len`, `probe/not-offered-…` */
  #answerToUnknownType(writableLength: number): IommuReply {
    if (!this.#state.deviates('unknown-type-unsupp') || writableLength < ReqTail.size) return UNWRITTEN;
    const status = VIRTIO_IOMMU_S_UNSUPP;
    return { written: ReqTail.encode({ status }), usedLength: ReqTail.size, status, fault: 'unknown-type-unsupp' };
  }

  /** Bytes before the tail of a PROBE whose writable part has `room` for them. */
  #propertiesLength(room: number): number {
    if (this.#state.deviates('probe-tail-at-end') && room <= FARTHEST_TAIL) return room;
    return Math.min(this.#state.config.probe_size, room);
  }

  #isLeftUnwritten(map: DataView): boolean {
    return (
      this.#state.deviates('map-last-address-unwritten') && ReqMap.cursor().moveTo(map, 0).virt_end === LAST_ADDRESS
    );
  }

  /** The used length of an answer of `written` bytes whose status is not OK. */
  #lengthOfFailure(written: number): number {
    if (this.#state.deviates('error-used-length-zero')) return 0;
    return this.#state.deviates('failed-probe-tail-only') ? ReqTail.size : written;
  }

  /**
   * What happens to an access of `length` bytes (1 at least) by an endpoint at this moment.
   * Changes nothing and reports nothing.
   */
  translate(endpointId: number, address: bigint, length: number, access: Access): Translation {
    return translate(this.#state, endpointId, address, length, access);
  }

  /** The report of an access that faulted. A switch with `nth` means the nth report, from 1 on. */
  faultRecord(reason: FaultReason, endpointId: number, address: bigint, access: Access): FaultRecord {
    const nth = ++this.#reportCount;
    const faults = this.#faults.filter((fault) => fault.nth === undefined || fault.nth === nth);
    return faultRecord(faults, reason, endpointId, address, access);
  }

  /** Fills `out` from byte `offset` of the configuration on; zeros where there is nothing. */
  readConfig(offset: number, out: DataView): void {
    const high = this.#faults.some((fault) => fault.name === 'bypass-reads-high-bits');
    const bytes = configBytes(this.#state.config, this.#state.offered, high);
    const { configLength } = this.#state;
    for (let at = offset; at < offset + out.byteLength; at++) {
      out.setUint8(at - offset, at < configLength ? (bytes[at] ?? 0) : NOTHING_THERE);
    }
  }

  /** Takes a write to the configuration; all that is not an allowed write to `bypass` is ignored. */
  writeConfig(offset: number, data: DataView): void {
    if (writeConfigBytes(this.#state.config, this.#state.accepted, offset, data)) this.#state.hiddenBypass = false;
  }

  /** Changes the configuration at run time. What exists already stays, even outside new ranges. */
  changeConfig(change: Partial<IommuConfig>): void {
    Object.assign(this.#state.config, change);
  }

  /** See `IommuState.addEndpoint`. */
  addEndpoint(endpoint: EndpointDescription): void {
    this.#state.addEndpoint(endpoint);
  }

  /** See `IommuState.removeEndpoint`. */
  removeEndpoint(id: number): void {
    this.#state.removeEndpoint(id);
  }

  /** A virtio device reset. `bypass` stays as it is, and so do the counts of requests that device faults go by. */
  resetDevice(): void {
    this.#state.reset();
  }

  /** Does what was judged OK; what PROBE gives for it. */
  #carryOut(kind: RequestKind, readable: DataView, propertiesLength: number): WrittenProperties {
    kind.carryOut(this.#state, readable);
    if (!kind.properties) return NO_PROPERTIES;
    const honest = kind.properties(this.#state, readable);
    const { endpoint: asked } = kind.fields(readable);
    const faults = this.#faults.filter(({ endpoint }) => endpoint === undefined || endpoint === asked);
    const altered = alterProperties(faults, honest, propertiesLength);
    return { bytes: packProperties(altered.value, propertiesLength), faults: altered.faults };
  }
}
