/** The device faults that change when, how often and with which length a request is returned. */
import type { DeviceFaultName } from '../device-faults.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import type { Chain } from '../virtqueue/virtqueue.ts';
import { DESCRIPTOR_BYTES, VIRTQ_DESC_F } from '../wire/virtio.ts';

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
  'scribbled-descriptors',
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

/** What a driver would find that looked there for an address and a length. */
const NOWHERE = 0xdead_beef_0000n;

/** `scribbled-descriptors`: what becomes of the descriptors of a chain in the table at `desc`. */
export function scribble(memory: GuestMemory, desc: bigint, { headIndex, descriptors }: Chain): void {
  for (const { table, index } of descriptors) {
    if (table !== 'direct') continue;
    const view = new DataView(new ArrayBuffer(DESCRIPTOR_BYTES));
    view.setBigUint64(0, NOWHERE, true);
    view.setUint32(8, 0xffff_ffff, true);
    view.setUint16(12, VIRTQ_DESC_F.NEXT, true);
    view.setUint16(14, headIndex, true);
    memory.write(desc + BigInt(index * DESCRIPTOR_BYTES), new Uint8Array(view.buffer));
  }
}
