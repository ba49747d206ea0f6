/** The reviewed list, part one: what the devices answer to requests. */
import type { Difference, ReviewedDifference } from './comparison.ts';
import {
  isAttachedTo,
  isCutShort,
  isEmptyListOfOurs,
  isIn,
  isMisaligned,
  isUnwrittenByUs,
  lacksHeadOrTail,
  mapOf,
  rangeOf,
  requestOf,
  statuses,
} from './difference-words.ts';
import { FIGURES } from './steps.ts';

const WITHOUT_MAP_UNMAP = ['features/without-map-unmap-map', 'features/without-map-unmap-unmap'];
const TOP = 1n << 64n;

/** To QEMU the endpoint is one like any other, so that all other rules go for it. */
const isRefusedByUs = ({ facet, ours }: Difference): boolean => facet === 'status' && ours === 'NOENT';

export const REVIEWED_REQUESTS: readonly ReviewedDifference[] = [
  {
    name: 'endpoint-ids-cut-to-16-bits',
    qemu: 'looks only at the low 16 bits of an ID: 0x10020 is another name of 0x20',
    ours: 'NOENT for an ID that the platform has not given to anybody',
    requirement: 'iommu/device/attach/reject-unknown-endpoint',
    right: 'ours',
    why: 'An endpoint that does not exist is refused with NOENT, whatever its low bits are.',
    matches: (it) => {
      const request = requestOf(it, 'ATTACH', 'PROBE')?.request;
      const isAlias = request !== undefined && 'endpoint' in request && request.endpoint === 'past-16-bits';
      return isAlias && (isRefusedByUs(it) || isEmptyListOfOurs(it));
    },
    parts: true,
  },
  {
    name: 'iommu-is-an-endpoint',
    qemu: 'takes its own BDF for an endpoint',
    ours: 'NOENT: the platform description leaves the IOMMU out',
    requirement: 'iommu/prose/endpoint-id-from-platform',
    right: 'both',
    why: 'The platform says which IDs exist; QEMU describes the whole bus, the IOMMU included.',
    matches: (it) => {
      const request = requestOf(it, 'ATTACH', 'PROBE')?.request;
      const isItself = request !== undefined && 'endpoint' in request && request.endpoint === 'iommu';
      return isItself && (isRefusedByUs(it) || isEmptyListOfOurs(it));
    },
    parts: true,
  },
  {
    name: 'attach-reserved-ignored',
    qemu: 'attaches whatever the reserved bytes hold',
    ours: 'INVAL',
    requirement: 'iommu/device/attach/reject-nonzero-reserved',
    right: 'ours',
    why: 'A MUST.',
    matches: (it) => {
      const reserved = requestOf(it, 'ATTACH')?.request.reserved ?? 0;
      return reserved !== 0 && statuses(it, 'OK', 'INVAL');
    },
    parts: true,
  },
  {
    name: 'attach-two-mistakes',
    qemu: 'NOENT: the unknown endpoint is what it sees',
    ours: 'INVAL: reserved bytes are looked at first',
    requirement: 'iommu/device/attach/reject-unknown-endpoint',
    right: 'both',
    why: 'Both are MUSTs and nothing orders them. QEMU would not have seen the other one.',
    matches: (it) => {
      const reserved = requestOf(it, 'ATTACH')?.request.reserved ?? 0;
      return reserved !== 0 && statuses(it, 'NOENT', 'INVAL');
    },
    parts: false,
  },
  {
    name: 'bypass-flag-without-feature',
    qemu: 'knows the flag even if the driver has refused BYPASS_CONFIG',
    ours: 'INVAL: to this driver the flag does not exist',
    requirement: 'iommu/prose/bypass-flag-needs-feature',
    right: 'both',
    why: 'The flag is for drivers that negotiated the feature; what a device does with others is not said.',
    matches: (it) => isIn(it, 'features/without-bypass-config-flag') && statuses(it, 'OK', 'INVAL'),
    parts: true,
  },
  {
    name: 'other-bypass-flag-for-an-only-endpoint',
    qemu: 'takes the endpoint out first, which ends its domain, and makes the domain anew with the other flag',
    ours: 'INVAL: the domain exists, and its flag is another',
    requirement: 'iommu/device/attach/reject-inconsistent-bypass-flag',
    right: 'ours',
    why: 'The domain exists when the request comes; only a move from another domain detaches first.',
    matches: (it) => {
      const request = requestOf(it, 'ATTACH')?.request;
      const isSame = request?.type === 'ATTACH' && isAttachedTo(it.before, request.endpoint, request.domain);
      return isSame && statuses(it, 'OK', 'INVAL');
    },
    parts: true,
  },
  {
    name: 'detach-of-an-unattached-endpoint',
    qemu: 'NOENT: it has forgotten the endpoint',
    ours: 'INVAL: the endpoint exists and is not in that domain',
    requirement: 'iommu/device/detach/may-inval-wrong-domain',
    right: 'ours',
    why: 'NOENT is for endpoints that do not exist; for the wrong domain the text has INVAL.',
    matches: (it) => {
      const request = requestOf(it, 'DETACH')?.request;
      const isThere = request?.type === 'DETACH' && ['a', 'b'].includes(request.endpoint);
      return isThere && statuses(it, 'NOENT', 'INVAL');
    },
    parts: false,
  },
  {
    name: 'probe-with-a-short-buffer',
    qemu: 'DEVERR in a tail at the very beginning, also for an unknown endpoint',
    ours: 'INVAL, or NOENT, in a tail at the end of the buffer',
    requirement: 'iommu/device/probe/short-list-inval',
    right: 'ours',
    why: 'INVAL is named. Where the tail lies follows from the length that the driver chose for properties.',
    matches: (it) => {
      const { writableLength = Infinity } = requestOf(it, 'PROBE') ?? {};
      const isShort = writableLength >= 4 && writableLength < FIGURES.probe_size + 4;
      const isRefused = it.facet === 'status' && it.qemu === 'DEVERR' && ['INVAL', 'NOENT'].includes(it.ours);
      const isAtTheEnd = it.facet === 'used length' && it.ours === String(writableLength);
      return isShort && (isRefused || isAtTheEnd || isEmptyListOfOurs(it));
    },
    parts: false,
  },
  {
    name: 'request-cut-short',
    qemu: 'answers INVAL',
    ours: 'returns it unwritten with used length 0',
    requirement: 'iommu/prose/unparsable-returned-unwritten',
    right: 'ours',
    why: '5.13.6 says so for a request that is too short to be parsed.',
    matches: (it) => {
      const step = requestOf(it, 'ATTACH', 'DETACH', 'MAP', 'UNMAP', 'PROBE');
      return step !== undefined && isCutShort(step) && isUnwrittenByUs(it);
    },
    parts: false,
  },
  {
    name: 'no-room-for-head-or-tail',
    qemu: 'sets DEVICE_NEEDS_RESET and returns nothing',
    ours: 'returns the request unwritten with used length 0',
    requirement: 'iommu/prose/unparsable-returned-unwritten',
    right: 'ours',
    why: 'The text lets the device return such requests; one of them is no error that only a reset cures.',
    matches: (it) => {
      const isReset = it.facet === 'device' && it.qemu === 'needs reset';
      return it.step?.do === 'request' && lacksHeadOrTail(it.step) && (isUnwrittenByUs(it) || isReset);
    },
    parts: true,
  },
  {
    name: 'unknown-type-answered',
    qemu: 'writes UNSUPP and returns 4 bytes',
    ours: 'returns the request unwritten with used length 0',
    requirement: 'iommu/device/ops/unknown-type-no-write',
    right: 'ours',
    why: 'A SHOULD NOT, and a SHOULD for the used length.',
    matches: (it) => it.step?.do === 'request' && typeof it.step.request.type === 'number' && isUnwrittenByUs(it),
    parts: false,
  },
  {
    name: 'map-and-unmap-without-feature',
    qemu: 'carries both out even if MAP_UNMAP was refused',
    ours: 'returns them unwritten, like any type that is not there',
    requirement: 'iommu/prose/map-needs-feature',
    right: 'both',
    why: 'Only a driver that negotiated the feature may send them; what a device does with others is not said.',
    matches: (it) => isIn(it, ...WITHOUT_MAP_UNMAP) && isUnwrittenByUs(it),
    parts: true,
  },
  {
    name: 'mmio-flag-without-feature',
    qemu: 'knows the flag even if the driver has refused MMIO',
    ours: 'INVAL',
    requirement: 'iommu/device/map/reject-unknown-flags',
    right: 'ours',
    why: 'Without the feature the flag has no meaning, and a flag without meaning MUST be refused.',
    matches: (it) => isIn(it, 'features/without-mmio') && statuses(it, 'OK', 'INVAL'),
    parts: true,
  },
  {
    name: 'end-below-start',
    qemu: 'INVAL',
    ours: 'RANGE, or NOENT if the domain does not exist either',
    requirement: 'iommu/driver/map/virt-end-gt-start',
    right: 'both',
    why: 'The driver MUST NOT; the text has no status for it, and no order.',
    matches: (it) => {
      const range = rangeOf(it, 'MAP', 'UNMAP');
      const isInverted = range !== undefined && range.virt_end < range.virt_start;
      return isInverted && (statuses(it, 'INVAL', 'RANGE') || statuses(it, 'INVAL', 'NOENT'));
    },
    parts: false,
  },
  {
    name: 'map-outside-input-range',
    qemu: 'maps, although it reports the range itself',
    ours: 'RANGE',
    requirement: 'iommu/prose/input-range-enforced',
    right: 'ours',
    why: '5.13.6: such a request fails.',
    matches: (it) => (mapOf(it)?.virt_end ?? 0n) > FIGURES.input_range_end && statuses(it, 'OK', 'RANGE'),
    parts: true,
  },
  {
    name: 'map-misaligned',
    qemu: "maps at any address, and what endpoints then reach is anybody's guess",
    ours: 'RANGE',
    requirement: 'iommu/device/map/reject-misaligned',
    right: 'ours',
    why: 'A SHOULD.',
    matches: (it) => {
      const map = mapOf(it);
      const edges = map === undefined ? 0n : map.virt_start | map.phys_start | (map.virt_end + 1n);
      return isMisaligned(edges) && statuses(it, 'OK', 'RANGE');
    },
    parts: true,
  },
  {
    name: 'map-two-mistakes',
    qemu: 'INVAL: an overlap is all that it looks for',
    ours: 'RANGE: alignment and input_range are looked at first',
    requirement: 'iommu/device/map/reject-overlap',
    right: 'both',
    why: 'Both are SHOULDs and nothing orders them. QEMU would not have seen the other one.',
    matches: (it) => {
      const map = mapOf(it);
      const edges = map === undefined ? 0n : map.virt_start | map.phys_start | (map.virt_end + 1n);
      const isOutside = (map?.virt_end ?? 0n) > FIGURES.input_range_end;
      return (isMisaligned(edges) || isOutside) && statuses(it, 'INVAL', 'RANGE');
    },
    parts: false,
  },
  {
    name: 'map-phys-past-64-bits',
    qemu: 'maps',
    ours: 'RANGE: there is no such memory',
    requirement: 'iommu/prose/phys-in-guest-space',
    right: 'both',
    why: 'Where physical ends may lie is asked of the driver; the device may check it.',
    matches: (it) => {
      const map = mapOf(it);
      const last = map === undefined ? 0n : map.phys_start + (map.virt_end - map.virt_start);
      return last >= TOP && statuses(it, 'OK', 'RANGE');
    },
    parts: true,
  },
  {
    name: 'map-over-resv-mem',
    qemu: 'maps over the region that its PROBE reports',
    ours: 'INVAL',
    requirement: 'iommu/device/resv-mem/reject-map-overlap',
    right: 'ours',
    why: 'A SHOULD.',
    matches: (it) => {
      const map = mapOf(it);
      const isOver = map !== undefined && map.virt_start <= FIGURES.msi.end && map.virt_end >= FIGURES.msi.start;
      return isOver && statuses(it, 'OK', 'INVAL');
    },
    parts: true,
  },
  {
    name: 'unmap-reserved-ignored',
    qemu: 'unmaps whatever the reserved bytes hold',
    ours: 'INVAL, and nothing is unmapped',
    requirement: 'iommu/device/unmap/may-inval-nonzero-reserved',
    right: 'both',
    why: 'A MAY.',
    matches: (it) => {
      const reserved = requestOf(it, 'UNMAP')?.request.reserved ?? 0;
      return reserved !== 0 && it.facet === 'status' && it.ours === 'INVAL';
    },
    parts: true,
  },
];
