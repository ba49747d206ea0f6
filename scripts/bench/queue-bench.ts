/** Requests by way of registers, rings and the trace, as a driver makes them. */
import { endpointId } from '../../reference-device/machine/setup.ts';
import { attach, map, TinyMachine, unmap } from '../../reference-device/machine/fixtures/tiny-machine.ts';
import { NEXT, WRITE } from '../../reference-device/virtqueue/fixtures/tiny-ring.ts';

const REQUESTS_AT = 0x1_0000;
const SLOT = 0x80;
/** Chains of two descriptors that fit into the queue of 64. */
const CHAINS = 32;
/** Requests of a batch whose trace is thrown away when it has grown to this. */
const TRACE_LIMIT = 40_000;
const EVENTS_PER_REQUEST = 3;

export class QueueBench {
  static readonly batch = CHAINS;
  readonly #machine = new TinyMachine();
  readonly #isTraced: boolean;
  #sinceTaken = 0;

  /** Half of the chains map a page, the other half unmap the same. `isTraced`: the trace is emptied in time. */
  constructor(isTraced: boolean) {
    this.#isTraced = isTraced;
    const machine = this.#machine;
    machine.start();
    machine.request(attach(1, endpointId('dma')));
    const ring = machine.requestq!;
    const ram = new Uint8Array(machine.ram.buffer);
    for (let chain = 0; chain < CHAINS; chain++) {
      const page = BigInt(0x10_0000 + 0x1000 * (chain >> 1));
      const request = chain % 2 === 0 ? map(1, page, 0x1000n, 0n) : unmap(1, page, 0x1000n);
      const at = REQUESTS_AT + SLOT * chain;
      ram.set(request, at);
      ring.describe(2 * chain, { addr: BigInt(at), len: request.length, flags: NEXT, next: 2 * chain + 1 });
      ring.describe(2 * chain + 1, { addr: BigInt(at + SLOT / 2), len: 4, flags: WRITE });
    }
  }

  /** One batch with one notification. */
  run(): void {
    const { requestq, iommu, ram, model } = this.#machine;
    for (let chain = 0; chain < CHAINS; chain++) requestq!.offer(2 * chain);
    iommu.kick(0);
    if (ram.getUint8(REQUESTS_AT + SLOT * (CHAINS - 1) + SLOT / 2) !== 0) throw new Error('a request was refused');
    if (!this.#isTraced) return;
    this.#sinceTaken += CHAINS * EVENTS_PER_REQUEST;
    if (this.#sinceTaken < TRACE_LIMIT) return;
    this.#sinceTaken = 0;
    model.execute({ do: 'take-trace' });
  }
}
