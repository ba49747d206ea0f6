import { defineMonitor, hex } from '../api/index.ts';

const LAST_KNOWN_SUBTYPE = 1;

export default defineMonitor({
  id: 'reserved-regions',
  title: 'Nothing is mapped where PROBE reported a reserved region',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved', 'iommu/driver/resv-mem/unknown-subtype-as-reserved'],
  judge(seen) {
    for (const map of seen.named('MAP')) {
      const { domain: id = 0, virt_start = 0n, virt_end = 0n } = map.fields;
      const before = seen.world.before(map);
      const domain = before.domains(map.device).domain(id);
      for (const member of domain?.certain ? domain.endpoints : []) {
        for (const { subtype, start, end } of before.regions(map.device, member)) {
          seen.check(
            subtype <= LAST_KNOWN_SUBTYPE
              ? 'iommu/driver/resv-mem/no-map-in-reserved'
              : 'iommu/driver/resv-mem/unknown-subtype-as-reserved',
            virt_end < start || virt_start > end,
            map,
            `MAP covers ${hex(virt_start)} to ${hex(virt_end)}; PROBE of endpoint ${hex(member)} reported ${hex(start)} to ${hex(end)}, subtype ${subtype}.`,
          );
        }
      }
    }
  },
  mustCatch: { 'map-in-resv-mem': 'iommu/driver/resv-mem/no-map-in-reserved' },
});
