/** A virtio entropy device (5.4) behind the IOMMU. */
import type { DeviceQueue } from '../transport/device-queue.ts';
import type { RegisterPlace } from '../transport/register-file.ts';
import type { Chain } from '../virtqueue/virtqueue.ts';
import { DEVICE_ID } from '../wire/virtio.ts';
import { RandomBytes } from './random-bytes.ts';
import { type EndpointParts, VirtioEndpoint } from './virtio-endpoint.ts';

export const RNG_FUNCTION = { deviceId: DEVICE_ID.ENTROPY, classCode: 0x00ff00, configLength: 0 } as const;

/** Bytes put into one buffer at most. */
const FILL_LIMIT = 1 << 16;

export class VirtioRng extends VirtioEndpoint {
  readonly configFields: readonly RegisterPlace[] = [];
  readonly #random = new RandomBytes();

  constructor(parts: EndpointParts) {
    super(parts, []);
  }

  readConfig(_offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, 0);
  }

  protected serve(queue: DeviceQueue, chain: Chain): number {
    return queue.write(chain, this.#random.next(Math.min(chain.writableLength, FILL_LIMIT)));
  }
}
