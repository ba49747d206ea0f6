/** The device faults that change when, how often and with which length a request is returned. */
import type { DeviceFaultName } from '../device-faults.ts';

export const COMPLETION_FAULTS: ReadonlySet<DeviceFaultName> = new Set<DeviceFaultName>([
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

/** Of an answer with properties, `used-length-before-answer` reports so many bytes: less than any property takes. */
const BYTES_BEFORE_ANSWER = 8;

/** What `long-used-length` adds to the length of the device-writable part. */
const SURPLUS = 64;

/** The used length to report for an answer of `honest` bytes. `split/device/used/may-write-more-than-len` */
export function reportedLength(hits: readonly DeviceFaultName[], honest: number, writableLength: number): number {
  if (hits.includes('long-used-length')) return writableLength + SURPLUS;
  if (hits.includes('used-length-before-answer')) return honest > BYTES_BEFORE_ANSWER ? BYTES_BEFORE_ANSWER : 0;
  if (hits.includes('short-used-length')) return Math.max(honest - 1, 0);
  return honest;
}
