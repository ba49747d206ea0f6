import type { Access, FaultReason } from '../trace-events.ts';
import { VIRTIO_IOMMU_MAP_F_READ, VIRTIO_IOMMU_MAP_F_WRITE } from '../wire/iommu.ts';
import { isBypassed } from './bypass.ts';
import type { IommuState } from './iommu-state.ts';
import type { Mappings } from './mappings.ts';

/** Where an access goes. On a fault, `segments` hold the part before the first byte that faulted. */
export interface Translation {
  readonly outcome: 'ok' | 'fault';
  /** Guest-physical pieces in the order of the access, one per mapping that it touches. Lengths in bytes. */
  readonly segments: { gpa: bigint; length: number }[];
  readonly reason?: FaultReason;
  /** Address of the first byte that faulted. */
  readonly faultAddress?: bigint;
  /** True if the access is not translated, since the endpoint is in bypass mode. */
  readonly bypassed: boolean;
}

const LAST_ADDRESS = (1n << 64n) - 1n;

/** `iommu/device/map/no-write-without-flag`; reads need READ likewise (see choices.ts on WRITE without READ). */
const NEEDED_FLAG: Readonly<Record<Access, number>> = {
  read: VIRTIO_IOMMU_MAP_F_READ,
  write: VIRTIO_IOMMU_MAP_F_WRITE,
};

/** The flags any of which lets an access of this kind through a mapping; 0 if none is needed. */
const sufficientFlags = (state: IommuState, access: Access): number => {
  if (state.deviates('access-rights-ignored')) return 0;
  // iommu/device/map/write-only-may-allow-read
  const writeWillDo = access === 'read' && state.deviates('write-implies-read');
  return writeWillDo ? NEEDED_FLAG.read | NEEDED_FLAG.write : NEEDED_FLAG[access];
};

/** What happens to an access of `length` bytes (1 at least) at `address` by an endpoint. Changes nothing. */
export function translate(
  state: IommuState,
  endpointId: number,
  address: bigint,
  length: number,
  access: Access,
): Translation {
  const endpoint = state.endpoints.get(endpointId);
  if (!endpoint) return faultAt('UNKNOWN', address);
  // 5.13.6: the identity function
  if (isBypassed(state, endpoint)) return { outcome: 'ok', segments: [{ gpa: address, length }], bypassed: true };
  const domain = endpoint.domain === undefined ? undefined : state.domains.get(endpoint.domain);
  // iommu/device/ops/unattached-no-dma
  if (!domain) return faultAt('DOMAIN', address);
  return walk(domain.mappings, address, length, sufficientFlags(state, access));
}

const faultAt = (reason: FaultReason, faultAddress: bigint, segments: Translation['segments'] = []): Translation => ({
  outcome: 'fault',
  segments,
  reason,
  faultAddress,
  bypassed: false,
});

/** 5.13.6.5: PA = VA - virt_start + phys_start, mapping by mapping. */
const walk = (mappings: Mappings, address: bigint, length: number, flags: number): Translation => {
  const last = address + BigInt(length) - 1n;
  // Behind the last address there is none that could be reported, so the access faults where it starts.
  if (last > LAST_ADDRESS) return faultAt('MAPPING', address);
  const segments: Translation['segments'] = [];
  let next = address;
  while (next <= last) {
    const mapping = mappings.find(next);
    // iommu/device/resv-mem/access-contained: nothing can be mapped over a region.
    if (!mapping || (flags !== 0 && (mapping.flags & flags) === 0)) return faultAt('MAPPING', next, segments);
    const gpa = next - mapping.virt_start + mapping.phys_start;
    if (mapping.virt_end >= last) {
      segments.push({ gpa, length: Number(last - next) + 1 });
      break;
    }
    segments.push({ gpa, length: Number(mapping.virt_end - next) + 1 });
    next = mapping.virt_end + 1n;
  }
  return { outcome: 'ok', segments, bypassed: false };
};
