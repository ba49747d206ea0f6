/** Draws steps that make sense after those before them, most of the time. */
import type { MapAccess, SlotName } from '../../cases/api/vocabulary.ts';
import { hasOwnDriver } from '../../cases/world/world.ts';
import type { MachineSetup, ResvMem } from '../../reference-device/machine-setup.ts';
import { pciSlotsOf } from '../../reference-device/topology/topologies.ts';
import type { Lots, Weighted } from './lots.ts';
import { type RepeatStep, type SingleStep, type Step, unrolled } from './step.ts';

/** Both ends inclusive. */
interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

interface Mapped extends Range {
  readonly buffer: string;
}

interface Allocated {
  readonly endpoint: SlotName;
  readonly buffer: string;
  readonly length: number;
}

const TOP = 0xffff_ffff_ffff_ffffn;
const PAGE = 0x1000n;
const MEBIBYTES_2 = 0x20_0000;
/** A domain that does not translate. */
const PASSING = 'through';
const DOMAINS = ['d1', 'd2', 'd3'] as const;
const ACCESSES: readonly [MapAccess, ...MapAccess[]] = ['read', 'write', 'read-write', 'read-write'];

const engines = (slots: Iterable<SlotName>): SlotName[] => [...slots].filter((slot) => !hasOwnDriver(slot));
const drivenSlots = (slots: Iterable<SlotName>): SlotName[] => [...slots].filter(hasOwnDriver);

/** What the steps until now have come to, if the driver did all that it was asked for. */
export class Activity {
  readonly #setup: MachineSetup;
  readonly #slots: readonly SlotName[];
  readonly #granule: bigint;
  #isUp = false;
  #isSuspended = false;
  readonly #present: Set<SlotName>;
  #attached = new Map<SlotName, string>();
  #mappings = new Map<string, Mapped[]>();
  /** What was mapped once, and is no more. */
  #gone: Range[] = [];
  #buffers: Allocated[] = [];
  #names = 0;

  constructor(setup: MachineSetup, steps: readonly Step[] = []) {
    this.#setup = setup;
    this.#present = new Set(setup.endpoints.map(({ slot }) => slot));
    this.#slots = [...pciSlotsOf(setup.topology), 'platform'];
    const { page_size_mask: mask } = setup.iommu.config;
    this.#granule = mask === 0n ? PAGE : mask & -mask;
    this.apply(steps);
  }

  apply(steps: readonly Step[]): void {
    for (const step of unrolled(steps)) this.#apply(step);
  }

