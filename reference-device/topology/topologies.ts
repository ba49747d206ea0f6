/** Every platform description that a machine can have, as the facts behind its table or tree. */
import {
  ENDPOINT_ID_OFFSET,
  IOMMU_BDF,
  type IommuFunctionName,
  type IommuName,
  isIommuFunction,
  isPciSlot,
  isWindowSlot,
  type MachineSetup,
  type PciSlotName,
  SLOTS,
  type SlotName,
  type TopologyName,
  type TransportName,
  WINDOW_SLOTS,
  type WindowName,
  type WindowSlotName,
} from '../machine-setup.ts';
import { type IommuMap, type MapTuple, mappedId } from './iommu-map.ts';
import { DESCRIPTION_ODDITIES, type DescriptionOddity } from './oddities.ts';

/** The form in which a driver is told. `built-in-2019` is experimental (`experimental/built-in-topology.ts`). */
export type DescriptionForm = 'viot' | 'device-tree' | 'built-in-2019';

type Forms = readonly [DescriptionForm, ...DescriptionForm[]];

/** Machines that are no matter of one form. */
const ANY_FORM: Forms = ['viot', 'device-tree'];

/** Where an IOMMU can be: a PCI function, or a window of registers. */
export type IommuPlace = IommuFunctionName | 'iommu-mmio';

/** An IOMMU, and who is behind it. */
export interface DescribedIommu {
  readonly name: IommuName;
  readonly place: IommuPlace;
  /** IDs of the PCI functions behind it. A mask is the root complex's, and the same for all IOMMUs. */
  readonly map: IommuMap;
  /** IDs of the endpoints in windows that can be behind it. The description names those that are there. */
  readonly windows: WindowIds;
}

type WindowIds = Readonly<Partial<Record<WindowSlotName, number>>>;

/** What the platform's description says, and how: a machine, as far as that depends on it. */
export type Described = Pick<MachineSetup, 'topology' | 'oddities'> & {
  /** None if left out. Those on the PCI bus make no difference: they come and go, and the description has places for them. */
  readonly endpoints?: readonly { readonly slot: SlotName }[];
};

/** A bridge from PCI Express to a conventional PCI bus: the functions there see all that the others do on their bus. */
export interface PciBridge {
  readonly bdf: number;
  /** Number of the bus behind it. */
  readonly bus: number;
  /** The slots there, with their BDFs. */
  readonly functions: Readonly<Partial<Record<PciSlotName, number>>>;
}

/** A second root complex, in the same segment. */
export interface RootComplex {
  readonly firstBus: number;
  readonly lastBus: number;
  /** The slots there, with their BDFs. */
  readonly functions: Readonly<Partial<Record<PciSlotName, number>>>;
}

export interface Topology {
  /** Those in which it can be described; a driver that reads several is told in the first. */
  readonly forms: Forms;
  readonly bridge?: PciBridge;
  readonly secondRoot?: RootComplex;
  /** Those of the rare slots that are there. */
  readonly rareSlots?: readonly PciSlotName[];
  /** The first is `iommu`. */
  readonly iommus: readonly [DescribedIommu, ...DescribedIommu[]];
}

/** Functions of one PCI device. */
const FUNCTIONS = 8;

const devices = (from: number, until: number, iommuBase = from + ENDPOINT_ID_OFFSET): IommuMap['tuples'][number] => ({
  ridBase: from,
  iommuBase,
  length: until - from,
});

/** The slots before and after the gap; neighbours share a range. */
const BEFORE_GAP = devices(SLOTS.rng.bdf, SLOTS.gap.bdf);
const AFTER_GAP = devices(SLOTS.rng2.bdf, SLOTS.dma2.bdf + FUNCTIONS);

const PLAIN_MAP: IommuMap = { tuples: [BEFORE_GAP, AFTER_GAP] };

/** Everything but the host bridge, the IOMMU itself and the gap, as a firmware writes it that knows of no other devices. */
const HOLES_MAP: IommuMap = {
  tuples: [
    devices(FUNCTIONS, IOMMU_BDF),
    devices(IOMMU_BDF + FUNCTIONS, SLOTS.gap.bdf),
    devices(SLOTS.gap.bdf + FUNCTIONS, 0x1_0000),
  ],
};

