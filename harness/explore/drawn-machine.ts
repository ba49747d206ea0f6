/** Draws a machine: what the specification, or a device in the field, may put in front of a driver. */
import type { FeatureName } from '../../cases/api/vocabulary.ts';
import {
  DEVICE_FAULTS,
  type DeviceFault,
  type DeviceFaultName,
  type Legality,
} from '../../reference-device/device-faults.ts';
import type { CapabilityKind, TopologyName } from '../../reference-device/machine-setup.ts';
import { DESCRIPTION_ODDITIES, type DescriptionOddity } from '../../reference-device/topology/oddities.ts';
import {
  type Described,
  describedWindows,
  isExperimental,
  pciSlotsOf,
  TOPOLOGIES,
  windowSlotsOf,
} from '../../reference-device/topology/topologies.ts';
import { withEndpoints } from './drawn-endpoints.ts';
import type { Lots, Weighted } from './lots.ts';
import { TAMPERED_REGION } from './story-monitors.ts';
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

/** What a device may offer beside what any case gets. */
export const OFFERED: readonly FeatureName[] = [
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

const SPLIT_SIZES = [2, 4, 8, 16, 64, 128, 256, 1024] as const;
const PACKED_SIZES = [1, 2, 3, 5, 7, 12, 65, 100, 129, 1000] as const;

const FILLERS: readonly CapabilityKind[] = [
  'power-management',
  'reserved-0x11',
  'reserved-0x12',
  'reserved-0x14',
  'vendor-data',
];
const CAPABILITIES: readonly CapabilityKind[] = [
  'MSIX',
  'COMMON_CFG',
  'ISR_CFG',
  'DEVICE_CFG',
  'NOTIFY_CFG',
  'PCI_CFG',
];

/** A machine to begin with: often quite ordinary, and rarely odd in many ways at once. */
export function drawnMachine(described: Described, lots: Lots, bounds: Bounds): StoryMachine {
  let machine = describedSo({}, described);
  for (const aspect of lots.some(ASPECTS, 4)) machine = aspect(machine, lots, bounds);
  const isDeviant = bounds.isAlwaysDeviant || lots.once(2);
  return describedSo(isDeviant ? withDeviation(machine, lots, bounds) : machine, described);
}

/**
 * The machine with another description of its platform; endpoints for which that has no place are gone, and those in windows are
 * the ones that it names.
 */
export function describedSo(machine: StoryMachine, described: Described): StoryMachine {
  const { topology, oddities = [] } = described;
  const { endpoints = { rng: {}, dma: {} }, topology: _, oddities: __, ...rest } = machine;
  const places: readonly string[] = pciSlotsOf(topology);
  const { rareSlots = [] } = TOPOLOGIES[topology];
  const known = Object.entries(endpoints).filter(([slot]) => places.includes(slot));
  // A description with a place for a disk, or a network card, is there for its sake.
  const due = [...rareSlots.slice(0, 1), ...describedWindows(described)];
  const left = [...known, ...due.map((slot) => [slot, endpoints[slot] ?? {}] as const)];
  return {
    ...rest,
    ...(topology !== 'plain' && { topology }),
    ...(oddities.length > 0 && { oddities: [...oddities] }),
    ...((machine.endpoints ?? due.length > 0) && { endpoints: Object.fromEntries(left) }),
  };
}

/** The topology as it is, or in one of its forms with oddities that change nothing; with endpoints in windows, or without. */
export function drawnDescription(topology: TopologyName, lots: Lots): Described {
  const endpoints = lots.some(windowSlotsOf(topology), 2).map((slot) => ({ slot }));
  if (lots.once(2)) return { topology, endpoints };
  const form = lots.of(TOPOLOGIES[topology].forms);
  const all = Object.keys(DESCRIPTION_ODDITIES) as DescriptionOddity[];
  return {
    topology,
    endpoints,
    oddities: lots.some(
      all.filter((name) => DESCRIPTION_ODDITIES[name].form === form),
      3,
    ),
  };
}

/** The machine with one aspect drawn anew. */
export const otherMachine = (machine: StoryMachine, lots: Lots, bounds: Bounds): StoryMachine =>
  lots.of([...ASPECTS, withDeviation, withoutDeviation] as [Aspect, ...Aspect[]])(machine, lots, bounds);

type Aspect = (machine: StoryMachine, lots: Lots, bounds: Bounds) => StoryMachine;

const ASPECTS: readonly [Aspect, ...Aspect[]] = [
  (machine, lots) => ({ ...machine, withholds: lots.some(WITHHELD, 4) }),
  (machine, lots) => ({ ...machine, offers: lots.some(OFFERED, 3) }),
  (machine, lots) => {
    const sizes = machine.offers?.includes('VIRTIO_F_RING_PACKED') === true ? PACKED_SIZES : SPLIT_SIZES;
    return { ...machine, queueSizes: [lots.of(sizes), lots.of(sizes)] };
  },
  (machine, lots) => {
    const mask = lots.weighted(MASKS);
    return mask === undefined ? machine : { ...machine, config: { ...machine.config, page_size_mask: mask } };
  },
  (machine, lots) => ({ ...machine, config: { ...machine.config, ...lots.weighted(INPUT_RANGES) } }),
  (machine, lots) => ({ ...machine, config: { ...machine.config, ...lots.weighted(DOMAIN_RANGES) } }),
  (machine, lots) => ({ ...machine, config: { ...machine.config, bypass: lots.below(2) } }),
  withEndpoints,
  (machine, lots) => ({ ...machine, vectors: lots.below(5) }),
  (machine, lots) => ({
    ...machine,
    capabilities: lots.shuffled([...CAPABILITIES, ...lots.some(FILLERS, 3), ...lots.some(FILLERS, 3)]),
  }),
  (machine, lots) => {
    const withholds = [...(machine.withholds ?? []), 'VIRTIO_IOMMU_F_BYPASS_CONFIG' as const];
    return { ...machine, withholds, configLength: lots.of([36, 48, 1024]) };
  },
  (machine, lots) => ({ ...machine, doorbell: 0xfee0_0000n + 4n * BigInt(lots.below(0x4_0000)) }),
];

const REQUESTS = ['ATTACH', 'MAP', 'MAP', 'DETACH', 'UNMAP', 'PROBE'] as const;
const STATUSES = [1, 2, 3, 4, 5, 6, 7, 8, 0x42] as const;

/** Drivers go wrong most where they are refused something. */
const MOST_TELLING: DeviceFaultName = 'status-of-request';

function withDeviation(machine: StoryMachine, lots: Lots, { deviations }: Bounds): StoryMachine {
  const name = lots.once(4)
    ? (deviations.find((it) => it === MOST_TELLING) ?? lots.any(deviations))
    : lots.any(deviations);
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
    ...(name === 'probe-reserved-type-bits' && { range: TAMPERED_REGION }),
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
