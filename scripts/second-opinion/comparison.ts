/** Runs scenarios on both devices and sorts every disagreement: reviewed, or not. */
import { disagreements, type Disagreement } from './facets.ts';
import type { Observation } from './observations.ts';
import type { Scenario, Step } from './steps.ts';

export interface SeenByBoth {
  readonly qemu: Observation;
  readonly ours: Observation;
}

export interface Done {
  readonly step: Step;
  readonly seen: SeenByBoth;
}

/** A disagreement in its place. `step` is undefined for what reads have brought, which shows at the end. */
export interface Difference extends Disagreement {
  readonly scenario: string;
  readonly index: number;
  readonly step: Step | undefined;
  readonly seen: SeenByBoth;
  /** What was done before, since the devices were last in the same state for certain. */
  readonly before: readonly Done[];
}

/** A difference that somebody has looked into. */
export interface ReviewedDifference {
  readonly name: string;
  readonly qemu: string;
  readonly ours: string;
  /** The statement that decides, and for whom. */
  readonly requirement: `${string}/${string}`;
  readonly right: 'ours' | 'QEMU' | 'both';
  readonly why: string;
  /** Whether this disagreement is one of these. */
  readonly matches: (difference: Difference) => boolean;
  /** From here on the devices are in different states, so that what follows says nothing. */
  readonly parts: boolean;
}

/** Steps after which the devices may be in different states although they have said the same. */
export interface SilentParting {
  /** Name of the reviewed difference that then lies hidden. */
  readonly difference: string;
  readonly matches: (done: Done, before: readonly Done[]) => boolean;
}

/** What the comparison needs of a device; see `Subject`. */
export interface Opinion {
  begin(scenario: Pick<Scenario, 'given' | 'bypass'>): Promise<void>;
  perform(step: Step): Promise<Observation>;
  finish(): Promise<Observation>;
}

export interface ComparisonParts {
  readonly qemu: Opinion;
  readonly ours: Opinion;
  readonly reviewed: readonly ReviewedDifference[];
  readonly silent: readonly SilentParting[];
}

/** Steps in one go, so that an endpoint's reads fit into what its engine remembers. */
const STRETCH_MAX = 100;

export class Comparison {
  readonly #parts: ComparisonParts;
  /** How often each reviewed difference has been met. */
  readonly met = new Map<string, number>();
  readonly unreviewed: Difference[] = [];
  scenarioCount = 0;
  stepCount = 0;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  /** Entries of the list that nothing has matched. */
  get stale(): readonly ReviewedDifference[] {
    return this.#parts.reviewed.filter(({ name }) => !this.met.has(name));
  }

  /** Runs one scenario to its end, or to the point where the devices visibly diverge. */
  async run(scenario: Scenario): Promise<void> {
    this.scenarioCount++;
    await this.#stretch(scenario, 0, []);
  }

  /** Runs a stream to its end: where the devices part, or may have, both begin anew and go on with the next step. */
  async runThrough(stream: Scenario): Promise<void> {
    this.scenarioCount++;
    let from = 0;
    while (from < stream.steps.length) from = await this.#stretch(stream, from, this.#parts.silent);
  }

  /** Steps from `from` on until the devices part or nothing is left; the number of the step to go on with. */
  async #stretch(scenario: Scenario, from: number, silent: readonly SilentParting[]): Promise<number> {
    const { qemu, ours } = this.#parts;
    await Promise.all([qemu.begin(scenario), ours.begin(scenario)]);
    const before: Done[] = [];
    let index = from;
    let hasParted = false;
    while (index < scenario.steps.length && before.length < STRETCH_MAX && !hasParted) {
      const step = scenario.steps[index]!;
      const seen = { qemu: await qemu.perform(step), ours: await ours.perform(step) };
      hasParted = this.#sort({ scenario: scenario.name, index, step, seen, before: [...before] });
      hasParted ||= silent.some(({ matches }) => matches({ step, seen }, before));
      before.push({ step, seen });
      this.stepCount++;
      index++;
      if (seen.qemu.of === 'death' || seen.ours.of === 'death') return index;
    }
    const seen = { qemu: await qemu.finish(), ours: await ours.finish() };
    this.#sort({ scenario: scenario.name, index, step: undefined, seen, before });
    return index;
  }

  /** Files every disagreement; whether the devices have parted. */
  #sort(place: Omit<Difference, keyof Disagreement>): boolean {
    let hasParted = false;
    for (const disagreement of disagreements(place.step, place.seen.qemu, place.seen.ours)) {
      const difference = { ...place, ...disagreement };
      const entry = this.#parts.reviewed.find(({ matches }) => matches(difference));
      if (entry === undefined) this.unreviewed.push(difference);
      else this.met.set(entry.name, (this.met.get(entry.name) ?? 0) + 1);
      hasParted ||= entry?.parts ?? true;
    }
    return hasParted;
  }
}
