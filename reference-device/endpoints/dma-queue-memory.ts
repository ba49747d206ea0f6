/** Queue memory of an endpoint: every access to a ring or a buffer is a DMA access of its own. */
import type { QueueMemory, RingArea } from '../virtqueue/queue-memory.ts';
import type { DmaPort } from './dma-port.ts';

const cause = 'virtqueue';

class DmaArea implements RingArea {
  readonly #port: DmaPort;
  readonly #address: bigint;
  view: DataView = new DataView(new ArrayBuffer(0));

  constructor(port: DmaPort, address: bigint) {
    this.#port = port;
    this.#address = address;
  }

  load(offset: number, length: number): number | undefined {
    const address = this.#address + BigInt(offset);
    const { outcome, bytes } = this.#port.perform({ address, length, access: 'read', cause });
    if (outcome !== 'ok') return undefined;
    this.view = new DataView(bytes.buffer);
    return 0;
  }

  readU16(offset: number): number | undefined {
    return this.load(offset, 2) === undefined ? undefined : this.view.getUint16(0, true);
  }

  peekU16(offset: number): number | undefined {
    const bytes = this.#port.peek(this.#address + BigInt(offset), 2, 'read');
    return bytes && new DataView(bytes.buffer).getUint16(0, true);
  }

  writeU16(offset: number, value: number): boolean {
    const data = new Uint8Array(2);
    new DataView(data.buffer).setUint16(0, value, true);
    return this.#write(offset, data);
  }

  writeU32Pair(offset: number, first: number, second: number): boolean {
    const data = new Uint8Array(8);
    const view = new DataView(data.buffer);
    view.setUint32(0, first, true);
    view.setUint32(4, second, true);
    return this.#write(offset, data);
  }

  #write(offset: number, data: Uint8Array): boolean {
    const address = this.#address + BigInt(offset);
    return this.#port.perform({ address, length: data.length, access: 'write', cause, data }).outcome === 'ok';
  }
}

export class DmaQueueMemory implements QueueMemory {
  readonly #port: DmaPort;

  constructor(port: DmaPort) {
    this.#port = port;
  }

  area(address: bigint): RingArea {
    return new DmaArea(this.#port, address);
  }

  readInto(address: bigint, out: Uint8Array): boolean {
    const { outcome, bytes } = this.#port.perform({ address, length: out.length, access: 'read', cause });
    if (outcome === 'ok') out.set(bytes);
    return outcome === 'ok';
  }

  write(address: bigint, data: Uint8Array): boolean {
    return this.#port.perform({ address, length: data.length, access: 'write', cause, data }).outcome === 'ok';
  }

  peek(address: bigint, length: number): Uint8Array | undefined {
    return this.#port.peek(address, length, 'read');
  }

  /** Where a buffer leads is found out, and traced, when it is used. */
  holds(): boolean {
    return true;
  }
}
