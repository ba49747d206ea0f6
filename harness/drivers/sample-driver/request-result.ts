/** What the answer to a request says (5.13.6). */
import type { DriverFaults } from './driver-faults.ts';
import { Panic } from './panic.ts';
import type { Request } from './request-bytes.ts';

export interface RequestResult {
  readonly ok: boolean;
  /** Why not, in a sentence without its full stop. */
  readonly says: string;
  /** The device has answered, and will not. */
  readonly isRefused?: boolean;
  /** The property list of a PROBE that succeeded. */
  readonly properties?: Uint8Array;
}

/** A request with what the device left in its writable part. */
export interface Answered {
  readonly request: Request;
  readonly usedLength: number;
  readonly writable: Uint8Array;
}

const STATUS_NAMES = ['OK', 'IOERR', 'UNSUPP', 'DEVERR', 'INVAL', 'RANGE', 'NOENT', 'FAULT', 'NOMEM'];

/** Which kinds of failure a driver with these mistakes takes for success. */
const BLIND_TO = {
  ATTACH: 'failed-attach-accepted',
  DETACH: 'failed-detach-accepted',
  MAP: 'always-ok-after-failed-map',
  UNMAP: 'failed-unmap-accepted',
} as const satisfies Partial<Record<Request['name'], string>>;

/** Judges an answer. Bytes beyond the used length mean nothing. */
export function resultOf(answered: Answered, faults: DriverFaults): RequestResult {
  const { request, writable } = answered;
  const failure = failureOf(answered, faults);
  const isBlind = request.name !== 'PROBE' && faults.has(BLIND_TO[request.name]);
  if (failure !== undefined && !isBlind) return { ok: false, says: failure, isRefused: true };
  const properties = failure === undefined ? writable.slice(0, request.propertiesLength) : new Uint8Array(0);
  return { ok: true, says: '', properties };
}

function failureOf({ request, usedLength, writable }: Answered, faults: DriverFaults): string | undefined {
  const { name, propertiesLength } = request;
  if (usedLength === 0 && !faults.has('ignores-zero-used-length')) return `${name} came back unwritten`;
  if (usedLength > 0 && usedLength < writable.byteLength && !faults.has('ignores-short-used-length')) {
    return `the answer to ${name} has ${usedLength} ${usedLength === 1 ? 'byte' : 'bytes'} and not ${writable.byteLength}`;
  }
  if (usedLength > writable.byteLength && faults.has('panics-on-long-answer')) {
    throw new Panic(
      'crashed',
      `a write of ${usedLength} ${usedLength === 1 ? 'byte' : 'bytes'} into a buffer of ${writable.byteLength}`,
    );
  }
  if (usedLength > writable.byteLength && faults.has('rejects-long-used-length'))
    return `the answer to ${name} is too long`;
  const reserved = writable.subarray(propertiesLength + 1);
  if (faults.has('tail-reserved-checked') && reserved.some((byte) => byte !== 0))
    return `the tail of ${name} is not clear`;
  const status = writable[statusOffset(request, faults)] ?? 0;
  if (status === 0) return undefined;
  if (status >= STATUS_NAMES.length && faults.has('panics-on-unknown-status')) {
    throw new Panic('crashed', `no name for status ${status}`);
  }
  if (status >= STATUS_NAMES.length && faults.has('unknown-status-accepted')) return undefined;
  return `the device answers ${name} with ${STATUS_NAMES[status] ?? `the unknown status ${status}`}`;
}

function statusOffset({ name, propertiesLength }: Request, faults: DriverFaults): number {
  if (faults.has('status-at-tail-end')) return propertiesLength + 3;
  if (faults.has('probe-status-first') && name === 'PROBE') return 0;
  return propertiesLength;
}
