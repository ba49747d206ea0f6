import { defineMonitor } from '../api/index.ts';
import { effectOf, MappingModel } from './mapping-model.ts';
import { type ReservedRegion, reservedRegions } from './probe-properties.ts';
import { sessionsOf } from './sessions.ts';
import { hex } from './words.ts';
import { bytesOf, TAIL_SIZE } from './request-bytes.ts';

const LAST_KNOWN_SUBTYPE = 1;

export default defineMonitor({
  id: 'reserved-regions',
  title: 'Nothing is mapped where PROBE reported a reserved region',
  requirements: ['iommu/driver/resv-mem/no-map-in-reserved', 'iommu/driver/resv-mem/unknown-subtype-as-reserved'],
  judge(seen) {
    for (const session of sessionsOf(seen)) {
      const model = new MappingModel();
      const regions = new Map<number, readonly ReservedRegion[]>();
      for (const request of session.events) {
        if (request.kind === 'plug' && request.endpoint !== undefined) {
          model.replace(request.endpoint);
          regions.delete(request.endpoint);
        }
        if (request.kind !== 'request') continue;
        const answer = seen.answerTo(request);
        const { endpoint = 0, domain: id = 0, virt_start = 0n, virt_end = 0n } = request.fields;
        if (request.name === 'PROBE' && answer && effectOf(answer) === 'carried-out') {
          // What lies behind the used length the driver must not rely on.
          const length = Math.min(request.writableLength - TAIL_SIZE, answer.usedLength);
          regions.set(endpoint, reservedRegions(bytesOf(answer.bytes, 0, length)));
        }
        const domain = request.name === 'MAP' && request.complete ? model.domain(id) : undefined;
        for (const member of domain?.certain ? domain.endpoints : []) {
          for (const { subtype, start, end } of regions.get(member) ?? []) {
            const known = subtype <= LAST_KNOWN_SUBTYPE;
            seen.check(
              known ? 'iommu/driver/resv-mem/no-map-in-reserved' : 'iommu/driver/resv-mem/unknown-subtype-as-reserved',
              virt_end < start || virt_start > end,
              request,
              `MAP covers ${hex(virt_start)} to ${hex(virt_end)}; endpoint ${member} reported ${hex(start)} to ${hex(end)} as reserved (subtype ${subtype}).`,
            );
          }
        }
        model.apply(request, answer);
      }
    }
  },
  mustCatch: { 'map-in-resv-mem': 'iommu/driver/resv-mem/no-map-in-reserved' },
});
