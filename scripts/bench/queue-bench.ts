/** Requests by way of registers, rings and the trace, as a driver makes them. */
import { attach, map, TinyMachine, unmap, VERSION_1 } from '../../reference-device/machine/fixtures/tiny-machine.ts';
import { endpointId } from '../../reference-device/machine-setup.ts';
import { Trace } from '../../reference-device/trace.ts';
import { PACKED_AVAILABLE, TinyPackedRing } from '../../reference-device/virtqueue/fixtures/tiny-packed-ring.ts';
import { NEXT, WRITE } from '../../reference-device/virtqueue/fixtures/tiny-ring.ts';

export type RingKind = 'split' | 'packed';

const REQUESTS_AT = 0x1_0000;
const SLOT = 0x80;
const TAIL_AT = SLOT / 2;
const TAIL_LENGTH = 4;
/** Chains of two descriptors, which fill the queue of 64. */
const CHAINS = 32;
const PACKED_USED = 0x8000;
const RING_PACKED = 1n << 34n;
const MAP_UNMAP = 1n << 2n;
/** The trace is emptied when it has grown to about this, long before its limit. */
const TRACE_LIMIT = 40_000;
const EVENTS_PER_REQUEST = 3;

export class QueueBench {
  static readonly batch = CHAINS;
  readonly #machine: TinyMachine;
  readonly #isTraced: boolean;
  readonly #packed: TinyPackedRing | undefined;
  readonly #lengths: number[] = [];
  #wrap = true;
  #sinceTaken = 0;

  /** Half of the chains map a page, the other half unmap the same. `isTraced`: events are kept, and emptied in time. */
  constructor(kind: RingKind, isTraced: boolean) {
    this.#isTraced = isTraced;
    const packed = kind === 'packed';
    this.#machine = new TinyMachine(
      {
        features: [
          'VIRTIO_F_VERSION_1',
          'VIRTIO_IOMMU_F_MAP_UNMAP',
          ...(packed ? (['VIRTIO_F_RING_PACKED'] as const) : []),
        ],
      },
      isTraced ? new Trace() : new Trace(0),
    );
    const machine = this.#machine;
    machine.start({ accept: VERSION_1 | MAP_UNMAP | (packed ? RING_PACKED : 0n), eventBuffers: 0 });
    if (packed) this.#packed = new TinyPackedRing(machine.ram, machine.requestq!.desc, 2 * CHAINS);
    for (let chain = 0; chain < CHAINS; chain++) this.#place(chain, attach(1, endpointId('dma')));
    this.run();
    for (let chain = 0; chain < CHAINS; chain++) {
      const page = BigInt(0x10_0000 + 0x1000 * (chain >> 1));
      this.#place(chain, chain % 2 === 0 ? map(1, page, 0x1000n, 0n) : unmap(1, page, 0x1000n));
    }
  }

  #place(chain: number, request: Uint8Array): void {
    const at = REQUESTS_AT + SLOT * chain;
    new Uint8Array(this.#machine.ram.buffer).set(request, at);
    this.#lengths[chain] = request.length;
    const ring = this.#machine.requestq!;
    ring.describe(2 * chain, { addr: BigInt(at), len: request.length, flags: NEXT, next: 2 * chain + 1 });
    ring.describe(2 * chain + 1, { addr: BigInt(at + TAIL_AT), len: TAIL_LENGTH, flags: WRITE });
  }

  /** One batch with one notification. */
  run(): void {
    const { requestq, iommu, ram, model } = this.#machine;
    if (this.#packed) this.#offerPacked(this.#packed);
    else for (let chain = 0; chain < CHAINS; chain++) requestq!.offer(2 * chain);
    iommu.notify(0);
    if (ram.getUint32(REQUESTS_AT + SLOT * (CHAINS - 1) + TAIL_AT) !== 0) throw new Error('a request was refused');
    ram.setUint32(REQUESTS_AT + SLOT * (CHAINS - 1) + TAIL_AT, 0xffff_ffff);
    if (!this.#isTraced) return;
    this.#sinceTaken += CHAINS * EVENTS_PER_REQUEST;
    if (this.#sinceTaken < TRACE_LIMIT) return;
    this.#sinceTaken = 0;
    model.execute({ do: 'take-trace' });
  }

  /** A batch fills the ring once, so each descriptor stands where it stood, with the wrap counter turned. */
  #offerPacked(ring: TinyPackedRing): void {
    const mark = this.#wrap ? PACKED_AVAILABLE : PACKED_USED;
    this.#wrap = !this.#wrap;
    for (let chain = 0; chain < CHAINS; chain++) {
      const at = REQUESTS_AT + SLOT * chain;
      const tail = { addr: BigInt(at + TAIL_AT), len: TAIL_LENGTH, flags: WRITE | mark };
      ring.describe(2 * chain + 1, tail, chain);
      ring.describe(2 * chain, { addr: BigInt(at), len: this.#lengths[chain]!, flags: NEXT | mark }, chain);
    }
  }
}
