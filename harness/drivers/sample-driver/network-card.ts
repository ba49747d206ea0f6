/** The driver of a virtio network device (5.1): sends frames to a station that sends them back, and compares. */
import { EndpointDriver } from './endpoint-driver.ts';
import type { Exchanged, Part } from './endpoint-queue.ts';

const RECEIVE = 0;
const TRANSMIT = 1;
const HEADER_BYTES = 12;
/** Destination and source, and the first EtherType for local experiments. */
const FRAME_HEAD = Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5);
const MOST_PAYLOAD = 1500;
const MOST_FRAME = FRAME_HEAD.length + MOST_PAYLOAD;
const RECEIVE_BUFFERS = 4;
/** Frames that are left to the device in the background. */
const FRAMES_LEFT = 3;

export class NetworkCardDriver extends EndpointDriver {
  protected readonly queueCount = 2;

  protected override onLive(): void {
    const { mostParts = 0 } = this.queue(RECEIVE) ?? {};
    const count = Math.min(RECEIVE_BUFFERS, mostParts >> 1);
    for (let posted = 0; posted < count; posted++) this.#post();
  }

  /** Lets the device have one more buffer for what it receives: one part for the header, and one for the frame. */
  #post(): number | string {
    return this.queue(RECEIVE)?.hand([{ length: HEADER_BYTES }, { length: MOST_FRAME }]) ?? this.down;
  }

  transfer(length: number): Uint8Array | string {
    const pattern = Uint8Array.from({ length }, (_, at) => (at * 5 + (at >> 8)) & 0xff);
    for (let from = 0; from < length; from += MOST_PAYLOAD) {
      const problem = this.#sendAndReceive(pattern.subarray(from, from + MOST_PAYLOAD));
      if (problem !== undefined) return problem;
    }
    return pattern;
  }

  #sendAndReceive(payload: Uint8Array): string | undefined {
    const sent = this.queue(TRANSMIT)?.exchange(packetOf(payload)) ?? this.down;
    if (typeof sent === 'string') return sent;
    const received = this.queue(RECEIVE)?.next() ?? this.down;
    if (typeof received === 'string') return received;
    const posted = this.#post();
    if (typeof posted === 'string') return posted;
    return isReplyTo(payload, received) ? undefined : `${this.name} does not send back what was sent`;
  }

  begin(length: number): string | undefined {
    const payload = new Uint8Array(Math.min(length, MOST_PAYLOAD));
    for (let frame = 0; frame < FRAMES_LEFT; frame++) {
      const handed = this.queue(TRANSMIT)?.hand(packetOf(payload)) ?? this.down;
      if (typeof handed === 'string') return handed;
    }
    return undefined;
  }
}

/** An empty header, and the frame with this payload. */
function packetOf(payload: Uint8Array): Part[] {
  const frame = new Uint8Array(FRAME_HEAD.length + payload.length);
  frame.set(FRAME_HEAD);
  frame.set(payload, FRAME_HEAD.length);
  return [
    { length: HEADER_BYTES, bytes: new Uint8Array(HEADER_BYTES) },
    { length: frame.length, bytes: frame },
  ];
}

function isReplyTo(payload: Uint8Array, { written, contents }: Exchanged): boolean {
  const frame = contents[1] ?? new Uint8Array(0);
  const isWhole = written === HEADER_BYTES + FRAME_HEAD.length + payload.length;
  return isWhole && payload.every((byte, at) => byte === frame[FRAME_HEAD.length + at]);
}
