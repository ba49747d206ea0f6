/** A virtio block device (5.2) behind the IOMMU: enough of one for a guest's own driver to read and write a disk. */
import type { DeviceQueue } from '../transport/device-queue.ts';
import type { Chain } from '../virtqueue/virtqueue.ts';
import {
  BlockConfig,
  BlockRequestHead,
  SECTOR_BYTES,
  VIRTIO_BLK_F_FLUSH,
  VIRTIO_BLK_F_SEG_MAX,
  VIRTIO_BLK_F_SIZE_MAX,
  VIRTIO_BLK_S_IOERR,
  VIRTIO_BLK_S_OK,
  VIRTIO_BLK_S_UNSUPP,
  VIRTIO_BLK_T_FLUSH,
  VIRTIO_BLK_T_IN,
  VIRTIO_BLK_T_OUT,
} from '../wire/block.ts';
import { DEVICE_ID } from '../wire/virtio.ts';
import { type EndpointParts, VirtioEndpoint } from './virtio-endpoint.ts';

export const DISK_FUNCTION = {
  deviceId: DEVICE_ID.BLOCK,
  classCode: 0x010000,
  configLength: BlockConfig.size,
} as const;

const CAPACITY_SECTORS = 2048;
/** Small pieces make long scatter-gather lists. */
const SIZE_MAX = 4096;
const SEG_MAX = 14;
/** The longest data of a request, and its header. */
const REQUEST_BYTES = SIZE_MAX * SEG_MAX + BlockRequestHead.size;

const NO_BYTES = new Uint8Array(0);

/** What a request comes to: its status, and the data that it read. */
interface Outcome {
  readonly status: number;
  readonly data: Uint8Array;
}

const ended = (status: number): Outcome => ({ status, data: NO_BYTES });

export class VirtioDisk extends VirtioEndpoint {
  readonly configFields = [
    { offset: BlockConfig.offsets.capacity, width: 8, name: 'capacity' },
    { offset: BlockConfig.offsets.size_max, width: 4, name: 'size_max' },
    { offset: BlockConfig.offsets.seg_max, width: 4, name: 'seg_max' },
  ] as const;
  readonly #config = BlockConfig.encode({ capacity: BigInt(CAPACITY_SECTORS), size_max: SIZE_MAX, seg_max: SEG_MAX });
  readonly #sectors = new Uint8Array(CAPACITY_SECTORS * SECTOR_BYTES);

  constructor(parts: EndpointParts) {
    super(parts, [VIRTIO_BLK_F_SIZE_MAX, VIRTIO_BLK_F_SEG_MAX, VIRTIO_BLK_F_FLUSH]);
  }

  readConfig(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, this.#config[offset + at] ?? 0);
  }

  /** The status goes into the last byte that the driver lets the device write, behind all data (5.2.6). */
  protected serve(queue: DeviceQueue, chain: Chain): number {
    const room = Math.min(chain.writableLength, REQUEST_BYTES) - 1;
    if (room < 0) return 0;
    const { status, data } = this.#carryOut(queue.read(chain, REQUEST_BYTES) ?? NO_BYTES, room);
    const answer = new Uint8Array(room + 1);
    answer.set(data);
    answer[room] = status;
    return queue.write(chain, answer);
  }

  #carryOut(request: Uint8Array, room: number): Outcome {
    if (request.length < BlockRequestHead.size) return ended(VIRTIO_BLK_S_IOERR);
    const { type, sector } = BlockRequestHead.over(request);
    const written = request.subarray(BlockRequestHead.size);
    switch (type) {
      case VIRTIO_BLK_T_IN: {
        const data = this.#stretch(sector, room);
        return data ? { status: VIRTIO_BLK_S_OK, data } : ended(VIRTIO_BLK_S_IOERR);
      }
      case VIRTIO_BLK_T_OUT:
        this.#stretch(sector, written.length)?.set(written);
        return ended(this.#stretch(sector, written.length) ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR);
      case VIRTIO_BLK_T_FLUSH:
        return ended(VIRTIO_BLK_S_OK);
      default:
        return ended(VIRTIO_BLK_S_UNSUPP);
    }
  }

  /** `length` bytes from `sector` on; undefined if they are no whole sectors of this disk. */
  #stretch(sector: bigint, length: number): Uint8Array | undefined {
    const from = sector * BigInt(SECTOR_BYTES);
    const isInside = from + BigInt(length) <= BigInt(this.#sectors.length);
    if (!isInside || length === 0 || length % SECTOR_BYTES !== 0) return undefined;
    return this.#sectors.subarray(Number(from), Number(from) + length);
  }
}
