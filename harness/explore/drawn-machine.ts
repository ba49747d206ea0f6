/** Draws a machine: what the specification, or a device in the field, may put in front of a driver. */
import type { FeatureName } from '../../cases/api/vocabulary.ts';
import {
  DEVICE_FAULTS,
  type DeviceFault,
  type DeviceFaultName,
  type Legality,
} from '../../reference-device/device-faults.ts';
import type { ResvMem, SlotName, TopologyName } from '../../reference-device/machine-setup.ts';
import { isExperimental, pciSlotsOf, TOPOLOGIES } from '../../reference-device/topology/topologies.ts';
import type { Lots, Weighted } from './lots.ts';
import type { StoryMachine } from './story-machine.ts';

/** What may be drawn. */
export interface Bounds {
  readonly deviations: readonly DeviceFaultName[];
  /** Every machine has one of the deviations. */
  readonly isAlwaysDeviant: boolean;
}

const TOP = 0xffff_ffff_ffff_ffffn;

const WITHHELD: readonly FeatureName[] = [
  'VIRTIO_F_EVENT_IDX',
  'VIRTIO_F_INDIRECT_DESC',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_PROBE',
  'VIRTIO_IOMMU_F_MMIO',
  'VIRTIO_IOMMU_F_BYPASS_CONFIG',
];

const OFFERED: readonly FeatureName[] = [
  'VIRTIO_F_RING_PACKED',
  'VIRTIO_F_IN_ORDER',
  'VIRTIO_F_NOTIFICATION_DATA',
  'VIRTIO_F_NOTIF_CONFIG_DATA',
  'VIRTIO_F_RING_RESET',
  'VIRTIO_F_ORDER_PLATFORM',
  'VIRTIO_F_SUSPEND',
];

const MASKS: Weighted<bigint | undefined> = [
  [8, undefined],
  [2, 0x1000n],
  [2, 0x4020_1000n],
  [1, 0x8000_0000_4020_1000n],
  [2, 0x4020_0001_0000n],
  [1, 0x20_0000n],
  [1, 0x4000n],
];

const INPUT_RANGES: Weighted<StoryMachine['config']> = [
  [8, undefined],
  [3, { input_range: { start: 0n, end: TOP } }],
  [1, { input_range: { start: 0n, end: 0xffff_ffffn } }],
  [1, { input_range: { start: 0x1000n, end: 0xff_ffff_e7ffn } }],
  [1, { input_range: { start: 0xf_0000n, end: 0x1f_ffffn } }],
  [1, { input_range: { start: TOP - 0xff_ffffn, end: TOP } }],
  [1, { input_range: { start: 0x10_0000n, end: 0x10_ffffn } }],
];

const DOMAIN_RANGES: Weighted<StoryMachine['config']> = [
  [6, undefined],
  [2, { domain_range: { start: 1, end: 4 } }],
  [1, { domain_range: { start: 7, end: 7 } }],
  [1, { domain_range: { start: 0, end: 0xffff_ffff } }],
  [1, { domain_range: { start: 0xffff_fff0, end: 0xffff_ffff } }],
  [1, { domain_range: { start: 0, end: 2 } }],
];

const QUEUE_SIZES = [2, 4, 8, 16, 64, 128, 256, 1024] as const;
const PROBE_SIZES = [24, 64, 512, 1237, 4096, 20_000] as const;

/** Bytes of a RESV_MEM property. */
const PROPERTY = 24;

/** A machine to begin with: often quite ordinary, and rarely odd in many ways at once. */
export function drawnMachine(topology: TopologyName, lots: Lots, bounds: Bounds): StoryMachine {
  let machine = inTopology({}, topology);
  for (const aspect of lots.some(ASPECTS, 4)) machine = aspect(machine, lots, bounds);
  return bounds.isAlwaysDeviant || lots.once(2) ? withDeviation(machine, lots, bounds) : machine;
}

/** The machine with another description of its platform; endpoints for which that has no place are gone. */
export function inTopology({ endpoints, ...machine }: StoryMachine, topology: TopologyName): StoryMachine {
  const places = placesIn(topology);
  const left = endpoints && Object.entries(endpoints).filter(([slot]) => (places as string[]).includes(slot));
  return {
    ...machine,
    ...(topology !== 'plain' && { topology }),
    ...(left && { endpoints: Object.fromEntries(left) }),
  };
}

/** The slots in which that description has endpoints, or could have. */
export function placesIn(topology: TopologyName): SlotName[] {
  const hasPlatform = TOPOLOGIES[topology].iommus.some(({ platformId }) => platformId !== undefined);
  return [...pciSlotsOf(topology), ...(hasPlatform ? (['platform'] as const) : [])];
}

/** The machine with one aspect drawn anew. */
export const otherMachine = (machine: StoryMachine, lots: Lots, bounds: Bounds): StoryMachine =>
  lots.of([...ASPECTS, withDeviation, withoutDeviation] as [Aspect, ...Aspect[]])(machine, lots, bounds);