/** Without the bit that tells dma2 from rng; of the other slots, `gap` alone is in the map, which is none here. */
const MASKED_MAP: IommuMap = {
  mask: 0xffdf,
  tuples: [devices(SLOTS.gap.bdf & 0xffdf, (SLOTS.gap.bdf & 0xffdf) + FUNCTIONS), devices(SLOTS.rng.bdf, 0x20)],
};

/** IDs go down where BDFs go up, and some have more than 16 bits. */
const OFFSET_MAP: IommuMap = {
  tuples: [
    devices(SLOTS.rng.bdf, SLOTS.rng.bdf + FUNCTIONS, 0x7_0000),
    devices(SLOTS.dma.bdf, SLOTS.dma.bdf + FUNCTIONS, 0x6_ff00),
    devices(SLOTS.rng2.bdf, SLOTS.rng2.bdf + FUNCTIONS, SLOTS.gap.bdf),
    devices(SLOTS.dma2.bdf, SLOTS.dma2.bdf + FUNCTIONS, 0x8000_0000),
  ],
};

/** One IOMMU, as most machines have it. */
const single = (forms: Forms, place: IommuPlace, map: IommuMap, windows: WindowIds = {}): Topology => ({
  forms,
  iommus: [{ name: 'iommu', place, map, windows }],
});

const RNG: WindowIds = { 'platform-rng': WINDOW_SLOTS['platform-rng'].id };
const ENGINE: WindowIds = { platform: WINDOW_SLOTS.platform.id };
const ENGINE_AND_RNG: WindowIds = { ...ENGINE, ...RNG };

/** IDs begin anew at each IOMMU: rng and rng2 have the same, and so have dma and dma2. */
const FIRST_OF_TWO: DescribedIommu = {
  name: 'iommu',
  place: 'iommu',
  map: { tuples: [BEFORE_GAP] },
  windows: {},
};
const SECOND_OF_TWO: DescribedIommu = {
  name: 'iommu2',
  place: 'iommu2',
  map: { tuples: [{ ...AFTER_GAP, iommuBase: BEFORE_GAP.iommuBase }] },
  windows: {},
};

/** The second has rng2 alone, and the third dma2 and the platform's endpoint; all three have an endpoint 0x118. */
const THREE: Topology['iommus'] = [
  FIRST_OF_TWO,
  {
    ...SECOND_OF_TWO,
    map: { tuples: [devices(SLOTS.rng2.bdf, SLOTS.rng2.bdf + FUNCTIONS, BEFORE_GAP.iommuBase)] },
  },
  {
    name: 'iommu3',
    place: 'iommu-mmio',
    map: { tuples: [devices(SLOTS.dma2.bdf, SLOTS.dma2.bdf + FUNCTIONS, BEFORE_GAP.iommuBase)] },
    windows: ENGINE,
  },
];

const BRIDGE: PciBridge = { bdf: 9 << 3, bus: 1, functions: { rng2: 0x108, dma2: 0x110 } };

/** All of the bus behind the bridge. Its first ID is that of the bridge itself, when it speaks for the bus. */
const BEHIND_BRIDGE: MapTuple = { ridBase: BRIDGE.bus << 8, iommuBase: 0x7_0000, length: 0x100 };

const SECOND_ROOT: RootComplex = {
  firstBus: 0x20,
  lastBus: 0x2f,
  functions: { rng2: (0x20 << 8) | (6 << 3), dma2: (0x21 << 8) | (7 << 3) },
};

