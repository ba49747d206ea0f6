import { defineMonitor, describedIds, ENDPOINT_ID_OFFSET, IOMMU_BDF, hex } from '../api/index.ts';

/** The IOMMU's own place is a matter of its own: platform/viot/iommu-not-behind-itself. */
const ITSELF = IOMMU_BDF + ENDPOINT_ID_OFFSET;

/** A le32 as it looks to somebody who reads it in big-endian order. */
function swapped(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return view.getUint32(0, false);
}

export default defineMonitor({
  id: 'endpoint-ids',
  title: 'Requests name endpoints that the platform describes, in little-endian order',
  requirements: ['iommu/prose/endpoint-id-from-platform', 'iommu/prose/little-endian'],
  judge(seen) {
    const { topology, iommus } = seen.setup;
    const known = new Map<string, ReadonlySet<number>>(iommus.map(({ name }) => [name, describedIds(topology, name)]));
    for (const request of seen.requests) {
      const described = known.get(request.device) ?? new Set();
      const { endpoint } = request.fields;
      if (endpoint === undefined || endpoint === ITSELF) continue;
      const isKnown = described.has(endpoint);
      seen.check(
        'iommu/prose/little-endian',
        isKnown || !described.has(swapped(endpoint)),
        request,
        `${request.name} names endpoint ${hex(endpoint)}, which is ${hex(swapped(endpoint))} in big-endian order; requests are little-endian.`,
      );
      if (described.has(swapped(endpoint)) && !isKnown) continue;
      const where = iommus.length > 1 ? ` behind ${request.device}` : '';
      seen.check(
        'iommu/prose/endpoint-id-from-platform',
        isKnown,
        request,
        `${request.name} names endpoint ${hex(endpoint)}; the platform describes ${[...described].map(hex).join(', ') || 'none'}${where}.`,
      );
    }
  },
  mustCatch: {
    'request-big-endian': 'iommu/prose/little-endian',
    'takes-bdf-for-endpoint-id': 'iommu/prose/endpoint-id-from-platform',
    'attach-fields-swapped': 'iommu/prose/endpoint-id-from-platform',
  },
});
