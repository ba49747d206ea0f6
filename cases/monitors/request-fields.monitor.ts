import { attachFlags, defineMonitor, type EventOf, hex, mapFlags, type Seen } from '../api/index.ts';
import { goesLive, inSession, negotiated, type Session, inEachSession, stagedAs } from './sessions.ts';

const MAP_F_MMIO = 4;
const MAP_FLAGS = 7;

const REQUIREMENTS = [
  'iommu/driver/ops/respect-input-range',
  'iommu/driver/ops/respect-domain-range',
  'iommu/driver/map/virt-end-gt-start',
  'iommu/driver/map/undefined-flags-zero',
  'iommu/driver/map/no-mmio-flag-without-feature',
  'iommu/prose/granule',
  'iommu/prose/map-needs-feature',
  'iommu/prose/unmap-needs-feature',
  'iommu/prose/probe-needs-feature',
  'iommu/prose/bypass-flag-needs-feature',
  'iommu/prose/attach-flags',
] as const;
type Ids = (typeof REQUIREMENTS)[number];
type Request = EventOf<'request'>;

const NEEDS = {
  MAP: ['VIRTIO_IOMMU_F_MAP_UNMAP', 'iommu/prose/map-needs-feature'],
  UNMAP: ['VIRTIO_IOMMU_F_MAP_UNMAP', 'iommu/prose/unmap-needs-feature'],
  PROBE: ['VIRTIO_IOMMU_F_PROBE', 'iommu/prose/probe-needs-feature'],
} as const;

function judgeRanges(seen: Seen<Ids>, session: Session, request: Request): void {
  const { name, fields } = request;
  const { input_range: input, domain_range: domains } = stagedAs(seen, session.iommu).config;
  const { virt_start, virt_end, domain } = fields;
  if (negotiated(session, 'VIRTIO_IOMMU_F_INPUT_RANGE') && virt_start !== undefined && virt_end !== undefined) {
    seen.check(
      'iommu/driver/ops/respect-input-range',
      virt_start >= input.start && virt_end <= input.end,
      request,
      `${name} covers ${hex(virt_start)} to ${hex(virt_end)}; input_range is ${hex(input.start)} to ${hex(input.end)}.`,
    );
  }
  if (negotiated(session, 'VIRTIO_IOMMU_F_DOMAIN_RANGE') && domain !== undefined) {
    seen.check(
      'iommu/driver/ops/respect-domain-range',
      domain >= domains.start && domain <= domains.end,
      request,
      `${name} names domain ${domain}; domain_range is ${domains.start} to ${domains.end}.`,
    );
  }
}

function judgeMap(seen: Seen<Ids>, session: Session, request: Request): void {
  const { virt_start = 0n, virt_end = 0n, phys_start = 0n, flags = 0 } = request.fields;
  seen.check(
    'iommu/driver/map/virt-end-gt-start',
    virt_end > virt_start,
    request,
    `MAP has virt_end ${hex(virt_end)}, virt_start ${hex(virt_start)}; virt_end must be greater.`,
  );
  seen.check(
    'iommu/driver/map/undefined-flags-zero',
    (flags & ~MAP_FLAGS) === 0,
    request,
    `MAP has flags ${mapFlags(flags)}; bits beyond ${hex(MAP_FLAGS)} are undefined and should be zero.`,
  );
  if (!negotiated(session, 'VIRTIO_IOMMU_F_MMIO')) {
    seen.check(
      'iommu/driver/map/no-mmio-flag-without-feature',
      (flags & MAP_F_MMIO) === 0,
      request,
      `MAP has flags ${mapFlags(flags)}; MMIO (4) must not be used, VIRTIO_IOMMU_F_MMIO was not negotiated.`,
    );
  }
  const mask = stagedAs(seen, session.iommu).config.page_size_mask;
  if (mask === 0n) return;
  const granule = mask & -mask;
  seen.check(
    'iommu/prose/granule',
    virt_start % granule === 0n && phys_start % granule === 0n && (virt_end + 1n) % granule === 0n,
    request,
    `MAP takes ${hex(virt_start)} to ${hex(virt_end)} to ${hex(phys_start)}; the granule is ${hex(granule)}.`,
  );
}

/**
 * A change of the configuration behind which it is open which values the driver goes by. Changes before DRIVER_OK are
 * over when the driver sends its first request.
 */
function changeWhileLive(session: Session): EventOf<'config-change'> | undefined {
  const driverOk = goesLive(session);
  return inSession(session, 'config-change').find(
    ({ seq, says }) => driverOk !== undefined && seq > driverOk.seq && !says.startsWith('DEVICE_NEEDS_RESET'),
  );
}

export default defineMonitor({
  id: 'request-fields',
  title: 'Requests stay within the ranges and features of the device',
  requirements: REQUIREMENTS,
  judge: inEachSession((seen, session) => {
    if (session.accepted === undefined) return;
    const change = changeWhileLive(session);
    for (const request of inSession(session, 'request')) {
      const { name } = request;
      if (name === undefined || !request.complete) continue;
      if (name === 'MAP' || name === 'UNMAP' || name === 'PROBE') {
        const [feature, requirement] = NEEDS[name];
        seen.check(
          requirement,
          negotiated(session, feature),
          request,
          `${name} is sent although ${feature} was not negotiated.`,
        );
      }
      if (name === 'ATTACH') {
        const { flags = 0 } = request.fields;
        const says = `ATTACH has flags ${attachFlags(flags)}; bits beyond BYPASS (1) are not defined.`;
        seen.check('iommu/prose/attach-flags', (flags & ~1) === 0, request, says);
      }
      if (name === 'ATTACH' && !negotiated(session, 'VIRTIO_IOMMU_F_BYPASS_CONFIG')) {
        seen.check(
          'iommu/prose/bypass-flag-needs-feature',
          ((request.fields.flags ?? 0) & 1) === 0,
          request,
          `ATTACH has flags ${attachFlags(request.fields.flags ?? 0)}; BYPASS (1) needs VIRTIO_IOMMU_F_BYPASS_CONFIG, which was not negotiated.`,
        );
      }
      if (change !== undefined && request.seq > change.seq) continue;
      judgeRanges(seen, session, request);
      if (name === 'MAP') judgeMap(seen, session, request);
    }
  }),
  mustCatch: {
    'domain-ignores-range': 'iommu/driver/ops/respect-domain-range',
    'map-end-is-length': 'iommu/driver/map/virt-end-gt-start',
    'map-unknown-flag': 'iommu/driver/map/undefined-flags-zero',
    'map-end-exclusive': 'iommu/prose/granule',
    'map-end-equals-start': 'iommu/driver/map/virt-end-gt-start',
    'map-fields-swapped': 'iommu/driver/map/virt-end-gt-start',
    'map-mmio-without-feature': 'iommu/driver/map/no-mmio-flag-without-feature',
    'ignores-input-range': 'iommu/driver/ops/respect-input-range',
    'continues-without-map-unmap': 'iommu/prose/map-needs-feature',
    'probe-without-feature': 'iommu/prose/probe-needs-feature',
    'map-exec-flag': 'iommu/driver/map/no-mmio-flag-without-feature',
    'unmap-without-feature': 'iommu/prose/unmap-needs-feature',
    'attach-unknown-flag': 'iommu/prose/attach-flags',
  },
});