export const TOPOLOGIES: Readonly<Record<TopologyName, Topology>> = {
  plain: single(ANY_FORM, 'iommu', PLAIN_MAP, RNG),
  'iommu-behind-itself': single(['viot'], 'iommu', { tuples: [devices(IOMMU_BDF, SLOTS.gap.bdf), AFTER_GAP] }),
  'all-node-types': single(['viot'], 'iommu', PLAIN_MAP),
  mmio: single(ANY_FORM, 'iommu-mmio', PLAIN_MAP, ENGINE_AND_RNG),
  'device-tree': single(['device-tree'], 'iommu', HOLES_MAP, ENGINE_AND_RNG),
  'device-tree-mmio': single(['device-tree'], 'iommu-mmio', PLAIN_MAP, ENGINE_AND_RNG),
  'offset-ids': single(['device-tree'], 'iommu', OFFSET_MAP, ENGINE),
  masked: single(['device-tree'], 'iommu', MASKED_MAP),
  'two-iommus': { forms: ANY_FORM, iommus: [FIRST_OF_TWO, SECOND_OF_TWO] },
  'three-iommus': { forms: ['viot'], iommus: THREE },
  'device-tree-iommus': { forms: ['device-tree'], iommus: THREE },
  disk: {
    ...single(ANY_FORM, 'iommu', {
      tuples: [BEFORE_GAP, AFTER_GAP, devices(SLOTS.disk.bdf, SLOTS.disk.bdf + FUNCTIONS)],
    }),
    rareSlots: ['disk'],
  },
  net: {
    ...single(ANY_FORM, 'iommu', {
      tuples: [
        BEFORE_GAP,
        AFTER_GAP,
        devices(SLOTS.net.bdf, SLOTS.fn1.bdf),
        devices(SLOTS.fn2.bdf, SLOTS.net.bdf + FUNCTIONS),
      ],
    }),
    rareSlots: ['net', 'fn1', 'fn2'],
  },
  bridged: {
    ...single(ANY_FORM, 'iommu', {
      tuples: [BEFORE_GAP, devices(BRIDGE.bdf, BRIDGE.bdf + FUNCTIONS), BEHIND_BRIDGE],
    }),
    bridge: BRIDGE,
  },
  'ids-from-0': single(ANY_FORM, 'iommu', {
    tuples: [
      { ...BEFORE_GAP, iommuBase: 0 },
      { ...AFTER_GAP, iommuBase: BEFORE_GAP.length },
    ],
  }),
  'two-root-complexes': {
    ...single(['device-tree'], 'iommu', {
      tuples: [BEFORE_GAP, devices(SECOND_ROOT.firstBus << 8, (SECOND_ROOT.lastBus + 1) << 8, 0x9000)],
    }),
    secondRoot: SECOND_ROOT,
  },
  'built-in-2019': single(['built-in-2019'], 'iommu', PLAIN_MAP, ENGINE),
};

/** Whether `topology` has what no version of the specification has: nothing in front of it is scored. */
export const isExperimental = (topology: TopologyName): boolean => TOPOLOGIES[topology].forms[0] === 'built-in-2019';

/**
 * The form in which a driver that reads `known` is told of `topology`; undefined if it reads none of them. `oddities` of the
 * description are told in their own form.
 */
export const formFor = (
  topology: TopologyName,
  known: readonly DescriptionForm[],
  oddities: readonly DescriptionOddity[] = [],
): DescriptionForm | undefined => formsOf(topology, oddities).find((form) => known.includes(form));

/** The forms in which `topology` can be described with these oddities, the usual one first; none if there is no such. */
export const formsOf = (topology: TopologyName, oddities: readonly DescriptionOddity[] = []): DescriptionForm[] =>
  TOPOLOGIES[topology].forms.filter((form) => oddities.every((name) => DESCRIPTION_ODDITIES[name].form === form));

export const transportOf = (place: IommuPlace): TransportName => (isIommuFunction(place) ? 'pci' : 'mmio');

/** Whether the machine has something in that window, of which its description tells. */
export const isWindowOf = (window: WindowName, described: Described): boolean =>
  isWindowSlot(window)
    ? describedWindows(described).includes(window)
    : TOPOLOGIES[described.topology].iommus.some(({ place }) => place === window);

/** The slots in windows that `topology` has a place for. */
export const windowSlotsOf = (topology: TopologyName): WindowSlotName[] =>
  Object.keys(WINDOW_SLOTS)
    .filter(isWindowSlot)
    .filter((slot) => TOPOLOGIES[topology].iommus.some(({ windows }) => windows[slot] !== undefined));

/** Of those, the ones that are there, and named by the description. */
export const describedWindows = ({ topology, endpoints = [] }: Described): WindowSlotName[] =>
  windowSlotsOf(topology).filter((window) => endpoints.some(({ slot }) => slot === window));

