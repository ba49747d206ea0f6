/** Replies on their way to one client, who may be slow to read them. */
import { type NativeBlock, nativeBlock } from './libc.ts';
import { MAX_UNSENT_SIZE } from './limits.ts';
import { sendSome } from './unix-socket.ts';

/** `ok`, or why the client cannot be served any longer. */
export type Delivery = 'ok' | 'gone' | 'too-slow';

/** Keeps what the socket does not take at once, up to `MAX_UNSENT_SIZE`, in order. */
export class Outbox {
  readonly #socket: number;
  #waiting: { readonly block: NativeBlock; sent: number }[] = [];
  #unsentSize = 0;

  constructor(socket: number) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Sends the first `size` bytes of `reply`, or keeps a copy of what is left of them. */
  send(reply: NativeBlock, size: number): Delivery {
    let sent: number | undefined = 0;
    if (this.isEmpty) sent = sendSome(this.#socket, reply.address, size);
    if (sent === undefined) return 'gone';
    if (sent === size) return 'ok';
    this.#unsentSize += size - sent;
    if (this.#unsentSize > MAX_UNSENT_SIZE) return 'too-slow';
    const block = nativeBlock(size - sent);
    block.bytes.set(reply.bytes.subarray(sent, size));
    this.#waiting.push({ block, sent: 0 });
    return 'ok';
  }

  /** Sends more of what was kept; to be called when the socket takes bytes again. */
  flush(): Delivery {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const left = first.block.bytes.byteLength - first.sent;
      const sent = sendSome(this.#socket, first.block.address + first.sent, left);
      if (sent === undefined) return 'gone';
      first.sent += sent;
      this.#unsentSize -= sent;
      if (sent < left) return 'ok';
      this.#waiting.shift();
    }
    return 'ok';
  }
}