  #apply(step: SingleStep): void {
    switch (step.do) {
      case 'start':
        this.#isUp = true;
        break;
      case 'stop':
        this.#forget();
        break;
      case 'suspend':
      case 'resume':
        this.#isSuspended = step.do === 'suspend';
        break;
      case 'attach':
        this.#attached.set(step.endpoint, step.domain);
        break;
      case 'detach':
      case 'release':
      case 'unplug':
      case 'remove-endpoint':
        this.#attached.delete(step.endpoint);
        this.#buffers = this.#buffers.filter(({ endpoint }) => endpoint !== step.endpoint);
        if (step.do === 'remove-endpoint') this.#present.delete(step.endpoint);
        break;
      case 'add-endpoint':
        this.#present.add(step.endpoint);
        break;
      case 'map':
        this.#change(step.domain, (list) => [...list, { ...rangeOf(step), buffer: step.buffer }]);
        this.#names++;
        break;
      case 'unmap':
        this.#unmap(step.domain, rangeOf(step));
        break;
      case 'alloc':
        this.#buffers.push(step);
        this.#names++;
        break;
      case 'free':
        this.#buffers = this.#buffers.filter((one) => one.endpoint !== step.endpoint || one.buffer !== step.buffer);
        break;
      default:
    }
  }

  #change(domain: string, by: (list: Mapped[]) => Mapped[]): void {
    this.#mappings.set(domain, by(this.#mappings.get(domain) ?? []));
  }

  #unmap(domain: string, { start, end }: Range): void {
    this.#change(domain, (list) => list.filter((one) => one.start < start || one.end > end));
    this.#gone.push({ start, end });
  }

  #forget(): void {
    this.#isUp = false;
    this.#isSuspended = false;
    this.#attached.clear();
    this.#gone.push(...[...this.#mappings.values()].flat());
    this.#mappings.clear();
    this.#buffers = [];
  }

  /** What comes next: a step, or a few that belong together. */
  next(lots: Lots): Step[] {
    if (!this.#isUp && !lots.once(15)) return [{ do: 'start' }];
    for (;;) {
      const drawn = lots.weighted(PHRASES)(this, lots);
      if (drawn !== undefined) return drawn;
    }
  }

  get hasStarted(): boolean {
    return this.#isUp;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  get granule(): bigint {
    return this.#granule;
  }

  endpoint(lots: Lots): SlotName | undefined {
    return lots.any([...this.#present]);
  }

  driven(lots: Lots): SlotName | undefined {
    return lots.any(drivenSlots(this.#present));
  }

  engine(lots: Lots): SlotName | undefined {
    return lots.any(engines(this.#present));
  }

  emptySlot(lots: Lots): SlotName | undefined {
    return lots.any(this.#slots.filter((slot) => !this.#present.has(slot)));
  }

  attachedOne(lots: Lots): { readonly endpoint: SlotName; readonly domain: string } | undefined {
    const one = lots.any([...this.#attached]);
    return one && { endpoint: one[0], domain: one[1] };
  }

  /** A domain that somebody is in, most of the time. */
  domain(lots: Lots): string {
    const used = lots.any([...this.#attached.values()].filter((name) => name !== PASSING));
    return used !== undefined && !lots.once(8) ? used : lots.of(DOMAINS);
  }

  bufferName(): string {
    return `b${this.#names + 1}`;
  }

  mapped(domain: string, lots: Lots): Mapped | undefined {
    return lots.any(this.#mappings.get(domain) ?? []);
  }

  mappedSomewhere(lots: Lots): (Mapped & { readonly domain: string }) | undefined {
    const all = [...this.#mappings].flatMap(([domain, list]) => list.map((one) => ({ ...one, domain })));
    return lots.any(all);
  }

  allocated(lots: Lots): Allocated | undefined {
    return lots.any(this.#buffers);
  }

  /** In bytes: mostly a few granules. */
  length(lots: Lots): number {
    const granules = lots.weighted<number>([
      [8, 1],
      [4, 2],
      [3, 3],
      [3, 5],
      [2, 16],
      [1, 37],
    ]);
    if (lots.once(40)) return MEBIBYTES_2;
    const length = granules * Number(this.#granule < BigInt(MEBIBYTES_2) ? this.#granule : PAGE);
    return lots.once(60) ? length + 0x800 : Math.min(length, MEBIBYTES_2);
  }

  /** Where `length` bytes could be mapped: at the ends of what there is, beside something, or anywhere. */
  address(length: number, domain: string, lots: Lots): bigint {
    const { input_range: window } = this.#setup.iommu.config;
    const size = BigInt(length);
    const regions = this.#setup.endpoints.flatMap(({ resvMem }) => resvMem);
    const beside = this.mapped(domain, lots);
    const region = lots.any<ResvMem>(regions);
    const gone = lots.any(this.#gone);
    const places: Weighted<bigint | undefined> = [
      [6, 0x10_0000n + this.#granule * BigInt(lots.below(64))],
      [2, window.start],
      [2, window.end - size + 1n],
      [1, window.start + (window.end - window.start) / 2n],
      [1, window.start + (lots.wide() % (window.end - window.start + 1n))],
      [1, lots.once(4) ? window.end + 1n : 0n],
      [2, beside && beside.end + 1n],
      [1, beside && beside.start - size],
      [1, beside?.start],
      [2, gone?.start],
      [1, region && region.start - size],
      [1, region && region.end + 1n],
      [1, region?.start],
    ];
    const drawn = BigInt.asUintN(64, lots.weighted(places) ?? 0x10_0000n);
    return lots.once(40) ? drawn : drawn & -this.#granule & TOP;
  }

  /** Some place that an endpoint may reach, or may not any more. */
  target(endpoint: SlotName, lots: Lots): bigint {
    const domain = this.#attached.get(endpoint) ?? '';
    const live = lots.weighted<Range | undefined>([
      [6, this.mapped(domain, lots)],
      [4, lots.any(this.#gone)],
      [2, this.mappedSomewhere(lots)],
      [1, lots.any<ResvMem>(this.#setup.endpoints.flatMap(({ resvMem }) => resvMem))],
    ]);
    if (live === undefined) return this.address(1, domain, lots);
    return lots.of([
      live.start,
      live.end - 3n,
      live.end + 1n,
      live.start - 4n,
      live.start + (live.end - live.start) / 2n,
    ]);
  }
}

const rangeOf = ({ iova, length }: { readonly iova: bigint; readonly length: number }): Range => ({
  start: iova,
  end: BigInt.asUintN(64, iova + BigInt(length) - 1n),
});

/** Steps that belong together; undefined where they make no sense at the moment. */
type Phrase = (activity: Activity, lots: Lots) => Step[] | undefined;

/** Makes a phrase of one that needs something, which may not be there. */
const given =
  <T>(
    what: (activity: Activity, lots: Lots) => T | undefined,
    phrase: (it: T, activity: Activity, lots: Lots) => Step[],
  ): Phrase =>
  (activity, lots) => {
    const it = what(activity, lots);
    return it === undefined ? undefined : phrase(it, activity, lots);
  };

const endpoint = (activity: Activity, lots: Lots): SlotName | undefined => activity.endpoint(lots);
const driven = (activity: Activity, lots: Lots): SlotName | undefined => activity.driven(lots);
const engine = (activity: Activity, lots: Lots): SlotName | undefined => activity.engine(lots);

const drawnMap = (activity: Activity, lots: Lots): Extract<SingleStep, { do: 'map' }> => {
  const domain = activity.domain(lots);
  const length = activity.length(lots);
  const iova = activity.address(length, domain, lots);
  return { do: 'map', domain, iova, length, access: lots.of(ACCESSES), buffer: activity.bufferName() };
};

const drawnAlloc = (slot: SlotName, activity: Activity, lots: Lots): Extract<SingleStep, { do: 'alloc' }> => ({
  do: 'alloc',
  endpoint: slot,
  buffer: activity.bufferName(),
  length: activity.length(lots),
  access: lots.of(ACCESSES),
});

const drawnUnmap: Phrase = (activity, lots) => {
  const one = activity.mappedSomewhere(lots);
  if (one === undefined) return undefined;
  const { domain, start, end } = one;
  const whole = { iova: start, length: Number(end - start + 1n) };
  const granule = Number(activity.granule);
  const other = activity.mapped(domain, lots) ?? one;
  const first = start < other.start ? start : other.start;
  const last = end > other.end ? end : other.end;
  const span = last - first + 1n;
  return [
    {
      do: 'unmap',
      domain,
      ...lots.weighted([
        [8, whole],
        [2, span <= BigInt(MEBIBYTES_2) ? { iova: first, length: Number(span) } : whole],
        [1, { iova: start, length: Math.min(granule, whole.length) }],
        [1, { iova: start, length: Math.min(whole.length + granule, MEBIBYTES_2) }],
      ]),
    },
  ];
};

const drawnAccess = (slot: SlotName, activity: Activity, lots: Lots): Step => ({
  do: 'dma',
  endpoint: slot,
  access: lots.of(['read', 'write']),
  length: lots.of([4, 4, 1, 64]),
  at: BigInt.asUintN(64, activity.target(slot, lots)),
});

/** Many take long to play, and are seldom needed. */
const TIMES: Weighted<number> = [
  [40, 2],
  [30, 3],
  [20, 5],
  [10, 17],
  [4, 33],
  [3, 70],
  [1, 130],
  [1, 300],
];
const times = (lots: Lots): number => lots.weighted(TIMES);

const again = (count: number, steps: SingleStep[], advance?: bigint): RepeatStep => ({
  do: 'repeat',
  times: count,
  ...(advance !== undefined && { advance }),
  steps,
});

/** Many mappings, an access, the mappings taken away, and an access again. */
const manyMappings: Phrase = given(engine, (slot, activity, lots) => {
  const map = drawnMap(activity, lots);
  const count = times(lots);
  const advance = BigInt(map.length);
  const { domain, iova, length } = map;
  const access: SingleStep = { do: 'dma', endpoint: slot, access: lots.of(['read', 'write']), length: 4, at: iova };
  return [
    again(count, [map], advance),
    ...(lots.once(2) ? [again(count, [access], advance)] : []),
    ...(lots.once(3) ? [{ do: 'attach' as const, endpoint: slot, domain }] : []),
    again(count, [{ do: 'unmap', domain, iova, length }], advance),
    again(count, [access], advance),
  ];
});

/** Buffers allocated until there is no more room, or memory; then given back. */
const manyBuffers: Phrase = given(endpoint, (slot, activity, lots) => {
  const alloc = drawnAlloc(slot, activity, lots);
  const count = times(lots);
  const { buffer } = alloc;
  return [again(count, [alloc], 1n), again(count, [{ do: 'free', endpoint: slot, buffer }], 1n)];
});

/** What an endpoint reaches after something was taken away from it. */
const retried: Phrase = given(driven, (slot) => [{ do: 'retry', endpoint: slot }]);

const pulledOut: Phrase = given(endpoint, (slot, _, lots) =>
  lots.of<Step[]>([
    [
      { do: 'unplug', endpoint: slot },
      { do: 'remove-endpoint', endpoint: slot },
    ],
    [
      { do: 'remove-endpoint', endpoint: slot },
      { do: 'unplug', endpoint: slot },
    ],
  ]),
);

const putIn: Phrase = given(
  (activity, lots) => activity.emptySlot(lots),
  (slot) => [
    { do: 'add-endpoint', endpoint: slot },
    { do: 'plug', endpoint: slot },
  ],
);

/** An endpoint comes and goes, more often than there may be numbers for. */
const lifetimes: Phrase = given(endpoint, (slot, activity, lots) => {
  const domain = activity.domain(lots);
  const rounds = lots.of<SingleStep[]>([
    [
      { do: 'unplug', endpoint: slot },
      { do: 'remove-endpoint', endpoint: slot },
      { do: 'add-endpoint', endpoint: slot },
      { do: 'plug', endpoint: slot },
    ],
    [
      { do: 'attach', endpoint: slot, domain },
      { do: 'detach', endpoint: slot, domain },
    ],
    [{ do: 'stop' }, { do: 'start' }],
    [{ do: 'io', endpoint: slot, length: 64 }],
  ]);
  return [again(times(lots), rounds)];
});

const PHRASES: Weighted<Phrase> = [
  [1, () => [{ do: 'start' }]],
  [1, () => [{ do: 'stop' }]],
  [6, given(engine, (slot, activity, lots) => [{ do: 'attach', endpoint: slot, domain: activity.domain(lots) }])],
  [2, given(endpoint, (slot, activity, lots) => [{ do: 'attach', endpoint: slot, domain: activity.domain(lots) }])],
  [1, given(endpoint, (slot) => [{ do: 'attach', endpoint: slot, domain: PASSING, bypass: true }])],
  [
    2,
    given(
      (activity, lots) => activity.attachedOne(lots),
      (one) => [{ do: 'detach', ...one }],
    ),
  ],
  [10, (activity, lots) => [drawnMap(activity, lots)]],
  [8, drawnUnmap],
  [5, given(endpoint, (slot, activity, lots) => [drawnAlloc(slot, activity, lots)])],
  [
    4,
    given(
      (activity, lots) => activity.allocated(lots),
      ({ endpoint: slot, buffer }) => [{ do: 'free', endpoint: slot, buffer }],
    ),
  ],
  [5, given(driven, (slot, _, lots) => [{ do: 'io', endpoint: slot, length: lots.of([64, 1, 16, 4096, 20_000]) }])],
  [1, given(driven, (slot) => [{ do: 'io', endpoint: slot, length: 64, background: true }])],
  [12, given(engine, (slot, activity, lots) => [drawnAccess(slot, activity, lots)])],
  [
    4,
    given(
      (activity, lots) => activity.allocated(lots),
      ({ endpoint: slot, buffer, length }, _, lots) => [
        {
          do: 'dma',
          endpoint: slot,
          access: lots.of(['read', 'write']),
          length: 4,
          buffer,
          at: BigInt(lots.of([0, Math.max(0, length - 4), Math.floor(length / 2)])),
        },
      ],
    ),
  ],
  [3, retried],
  [2, manyMappings],
  [1, manyBuffers],
  [2, lifetimes],
  [2, pulledOut],
  [2, putIn],
  [1, given(endpoint, (slot) => [{ do: 'release', endpoint: slot }])],
  [1, (_, lots) => [{ do: 'bypass', value: lots.of([0, 1]) }]],
  [1, given(endpoint, (slot) => [{ do: 'regions', endpoint: slot }])],
  [1, () => [{ do: 'faults' }]],
  [1, given(driven, (slot, _, lots) => [{ do: 'resize', endpoint: slot, size: lots.of([2, 4, 8, 16, 64]) }])],
  [1, (_, lots) => [{ do: 'reset-queue', queue: lots.of(['requestq', 'eventq']) }]],
  [1, (activity) => [{ do: activity.isSuspended ? 'resume' : 'suspend' }]],
];
