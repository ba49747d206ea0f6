/**
 * A virtio network device (5.1) behind the IOMMU: enough of one for a guest's own driver to send and receive. The one
 * station on its network sends frames of one EtherType back to where they came from, and takes no notice of any others.
 */
import type { DeviceQueue } from '../transport/device-queue.ts';
import type { RegisterPlace } from '../transport/register-file.ts';
import type { Chain } from '../virtqueue/virtqueue.ts';
import { hasFeature } from '../wire/features.ts';
import {
  MAC_BYTES,
  NetHeader,
  RECEIVEQ1,
  VIRTIO_NET_F_CSUM,
  VIRTIO_NET_F_MAC,
  VIRTIO_NET_F_MRG_RXBUF,
} from '../wire/net.ts';
import { DEVICE_ID } from '../wire/virtio.ts';
import { type EndpointParts, VirtioEndpoint } from './virtio-endpoint.ts';

export const NETWORK_CARD_FUNCTION = {
  deviceId: DEVICE_ID.NET,
  classCode: 0x020000,
  configLength: MAC_BYTES,
} as const;

/** Every buffer that a driver posts is mapped, so rings are short; but one that can change needs room to get smaller. */
const QUEUE_SIZE = 32;
const RESIZABLE_QUEUE_SIZE = 64;
/** Locally administered, as every address that nobody has bought. */
const MAC = Uint8Array.of(0x02, 0x76, 0x69, 0x6f, 0x6d, 0x75);

/** IEEE 802: the first EtherType for local experiments. */
const ECHOED_ETHERTYPE = 0x88b5;
const ETHERTYPE_AT = 2 * MAC_BYTES;
const ETHERNET_HEADER_BYTES = ETHERTYPE_AT + 2;

/** The longest frame that is sent back, and its header. */
const PACKET_BYTES = NetHeader.size + 0x4000;
/** Frames that wait for buffers; what comes beyond that is lost, as on any network. */
const MOST_WAITING = 64;

const MERGEABLE = 1n << BigInt(VIRTIO_NET_F_MRG_RXBUF);

export class NetworkCard extends VirtioEndpoint {
  override readonly queueMaxSizes: readonly number[];
  readonly configFields = Array.from(MAC, (_, offset): RegisterPlace => ({ offset, width: 1, name: `mac[${offset}]` }));
  #isMerging = false;
  /** Where frames can be put, oldest first. */
  #empty: Chain[] = [];
  /** Packets that no buffers have been found for. */
  #waiting: Uint8Array[] = [];

  constructor(parts: EndpointParts) {
    super(parts, [VIRTIO_NET_F_CSUM, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF]);
    const size = hasFeature(this.offered, 'VIRTIO_F_RING_RESET') ? RESIZABLE_QUEUE_SIZE : QUEUE_SIZE;
    this.queueMaxSizes = [size, size];
  }

  readConfig(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, MAC[offset + at] ?? 0);
  }

  override onFeatures(accepted: bigint): void {
    this.#isMerging = (accepted & MERGEABLE) !== 0n;
  }

  override onReset(): void {
    this.#waiting = [];
  }

  override onQueueReset(queue: DeviceQueue): void {
    if (queue.index === RECEIVEQ1) this.#empty = [];
    super.onQueueReset(queue);
  }

  protected serve(queue: DeviceQueue, chain: Chain): number | undefined {
    if (queue.index === RECEIVEQ1) {
      // More than the ring has room for cannot be the driver's own.
      if (this.#empty.length >= queue.size) return 0;
      this.#empty.push(chain);
      this.#deliver();
      return undefined;
    }
    const reply = replyTo(queue.read(chain, PACKET_BYTES));
    if (reply !== undefined && this.#waiting.length < MOST_WAITING) this.#waiting.push(reply);
    this.#deliver();
    return 0;
  }

  /** Puts packets into buffers for as long as there are both. */
  #deliver(): void {
    for (let packet = this.#waiting[0]; packet !== undefined; packet = this.#waiting[0]) {
      const count = this.#buffersFor(packet.length);
      if (count === undefined) return;
      this.#waiting.shift();
      this.#fill(packet, this.#empty.splice(0, count));
    }
  }

  /** How many of the empty buffers hold `length` bytes; undefined if there are too few of them. */
  #buffersFor(length: number): number | undefined {
    let room = 0;
    for (const [index, { writableLength }] of this.#empty.entries()) {
      room += writableLength;
      // 5.1.6.4: without MRG_RXBUF a packet has one buffer; what does not fit is cut off.
      if (room >= length || !this.#isMerging) return index + 1;
    }
    return undefined;
  }

  #fill(packet: Uint8Array, chains: readonly Chain[]): void {
    NetHeader.over(packet).num_buffers = chains.length;
    let done = 0;
    for (const chain of chains) done += this.finish(RECEIVEQ1, chain, packet.subarray(done));
    this.interrupt(RECEIVEQ1);
  }
}

/** The packet that answers `packet`: the same with the two addresses changed over; undefined if there is no answer. */
function replyTo(packet: Uint8Array | undefined): Uint8Array | undefined {
  if (packet === undefined || packet.length < NetHeader.size + ETHERNET_HEADER_BYTES) return undefined;
  const frame = packet.subarray(NetHeader.size);
  if ((frame[ETHERTYPE_AT]! << 8) + frame[ETHERTYPE_AT + 1]! !== ECHOED_ETHERTYPE) return undefined;
  const reply = new Uint8Array(packet.length);
  reply.set(frame, NetHeader.size);
  reply.set(frame.subarray(MAC_BYTES, 2 * MAC_BYTES), NetHeader.size);
  reply.set(frame.subarray(0, MAC_BYTES), NetHeader.size + MAC_BYTES);
  return reply;
}
