/** DMA_MAP and DMA_UNMAP: which of the client's addresses are memory, for one function. */
import type { GuestMemory } from '../../reference-device/memory/guest-memory.ts';
import type { GuestRam, SharedFile } from './guest-ram.ts';
import { ERRNO } from './libc.ts';
import { max_dma_maps, pgsizes } from './limits.ts';
import { DMA_MAP_FLAG, DMA_UNMAP_FLAG_ALL, DmaMap, DmaUnmap } from './messages.ts';
import { type Answer, refuse, type Refusal, type Request } from './request.ts';
import { counted } from '../../reference-device/counted.ts';

const PAGE = BigInt(pgsizes);
const ADDRESS_SPACE = 1n << 64n;

interface Window {
  readonly address: bigint;
  readonly size: bigint;
  /** Absent for a window without a descriptor: device memory of the client, which endpoints here do not reach. */
  readonly file: SharedFile | undefined;
}

type MapValues = ReturnType<typeof DmaMap.read>;

/** The windows of one function, kept in step with its `GuestMemory`. */
export class DmaWindows {
  readonly #memory: GuestMemory;
  readonly #ram: GuestRam;
  #windows: Window[] = [];

  constructor(memory: GuestMemory, ram: GuestRam) {
    this.#memory = memory;
    this.#ram = ram;
  }

  /** Answers DMA_MAP. A window without a descriptor is accepted and is no RAM. */
  map({ payload, descriptors }: Request): Answer {
    const values = DmaMap.read(payload, 0);
    const refusal = this.#objection(values, descriptors.length);
    if (refusal) return refusal;
    const { address, size, offset, flags } = values;
    const descriptor = descriptors[0];
    if (descriptor === undefined) {
      this.#windows.push({ address, size, file: undefined });
      return 0;
    }
    const file = this.#ram.share(descriptor, offset + size);
    if ('errno' in file) return file;
    this.#windows.push({ address, size, file });
    const bytes = file.bytes.subarray(Number(offset), Number(offset + size));
    this.#memory.addRegion(address, bytes, (flags & DMA_MAP_FLAG.WRITEABLE) !== 0);
    return 0;
  }

  #objection({ argsz, flags, address, size, offset }: MapValues, descriptorCount: number): Refusal | undefined {
    if (argsz < DmaMap.size) return refuse(ERRNO.EINVAL, `argsz is ${argsz}`);
    if (flags !== DMA_MAP_FLAG.READABLE && flags !== (DMA_MAP_FLAG.READABLE | DMA_MAP_FLAG.WRITEABLE)) {
      return refuse(ERRNO.EINVAL, `flags ${flags} are neither read-only nor read-write`);
    }
    if (size === 0n || (address | size | offset) % PAGE !== 0n) {
      return refuse(ERRNO.EINVAL, 'address, size and offset must be whole pages');
    }
    if (address + size > ADDRESS_SPACE || offset + size > ADDRESS_SPACE) {
      return refuse(ERRNO.EINVAL, 'the window runs past 2^64');
    }
    if (descriptorCount > 1) return refuse(ERRNO.EINVAL, `${descriptorCount} descriptors for one window`);
    if (this.#windows.length >= max_dma_maps) return refuse(ERRNO.ENOSPC, `there are ${max_dma_maps} windows already`);
    const over = this.#windows.find((other) => address < other.address + other.size && other.address < address + size);
    if (over) return refuse(ERRNO.EEXIST, `it overlaps the window at 0x${over.address.toString(16)}`);
    return undefined;
  }

  /** Answers DMA_UNMAP: exactly one window as it was mapped, or all of them. The reply is the request. */
  unmap({ payload, reply }: Request): Answer {
    const values = DmaUnmap.read(payload, 0);
    const { flags, address, size } = values;
    if (flags === DMA_UNMAP_FLAG_ALL && address === 0n && size === 0n) {
      this.clear();
    } else {
      if (flags !== 0) return refuse(ERRNO.EINVAL, `flags ${flags}`);
      const window = this.#windows.find((each) => each.address === address && each.size === size);
      if (!window) return refuse(ERRNO.ENOENT, `no window of ${counted(size, 'byte')} at 0x${address.toString(16)}`);
      this.#windows.splice(this.#windows.indexOf(window), 1);
      this.#forget(window);
    }
    DmaUnmap.write(reply, 0, values);
    return DmaUnmap.size;
  }

  /** Removes every window: the client is gone. */
  clear(): void {
    const windows = this.#windows;
    this.#windows = [];
    for (const window of windows) this.#forget(window);
  }

  #forget({ address, size, file }: Window): void {
    this.#memory.removeRegions(address, size);
    file?.release();
  }
}
