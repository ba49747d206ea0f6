/** Draws endpoints, and what PROBE says of them. */
import { type OtherProperty, type ResvMem, SLOT_NAMES, type SlotName } from '../../reference-device/machine-setup.ts';
import { type Described, describedWindows, pciSlotsOf } from '../../reference-device/topology/topologies.ts';
import type { Lots } from './lots.ts';
import type { StoryMachine } from './story-machine.ts';

const PROBE_SIZES = [24, 64, 512, 1237, 4096, 20_000] as const;

/** Bytes of a property's head, and of a RESV_MEM property with it. */
const HEAD = 4;
const PROPERTY = 24;

/** The slots in which that machine has endpoints, or could have by its description. */
export const placesIn = (described: Described): SlotName[] => [
  ...pciSlotsOf(described.topology),
  ...describedWindows(described),
];

export function withEndpoints(machine: StoryMachine, lots: Lots): StoryMachine {
  const { topology = 'plain', endpoints: before = {} } = machine;
  const places = placesIn({
    topology,
    endpoints: SLOT_NAMES.filter((slot) => slot in before).map((slot) => ({ slot })),
  });
  const slots = lots.some(places, 2);
  const chosen = slots.length === 0 ? places.slice(0, 1) : slots;
  const listed = chosen.map((slot) => [slot, lots.once(2) ? {} : drawnProperties(lots)] as const);
  const endpoints: NonNullable<StoryMachine['endpoints']> = Object.fromEntries(listed);
  const most = Math.max(PROPERTY, ...Object.values(endpoints).map(lengthOf));
  const fitting = PROBE_SIZES.filter((size) => size >= most);
  const probe_size = lots.any(fitting) ?? most;
  return { ...machine, endpoints, config: { ...machine.config, probe_size } };
}

type Properties = NonNullable<NonNullable<StoryMachine['endpoints']>[SlotName]>;

/** Mostly regions alone; among them what a later version may have added. */
function drawnProperties(lots: Lots): Properties {
  const resvMem = drawnRegions(lots);
  if (!lots.once(4)) return { resvMem };
  const others = Array.from({ length: lots.of([1, 1, 2, 5]) }, (): OtherProperty => {
    const type = lots.of([2, 3, 0x123, 0xfff]);
    return { behind: lots.below(resvMem.length + 1), type, length: lots.of([0, 1, 20, 100]) };
  });
  return {
    resvMem: resvMem.map((region) => (lots.once(4) ? { ...region, surplus: 8 } : region)),
    otherProperties: others,
  };
}

const lengthOf = ({ resvMem = [], otherProperties = [] }: Properties): number =>
  resvMem.reduce((sum, { surplus = 0 }) => sum + PROPERTY + surplus, 0) +
  otherProperties.reduce((sum, { length }) => sum + HEAD + length, 0);

const MSI_WINDOW: ResvMem = { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn };

/** Regions that do not overlap, x86's interrupt window mostly among them. */
export function drawnRegions(lots: Lots): ResvMem[] {
  const regions: ResvMem[] = lots.once(4) ? [] : [MSI_WINDOW];
  for (let count = lots.of([0, 1, 2, 3, 12, 40]); count > 0; count--) {
    const start = lots.of([0x10_0000n, 0x8000_0000n, 0xf0_0000_0000n, 0n]) + 0x1000n * BigInt(lots.below(64));
    const end = start + lots.of([0xfffn, 0x1fffn, 0xffffn, 0x2344n]);
    const isFree = regions.every((one) => end < one.start || one.end < start);
    if (isFree) regions.push({ subtype: lots.of([0, 0, 0, 1, 0x7f]), start, end });
  }
  return regions;
}
