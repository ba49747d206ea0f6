/** The device faults that change when, how often and with which length a request is returned. */
import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import type { RequestName } from '../trace-events.ts';
import { isMeant, RequestCounter } from './fault-selection.ts';

const COMPLETION_FAULTS: ReadonlySet<DeviceFaultName> = new Set<DeviceFaultName>([
  'zero-used-length',
  'short-used-length',
  'used-length-before-answer',
  'long-used-length',
  'withhold-completion',
  'never-complete',
  'spurious-interrupt',
  'duplicate-used-entry',
  'foreign-used-id',
]);

const NONE: readonly DeviceFaultName[] = [];

/** Of an answer with properties, `used-length-before-answer` reports so many bytes: less than any property takes. */
const BYTES_BEFORE_ANSWER = 8;

/** What `long-used-length` adds to the length of the device-writable part. */
const SURPLUS = 64;

export class CompletionFaults {
  readonly #faults: readonly DeviceFault[];
  readonly #counter = new RequestCounter();

  constructor(faults: readonly DeviceFault[]) {
    this.#faults = faults.filter(({ name }) => COMPLETION_FAULTS.has(name));
  }

  /** The switches that mean the next request. To be called once for each request, in the order of their coming. */
  next(name: RequestName | undefined): readonly DeviceFaultName[] {
    if (this.#faults.length === 0) return NONE;
    const place = this.#counter.next(name);
    return this.#faults.filter((fault) => isMeant(fault, place)).map((fault) => fault.name);
  }
}

/** The used length to report for an answer of `honest` bytes. `split/device/used/may-write-more-than-len` */
export function reportedLength(hits: readonly DeviceFaultName[], honest: number, writableLength: number): number {
  if (hits.includes('long-used-length')) return writableLength + SURPLUS;
  if (hits.includes('used-length-before-answer')) return honest > BYTES_BEFORE_ANSWER ? BYTES_BEFORE_ANSWER : 0;
  if (hits.includes('short-used-length')) return Math.max(honest - 1, 0);
  return honest;
}
