/** Requests and translations without a virtqueue: what the mappings alone cost. */
import { setImmediate } from 'node:timers/promises';
import { Iommu } from '../../reference-device/iommu/iommu.ts';
import { featureWord } from '../../reference-device/wire/features.ts';
import {
  ReqAttach,
  ReqMap,
  ReqUnmap,
  VIRTIO_IOMMU_T_ATTACH,
  VIRTIO_IOMMU_T_MAP,
  VIRTIO_IOMMU_T_UNMAP,
} from '../../reference-device/wire/iommu.ts';

const PAGE = 0x1000n;
/** Every second page is mapped, so that no two mappings touch. */
const STRIDE = 2n * PAGE;
const TAIL_LENGTH = 4;
/** Coprime to every count, so that its multiples visit all mappings out of order. */
const STEP = 7919;

const FEATURES = ['VIRTIO_F_VERSION_1', 'VIRTIO_IOMMU_F_MAP_UNMAP'] as const;

export interface Filling {
  readonly seconds: number;
  readonly longestMs: number;
  readonly bytesPerMapping: number;
}

export class MappingBench {
  readonly #iommu: Iommu;
  readonly #map = ReqMap.encode({ type: VIRTIO_IOMMU_T_MAP, domain: 1, flags: 3 });
  readonly #unmap = ReqUnmap.encode({ type: VIRTIO_IOMMU_T_UNMAP, domain: 1 });
  readonly #mapFields = ReqMap.over(this.#map);
  readonly #unmapFields = ReqUnmap.over(this.#unmap);
  /** In the order of use: flat, so that finding the next one costs nothing beside what is measured. */
  readonly #addresses: BigUint64Array;
  #next = 0;

  /** One endpoint in one domain with `count` mappings. */
  constructor(count: number) {
    this.#iommu = new Iommu(
      {
        features: FEATURES,
        foreignFeatureBits: [],
        config: {
          page_size_mask: 0xffff_ffff_ffff_f000n,
          input_range: { start: 0n, end: 0xffff_ffff_ffff_ffffn },
          domain_range: { start: 0, end: 0xffff_ffff },
          probe_size: 0,
          bypass: 0,
        },
        queueSizes: [64, 64],
      },
      [{ id: 1, resvMem: [] }],
      [],
    );
    this.#iommu.accepted = featureWord(FEATURES);
    this.#send(ReqAttach.encode({ type: VIRTIO_IOMMU_T_ATTACH, domain: 1, endpoint: 1 }));
    this.#addresses = BigUint64Array.from({ length: count }, (_, index) => BigInt((index * STEP) % count) * STRIDE);
    for (let index = 0; index < count; index++) this.#mapAt(BigInt(index) * STRIDE);
  }

  #send(readable: Uint8Array): void {
    const { status } = this.#iommu.handle(this.#iommu.parse(readable), readable, TAIL_LENGTH);
    if (status !== 0) throw new Error(`a request of the benchmark ended with status ${status}`);
  }

  #mapAt(virt_start: bigint): void {
    this.#mapFields.virt_start = virt_start;
    this.#mapFields.virt_end = virt_start + PAGE - 1n;
    this.#mapFields.phys_start = virt_start;
    this.#send(this.#map);
  }

  /** Maps and unmaps `times` pages that lie between the others. */
  mapUnmap(times: number): void {
    for (let done = 0; done < times; done++) {
      const virt_start = this.#nextAddress() + PAGE;
      this.#mapAt(virt_start);
      this.#unmapFields.virt_start = virt_start;
      this.#unmapFields.virt_end = virt_start + PAGE - 1n;
      this.#send(this.#unmap);
    }
  }

  /** Translates `times` reads of four bytes all over the mappings. */
  translate(times: number): void {
    for (let done = 0; done < times; done++) {
      const { outcome } = this.#iommu.translate(1, this.#nextAddress() + 0x10n, 4, 'read');
      if (outcome !== 'ok') throw new Error('a translation of the benchmark faulted');
    }
  }

  #nextAddress(): bigint {
    const at = this.#next;
    this.#next = at + 1 === this.#addresses.length ? 0 : at + 1;
    return this.#addresses[at]!;
  }

  /** Makes `count` mappings, one request each, and gives up nothing of the memory that they took. */
  static async fill(count: number, order: 'upwards' | 'scattered'): Promise<Filling> {
    const before = await memoryInUse();
    const bench = new MappingBench(0);
    let longestMs = 0;
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) {
      const place = order === 'upwards' ? index : (index * STEP) % count;
      const requestAt = performance.now();
      bench.#mapAt(BigInt(place) * STRIDE);
      longestMs = Math.max(longestMs, performance.now() - requestAt);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const bytesPerMapping = ((await memoryInUse()) - before) / count;
    bench.mapUnmap(0);
    return { seconds, longestMs, bytesPerMapping };
  }
}

/** Bytes in use once the collector, which frees the memory of arrays in the background, has done its work. */
async function memoryInUse(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
