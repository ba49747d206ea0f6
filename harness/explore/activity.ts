/** What the steps of a story have come to, and what the next ones could be about. */
import type { SlotName } from '../../cases/api/vocabulary.ts';
import { hasOwnDriver } from '../../cases/world/world.ts';
import type { MachineSetup, ResvMem } from '../../reference-device/machine-setup.ts';
import { placesIn } from './drawn-endpoints.ts';
import type { Lots, Weighted } from './lots.ts';
import { type SingleStep, type Step, unrolled } from './step.ts';

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
export const MEBIBYTES_2 = 0x20_0000;
/** A domain that does not translate. */
export const PASSING = 'through';
const DOMAINS = ['d1', 'd2', 'd3'] as const;

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
    this.#slots = placesIn(setup);
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
      case 'shutdown':
        this.#forget();
        break;
      case 'suspend':
      case 'resume':
        this.#isSuspended = step.do === 'suspend';
        break;
      case 'end-domain':
        this.#change(step.domain, () => []);
        break;
      case 'attach':
        this.#attached.set(step.endpoint, step.domain);
        break;
      case 'detach':
      case 'release':
      case 'unplug':
      case 'take-out':
        this.#attached.delete(step.endpoint);
        this.#buffers = this.#buffers.filter(({ endpoint }) => endpoint !== step.endpoint);
        if (step.do === 'take-out') this.#present.delete(step.endpoint);
        break;
      case 'put-in':
        this.#present.add(step.endpoint);
        break;
      case 'map':
        this.#map(step);
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

  /** What would go round the end of all addresses is mapped by nobody. */
  #map(step: Extract<SingleStep, { do: 'map' }>): void {
    const range = rangeOf(step);
    if (range.start > range.end) return;
    this.#change(step.domain, (list) => [...list, { ...range, buffer: step.buffer }]);
  }

  #unmap(domain: string, { start, end }: Range): void {
    this.#change(domain, (list) => list.filter((one) => one.start < start || one.end > end));
    if (start <= end) this.#gone.push({ start, end });
  }

  #forget(): void {
    this.#isUp = false;
    this.#isSuspended = false;
    this.#attached.clear();
    this.#gone.push(...[...this.#mappings.values()].flat());
    this.#mappings.clear();
    this.#buffers = [];
  }

  get hasStarted(): boolean {
    return this.#isUp;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** As many as the driver can have ready. */
  get eventBuffers(): number {
    return this.#setup.iommu.queueSizes[1];
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
    const told = this.#setup.faults.flatMap(({ range }) => range ?? []);
    const regions = [...this.#setup.endpoints.flatMap(({ resvMem }) => resvMem), ...told];
    const beside = this.mapped(domain, lots);
    const region = lots.any<Range>(regions);
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
