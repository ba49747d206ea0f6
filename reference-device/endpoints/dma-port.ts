/** The way from an endpoint to memory: through the IOMMU or past it, each access traced. */
import type { SlotName } from '../machine-setup.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import type { Access, DmaCause, FaultReason } from '../trace-events.ts';
import type { Trace } from '../trace.ts';
import { memoryHolds } from '../virtqueue/queue-memory.ts';
import { toHex } from '../wire/hex.ts';

/** What the IOMMU does for endpoints. */
export interface TranslationService {
  translate(endpointId: number, address: bigint, length: number, access: Access): AddressTranslation;
  reportFault(reason: FaultReason, endpointId: number, address: bigint, access: Access): void;
}

interface AddressTranslation {
  readonly outcome: 'ok' | 'fault';
  readonly segments: readonly { readonly gpa: bigint; readonly length: number }[];
  readonly reason?: FaultReason;
  readonly faultAddress?: bigint;
  readonly bypassed: boolean;
}

/** One access to make. For `write`, `data` is what goes to memory. `length` in bytes, 1 at least. */
export interface DmaAccess {
  readonly address: bigint;
  readonly length: number;
  readonly access: Access;
  readonly cause: DmaCause;
  readonly data?: Uint8Array;
  readonly label?: string;
}

/** `bytes` is what was read or written; empty unless `ok`. */
export interface DmaOutcome {
  readonly outcome: 'ok' | 'fault' | 'no-memory' | 'no-bus-master';
  readonly bytes: Uint8Array;
}

export interface DmaPortParts {
  readonly endpoint: SlotName;
  readonly endpointId: number;
  readonly memory: GuestMemory;
  readonly trace: Trace;
  /** Undefined: no IOMMU lies before this endpoint, or its addresses are not translated. */
  readonly iommu: TranslationService | undefined;
  readonly busMaster: () => boolean;
}

const NO_BYTES = new Uint8Array(0);

export class DmaPort {
  readonly #parts: DmaPortParts;

  constructor(parts: DmaPortParts) {
    this.#parts = parts;
  }

  /**
   * Makes the access, or finds why it cannot be made; a fault is reported to the IOMMU's driver. An endpoint that is not let
   * master the bus makes none: the trace then has what the IOMMU would have made of it.
   */
  perform(access: DmaAccess): DmaOutcome {
    const isMade = this.#parts.busMaster();
    const translation = this.#translate(access.address, access.length, access.access);
    const done = isMade && translation.outcome === 'ok' ? this.#move(translation.segments, access) : undefined;
    const isLost = isMade ? done === undefined : !this.#hasMemory(translation.segments);
    const outcome = translation.outcome === 'fault' ? 'fault' : isLost ? 'no-memory' : 'ok';
    this.#traceAccess(access, translation, outcome, done);
    if (!isMade) return { outcome: 'no-bus-master', bytes: NO_BYTES };
    if (translation.outcome === 'fault') {
      const at = translation.faultAddress ?? access.address;
      this.#parts.iommu?.reportFault(translation.reason ?? 'UNKNOWN', this.#parts.endpointId, at, access.access);
    }
    return { outcome, bytes: done ?? NO_BYTES };
  }

  /**
   * Reads one byte or writes back the one that stands there: as good as any access to find out whether one goes
   * through, and harmless to whoever owns the memory now.
   */
  touch(address: bigint, access: Access, label: string | undefined): DmaOutcome['outcome'] {
    const standing = this.peek(address, 1, access) ?? new Uint8Array(1);
    const labelled = label === undefined ? {} : { label };
    return this.perform({ address, length: 1, access, cause: 'harness', data: standing, ...labelled }).outcome;
  }

  /** Whether the IOMMU would let the access through at this moment. */
  reachable(address: bigint, length: number, access: Access): boolean {
    if (this.#parts.iommu === undefined) return memoryHolds(this.#parts.memory, address, length);
    return this.#translate(address, length, access).outcome === 'ok';
  }

  /** Where the IOMMU leads to from `address`; undefined if that is nowhere, or not one place for all `length` bytes. */
  target(address: bigint, length: number, access: Access): bigint | undefined {
    const { outcome, segments } = this.#translate(address, length, access);
    return outcome === 'ok' && segments.length === 1 ? segments[0]?.gpa : undefined;
  }

  /** What the endpoint would read, without any access being made. */
  peek(address: bigint, length: number, access: Access): Uint8Array | undefined {
    const translation = this.#translate(address, length, access);
    if (translation.outcome === 'fault') return undefined;
    return this.#gather(translation.segments, length);
  }

  #translate(address: bigint, length: number, access: Access): AddressTranslation {
    const { iommu, endpointId } = this.#parts;
    return (
      iommu?.translate(endpointId, address, length, access) ?? {
        outcome: 'ok',
        segments: [{ gpa: address, length }],
        bypassed: true,
      }
    );
  }

  #move(segments: AddressTranslation['segments'], { length, access, data }: DmaAccess): Uint8Array | undefined {
    if (access === 'read') return this.#gather(segments, length);
    const bytes = data ?? new Uint8Array(length);
    if (!this.#hasMemory(segments)) return undefined;
    let done = 0;
    for (const segment of segments) {
      this.#parts.memory.write(segment.gpa, bytes.subarray(done, done + segment.length));
      done += segment.length;
    }
    return bytes;
  }

  #hasMemory(segments: AddressTranslation['segments']): boolean {
    return segments.every(({ gpa, length }) => memoryHolds(this.#parts.memory, gpa, length));
  }

  #gather(segments: AddressTranslation['segments'], length: number): Uint8Array | undefined {
    const whole = new Uint8Array(length);
    let done = 0;
    for (const segment of segments) {
      const piece = this.#parts.memory.read(segment.gpa, segment.length);
      if (piece === undefined) return undefined;
      whole.set(piece, done);
      done += piece.length;
    }
    return whole;
  }

  #traceAccess(
    { address, length, access, cause, label }: DmaAccess,
    translation: AddressTranslation,
    outcome: 'ok' | 'fault' | 'no-memory',
    done: Uint8Array | undefined,
  ): void {
    const { endpoint, endpointId, trace, busMaster } = this.#parts;
    trace.add({
      kind: 'dma',
      endpoint,
      endpointId,
      address,
      length,
      access,
      cause,
      outcome,
      segments: translation.segments,
      ...(translation.reason === undefined ? {} : { reason: translation.reason }),
      ...(done === undefined || cause === 'virtqueue' ? {} : { bytes: toHex(done) }),
      ...(label === undefined ? {} : { label }),
      busMaster: busMaster(),
      bypassed: translation.bypassed,
    });
  }
}
