import {
  attachFlags,
  defineMonitor,
  type Domains,
  type EventOf,
  hex,
  mappingAt,
  mappingsWithin,
  type Seen,
} from '../api/index.ts';

const REQUIREMENTS = [
  'iommu/driver/attach/bypass-flag-on-bypass-domain',
  'iommu/driver/attach/no-bypass-flag-on-paging-domain',
  'iommu/driver/map/no-map-on-bypass-domain',
  'iommu/driver/unmap/no-unmap-on-bypass-domain',
  'iommu/driver/unmap/start-on-boundary',
  'iommu/driver/unmap/end-on-boundary',
  'iommu/driver/unmap/covers-contiguous-mappings',
  'iommu/prose/unmap-whole-mappings',
  'iommu/prose/domain-created-by-attach',
  'iommu/prose/domain-ends-with-last-detach',
  'iommu/prose/detach-names-current-domain',
] as const;
type Ids = (typeof REQUIREMENTS)[number];
type Request = EventOf<'request'>;

const ATTACH_F_BYPASS = 1;

function judgeAttach(seen: Seen<Ids>, model: Domains, request: Request): void {
  const { domain: id = 0, endpoint = 0, flags = 0 } = request.fields;
  const domain = model.domain(id);
  // Where the endpoint is alone in the domain, some devices end the domain before they attach it anew.
  if (!domain?.certain || (domain.endpoints.size === 1 && domain.endpoints.has(endpoint))) return;
  const flag = (flags & ATTACH_F_BYPASS) !== 0;
  const made = `the domain exists and was made ${domain.bypass ? 'with' : 'without'} the BYPASS flag`;
  seen.check(
    domain.bypass
      ? 'iommu/driver/attach/bypass-flag-on-bypass-domain'
      : 'iommu/driver/attach/no-bypass-flag-on-paging-domain',
    flag === domain.bypass,
    request,
    `ATTACH of endpoint ${hex(endpoint)} to domain ${id} has flags ${attachFlags(flags)}; ${made}.`,
  );
}

function judgeDetach(seen: Seen<Ids>, model: Domains, request: Request): void {
  const { domain = 0, endpoint = 0 } = request.fields;
  if (!model.knows(endpoint)) return;
  const current = model.domainOf(endpoint);
  seen.check(
    'iommu/prose/detach-names-current-domain',
    current === domain,
    request,
    `DETACH of endpoint ${hex(endpoint)} names domain ${domain}; the endpoint is in ${current === undefined ? 'no domain' : `domain ${current}`}.`,
  );
}

function judgeMap(seen: Seen<Ids>, model: Domains, request: Request): void {
  const { domain: id = 0 } = request.fields;
  const domain = model.domain(id);
  if (domain === undefined) {
    if (model.doubtful) return;
    const ended = model.hasEnded(id);
    seen.check(
      ended ? 'iommu/prose/domain-ends-with-last-detach' : 'iommu/prose/domain-created-by-attach',
      false,
      request,
      ended
        ? `MAP names domain ${id}, which ended when its last endpoint left it.`
        : `MAP names domain ${id}, to which no endpoint has been attached.`,
    );
    return;
  }
  seen.held(['iommu/prose/domain-created-by-attach', 'iommu/prose/domain-ends-with-last-detach'], request);
  if (!domain.certain) return;
  seen.check(
    'iommu/driver/map/no-map-on-bypass-domain',
    !domain.bypass,
    request,
    `MAP names domain ${id}, which is a bypass domain.`,
  );
}

function judgeUnmap(seen: Seen<Ids>, model: Domains, request: Request): void {
  const { domain: id = 0, virt_start = 0n, virt_end = 0n } = request.fields;
  const domain = model.domain(id);
  if (!domain?.certain) return;
  seen.check(
    'iommu/driver/unmap/no-unmap-on-bypass-domain',
    !domain.bypass,
    request,
    `UNMAP names domain ${id}, which is a bypass domain.`,
  );
  if (domain.bypass) return;
  const range = `UNMAP covers ${hex(virt_start)} to ${hex(virt_end)} of domain ${id}`;
  const first = mappingAt(domain, virt_start);
  const splitsFirst = first !== undefined && first.virt_start !== virt_start;
  const last = mappingAt(domain, virt_end);
  const splitsLast = last !== undefined && last.virt_end !== virt_end;
  const firstSays = `${range}; its start lies inside the mapping ${hex(first?.virt_start ?? 0)} to ${hex(first?.virt_end ?? 0)} and has to be where it begins.`;
  const lastSays = `${range}; its end lies inside the mapping ${hex(last?.virt_start ?? 0)} to ${hex(last?.virt_end ?? 0)} and has to be where it ends.`;
  seen.check('iommu/driver/unmap/start-on-boundary', !splitsFirst, request, firstSays);
  seen.check('iommu/driver/unmap/end-on-boundary', !splitsLast, request, lastSays);
  seen.check(
    'iommu/prose/unmap-whole-mappings',
    !splitsFirst && !splitsLast,
    request,
    splitsFirst ? firstSays : lastSays,
  );
  seen.check(
    'iommu/driver/unmap/covers-contiguous-mappings',
    mappingsWithin(domain, virt_start, virt_end).length > 0,
    request,
    `${range}, where no whole mapping lies; it should cover one at least.`,
  );
}

const JUDGES = { ATTACH: judgeAttach, DETACH: judgeDetach, MAP: judgeMap, UNMAP: judgeUnmap } as const;

export default defineMonitor({
  id: 'domains',
  title: 'Requests fit the domains and mappings that earlier requests have made',
  requirements: REQUIREMENTS,
  judge(seen) {
    for (const request of seen.requests) {
      const { name } = request;
      if (name === undefined || name === 'PROBE' || !request.complete) continue;
      JUDGES[name](seen, seen.world.before(request).domains(request.device), request);
    }
  },
  mustCatch: {
    'map-before-attach': 'iommu/prose/domain-created-by-attach',
    'map-wrong-domain': 'iommu/prose/domain-created-by-attach',
    'detach-wrong-domain': 'iommu/prose/detach-names-current-domain',
    'detach-twice': 'iommu/prose/detach-names-current-domain',
    'detach-never-attached': 'iommu/prose/detach-names-current-domain',
    'unmap-end-exclusive': 'iommu/driver/unmap/covers-contiguous-mappings',
    'unmap-first-granule-only': 'iommu/driver/unmap/end-on-boundary',
    'unmap-wrong-domain': 'iommu/driver/unmap/covers-contiguous-mappings',
    'unmap-splits-mapping': 'iommu/prose/unmap-whole-mappings',
    'unmap-twice': 'iommu/driver/unmap/covers-contiguous-mappings',
    'unmap-last-granule-only': 'iommu/driver/unmap/start-on-boundary',
    'gives-up-early': 'iommu/driver/unmap/covers-contiguous-mappings',
    'used-ring-not-wrapped': 'iommu/driver/unmap/covers-contiguous-mappings',
  },
});