/** The IDs of the endpoints in windows that are behind `iommu` by the description. */
export const windowIds = ({ windows }: DescribedIommu, described: Described): [WindowSlotName, number][] =>
  describedWindows(described).flatMap((slot): [WindowSlotName, number][] => {
    const id = windows[slot];
    return id === undefined ? [] : [[slot, id]];
  });

/** The transports that a driver has to know in order to drive every IOMMU of `topology`. */
export const transportsOf = (topology: TopologyName): ReadonlySet<TransportName> =>
  new Set(TOPOLOGIES[topology].iommus.map(({ place }) => transportOf(place)));

/** Slots that few machines have: each costs a guest time to look at. */
const RARE_SLOTS: ReadonlySet<PciSlotName> = new Set(['disk', 'net', 'fn1', 'fn2']);

/** The slots on the PCI bus in which `topology` has functions. */
export const pciSlotsOf = (topology: TopologyName): readonly PciSlotName[] =>
  Object.keys(SLOTS)
    .filter(isPciSlot)
    .filter((slot) => !RARE_SLOTS.has(slot) || TOPOLOGIES[topology].rareSlots?.includes(slot) === true);

/** The BDF of the function in `slot`: its own place, unless `topology` has put it on another bus. */
export function slotBdf(slot: PciSlotName, topology: TopologyName): number {
  const { bridge, secondRoot } = TOPOLOGIES[topology];
  return bridge?.functions[slot] ?? secondRoot?.functions[slot] ?? SLOTS[slot].bdf;
}

/** An endpoint's IOMMU, and its ID there. */
export interface EndpointPlace {
  readonly iommu: IommuName;
  readonly id: number;
}

/** Where `topology` puts the endpoint in `slot`; undefined if it leaves the endpoint out. */
export function describedPlace(slot: SlotName, topology: TopologyName): EndpointPlace | undefined {
  for (const { name, map, windows } of TOPOLOGIES[topology].iommus) {
    const id = isPciSlot(slot) ? mappedId(map, slotBdf(slot, topology)) : windows[slot];
    if (id !== undefined) return { iommu: name, id };
  }
  return undefined;
}

/** The ID that `topology` gives the endpoint in `slot`; undefined if it leaves the endpoint out. */
export const describedId = (slot: SlotName, topology: TopologyName): number | undefined =>
  describedPlace(slot, topology)?.id;

/**
 * The endpoints that a bridge is, none without one: itself, and the one by whose ID it speaks when it passes on what it
 * does not know the sender of (device 0, function 0 of its bus). Drivers may attach them along with those behind it.
 */
export function bridgeEndpoints(topology: TopologyName): EndpointPlace[] {
  const { bridge, iommus } = TOPOLOGIES[topology];
  if (bridge === undefined) return [];
  return [bridge.bdf, bridge.bus << 8]
    .map((bdf) => mappedId(iommus[0].map, bdf))
    .flatMap((id) => (id === undefined ? [] : [{ iommu: iommus[0].name, id }]));
}

/**
 * Whether the endpoint in `slot` can be told from all others: not one of several functions with one ID, nor behind a bridge, which
 * makes one of all that lies behind it.
 */
export function isIsolable(slot: SlotName, topology: TopologyName): boolean {
  const place = describedPlace(slot, topology);
  const { bridge } = TOPOLOGIES[topology];
  if (place === undefined || (isPciSlot(slot) && bridge?.functions[slot] !== undefined)) return false;
  return !pciSlotsOf(topology).some((other) => {
    const elsewhere = other === slot ? undefined : describedPlace(other, topology);
    return elsewhere?.iommu === place.iommu && elsewhere.id === place.id;
  });
}

/** Every ID that `topology` gives to an endpoint at `iommu`, whether or not the endpoint is there. */
export function describedIds(topology: TopologyName, iommu: string): ReadonlySet<number> {
  const slots: readonly SlotName[] = [...pciSlotsOf(topology), ...windowSlotsOf(topology)];
  const places = [...slots.map((slot) => describedPlace(slot, topology)), ...bridgeEndpoints(topology)];
  return new Set(places.flatMap((place) => (place?.iommu === iommu ? [place.id] : [])));
}
