/** One client's socket: cuts the stream into messages, has them answered, sends the replies. */
import { libc, type NativeBlock } from './libc.ts';
import { MAX_MESSAGE_SIZE, MAX_REPORTED_REFUSALS, max_msg_fds, RECEIVE_SLICE } from './limits.ts';
import { FLAG, Header } from './messages.ts';
import { type Delivery, Outbox } from './outbox.ts';
import type { Session } from './session.ts';
import type { Receiver } from './unix-socket.ts';
import { counted } from '../../reference-device/counted.ts';

/** How a connection came to its end: the client left, or it broke the protocol (and how). */
export type Ending = { readonly left: true } | { readonly broken: string };

const LEFT: Ending = { left: true };

const DELIVERY_ENDING: Record<Delivery, Ending | undefined> = {
  ok: undefined,
  gone: LEFT,
  'too-slow': { broken: 'it does not read its replies' },
};

export interface ConnectionParts {
  readonly socket: number;
  readonly session: Session;
  readonly receiver: Receiver;
  /** Where the stream is assembled: `MAX_MESSAGE_SIZE` bytes of this connection alone. */
  readonly inbox: NativeBlock;
  /** Where the session puts its replies. */
  readonly replyBlock: NativeBlock;
  /** Told of messages that were refused, within bounds. */
  readonly onRefusal: (sentence: string) => void;
}

export class Connection {
  readonly socket: number;
  readonly #parts: ConnectionParts;
  readonly #outbox: Outbox;
  /** Bytes in the inbox: the beginning of a message that has not arrived whole. */
  #filled = 0;
  /** Descriptors that arrived with those bytes. */
  #held: number[] = [];
  #refusalCount = 0;

  constructor(parts: ConnectionParts) {
    this.socket = parts.socket;
    this.#parts = parts;
    this.#outbox = new Outbox(parts.socket);
  }

  /** Whether replies wait for the socket to take them. */
  get hasUnsent(): boolean {
    return !this.#outbox.isEmpty;
  }

  /** The socket takes bytes again. */
  flush(): Ending | undefined {
    return DELIVERY_ENDING[this.#outbox.flush()];
  }

  /** The socket has bytes: takes one slice of them and answers the messages that are complete. */
  receive(): Ending | undefined {
    const { receiver, inbox } = this.#parts;
    const capacity = Math.min(RECEIVE_SLICE, MAX_MESSAGE_SIZE - this.#filled);
    const { state, size, descriptors, descriptorsLost } = receiver.receive(
      this.socket,
      inbox.address + this.#filled,
      capacity,
    );
    if (state === 'nothing') return undefined;
    if (state === 'end') return this.#filled === 0 ? LEFT : { broken: 'it left in the middle of a message' };
    this.#filled += size;
    const ending = this.#handleComplete([...descriptors]);
    if (ending) return ending;
    if (descriptorsLost) return { broken: 'descriptors were lost, since this process has too many' };
    if (this.#held.length > max_msg_fds) return tooManyDescriptors(this.#held.length);
    return undefined;
  }

  /** `fresh` descriptors belong to the message with the last byte received, held ones to the first message. */
  #handleComplete(fresh: number[]): Ending | undefined {
    const { view, bytes } = this.#parts.inbox;
    let descriptors = this.#held;
    let from = 0;
    let ending: Ending | undefined;
    while (!ending && this.#filled - from >= Header.size) {
      const header = Header.read(view, from);
      ending = framingError(header);
      if (ending || this.#filled - from < header.size) break;
      if (from + header.size === this.#filled) descriptors.push(...fresh.splice(0));
      ending = this.#handleOne(header, from, descriptors);
      // A broken connection keeps what was not handed over, so that closing it finds it.
      if (ending) break;
      descriptors = [];
      from += header.size;
    }
    this.#held = [...descriptors, ...fresh];
    if (from > 0) bytes.copyWithin(0, from, this.#filled);
    this.#filled -= from;
    return ending;
  }

  #handleOne(header: ReturnType<typeof Header.read>, from: number, descriptors: number[]): Ending | undefined {
    if (descriptors.length > max_msg_fds) return tooManyDescriptors(descriptors.length);
    const { session, inbox, replyBlock } = this.#parts;
    const payload = new DataView(inbox.bytes.buffer, from + Header.size, header.size - Header.size);
    const { replySize, refused, broken } = session.handle(header, payload, descriptors);
    if (broken !== undefined) return { broken };
    if (refused !== undefined) this.#reportRefusal(refused);
    return replySize > 0 ? DELIVERY_ENDING[this.#outbox.send(replyBlock, replySize)] : undefined;
  }

  #reportRefusal(sentence: string): void {
    this.#refusalCount++;
    if (this.#refusalCount <= MAX_REPORTED_REFUSALS) this.#parts.onRefusal(sentence);
    else if (this.#refusalCount === MAX_REPORTED_REFUSALS + 1) {
      this.#parts.onRefusal('further refused messages of this client are not reported');
    }
  }

  /** Closes the socket and every descriptor that still waits for its message. */
  close(): void {
    for (const descriptor of this.#held.splice(0)) libc.close(descriptor);
    libc.close(this.socket);
  }
}

/** What makes the rest of the stream unreadable. */
function framingError({ size, flags }: { size: number; flags: number }): Ending | undefined {
  if (size < Header.size) return { broken: `a message claims ${counted(size, 'byte')}, less than its header` };
  if (size > MAX_MESSAGE_SIZE)
    return { broken: `a message claims ${counted(size, 'byte')}, more than ${MAX_MESSAGE_SIZE}` };
  if ((flags & FLAG.TYPE) !== 0) return { broken: 'it sent a reply to a command that was never given' };
  return undefined;
}

const tooManyDescriptors = (count: number): Ending => ({
  broken: `a message carries ${count} descriptors, more than ${max_msg_fds}`,
});