type Aspect = (machine: StoryMachine, lots: Lots, bounds: Bounds) => StoryMachine;

const ASPECTS: readonly [Aspect, ...Aspect[]] = [
  (machine, lots) => ({ ...machine, withholds: lots.some(WITHHELD, 4) }),
  (machine, lots) => ({ ...machine, offers: lots.some(OFFERED, 3) }),
  (machine, lots) => ({ ...machine, queueSizes: [lots.of(QUEUE_SIZES), lots.of(QUEUE_SIZES)] }),
  (machine, lots) => {
    const mask = lots.weighted(MASKS);
    return mask === undefined ? machine : { ...machine, config: { ...machine.config, page_size_mask: mask } };
  },
  (machine, lots) => ({ ...machine, config: { ...machine.config, ...lots.weighted(INPUT_RANGES) } }),
  (machine, lots) => ({ ...machine, config: { ...machine.config, ...lots.weighted(DOMAIN_RANGES) } }),
  (machine, lots) => ({ ...machine, config: { ...machine.config, bypass: lots.below(2) } }),
  withEndpoints,
];

function withEndpoints(machine: StoryMachine, lots: Lots): StoryMachine {
  const { topology = 'plain' } = machine;
  const places = placesIn(topology);
  const slots = lots.some(places, 2);
  const chosen = slots.length === 0 ? places.slice(0, 1) : slots;
  const listed = chosen.map((slot) => [slot, lots.once(2) ? {} : { resvMem: drawnRegions(lots) }] as const);
  const endpoints: NonNullable<StoryMachine['endpoints']> = Object.fromEntries(listed);
  const most = Math.max(0, ...Object.values(endpoints).map(({ resvMem = [] }) => resvMem.length));
  const fitting = PROBE_SIZES.filter((size) => size >= (most + 2) * PROPERTY);
  const probe_size = lots.any(fitting) ?? (most + 2) * PROPERTY;
  return { ...machine, endpoints, config: { ...machine.config, probe_size } };
}

const MSI_WINDOW: ResvMem = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

/** Regions that do not overlap, x86's interrupt window among them: without it some guests have no interrupts. */
export function drawnRegions(lots: Lots): ResvMem[] {
  const regions: ResvMem[] = [MSI_WINDOW];
  for (let count = lots.of([0, 1, 2, 3, 12, 40]); count > 0; count--) {
    const start = lots.of([0x10_0000n, 0x8000_0000n, 0xf0_0000_0000n, 0n]) + 0x1000n * BigInt(lots.below(64));
    const end = start + lots.of([0xfffn, 0x1fffn, 0xffffn, 0x2344n]);
    const isFree = regions.every((one) => end < one.start || one.end < start);
    if (isFree) regions.push({ subtype: lots.of([0, 0, 0, 1, 0x7f]), start, end });
  }
  return regions;
}

const REQUESTS = ['ATTACH', 'DETACH', 'MAP', 'UNMAP', 'PROBE'] as const;
const STATUSES = [1, 2, 3, 4, 5, 6, 7, 8, 0x42] as const;

function withDeviation(machine: StoryMachine, lots: Lots, { deviations }: Bounds): StoryMachine {
  const name = lots.any(deviations);
  const { faults = [] } = machine;
  if (name === undefined || faults.length > 2 || faults.some((fault) => fault.name === name)) return machine;
  return { ...machine, faults: [...faults, drawnDeviation(name, lots)] };
}

/** Parameters that a switch does not know are ignored by it. */
function drawnDeviation(name: DeviceFaultName, lots: Lots): DeviceFault {
  return {
    name,
    ...(lots.once(3) ? {} : { request: lots.of(REQUESTS) }),
    ...(lots.once(3) ? {} : { nth: lots.of([1, 2, 3, 5]) }),
    ...(name === 'status-of-request' && { status: lots.of(STATUSES) }),
    ...(name === 'probe-reserved-type-bits' && { range: { start: 0x5000_0000n, end: 0x5000_ffffn } }),
  };
}

function withoutDeviation(machine: StoryMachine, lots: Lots): StoryMachine {
  const { faults = [] } = machine;
  if (faults.length === 0) return machine;
  const gone = lots.below(faults.length);
  return { ...machine, faults: faults.filter((_, at) => at !== gone) };
}

/** Switches of these kinds; none that would hide the IOMMU from its driver, which leaves nothing to tell. */
export const deviationsOf = (kinds: readonly Legality[]): DeviceFaultName[] =>
  (Object.keys(DEVICE_FAULTS) as DeviceFaultName[]).filter(
    (name) => kinds.includes(DEVICE_FAULTS[name].legality) && DEVICE_FAULTS[name].blurs !== 'identity',
  );

/** Every description that scored machines can have. */
export const SCORED_TOPOLOGIES = (Object.keys(TOPOLOGIES) as TopologyName[]).filter((name) => !isExperimental(name));
