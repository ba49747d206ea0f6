/** Streams of steps that only look random: mostly what a driver would do, now and then a mistake. */
import { SeededRandom } from '../../harness/runner/random.ts';
import type { Framing } from './iommu-driver.ts';
import type { DmaEndpoint, EndpointName, RequestStep, Scenario, Step } from './steps.ts';
import {
  attach,
  BYPASS,
  detach,
  map,
  nameless,
  PAGE,
  probe,
  read,
  readConfig,
  setBypass,
  targetPage,
  unmap,
  write,
} from './step-words.ts';

/** Few of everything, so that requests concern each other. */
const DOMAIN_COUNT = 3;
const PAGE_COUNT = 24;
const TARGET_PAGE_COUNT = 16;
/** Longest mapping in pages. */
const LONGEST = 6;

const FRAMINGS: readonly Framing[] = ['two', 'two', 'halves', 'bytes'];
/** One byte a descriptor is too many descriptors for a PROBE. */
const PROBE_FRAMINGS: readonly Framing[] = ['two', 'halves'];

class Dice {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  below(limit: number): number {
    return this.#random.next() % limit;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const domain = (dice: Dice): number => 1 + dice.below(DOMAIN_COUNT);
const dmaEndpoint = (dice: Dice): DmaEndpoint => dice.of(['a', 'b']);
const endpoint = (dice: Dice): EndpointName =>
  dice.once(20) ? dice.of(['nobody', 'past-16-bits', 'iommu']) : dmaEndpoint(dice);

/** An inclusive range of whole pages, now and then an odd one. */
function range(dice: Dice, longest: number): readonly [bigint, bigint] {
  const first = BigInt(dice.below(PAGE_COUNT)) * PAGE;
  const until = first + BigInt(1 + dice.below(longest)) * PAGE;
  if (!dice.once(40)) return [first, until - 1n];
  return dice.of([
    [first + 1n, until - 1n],
    [first, until],
    [until, first],
    [first + (1n << 39n), until + (1n << 39n) - 1n],
    [first, first],
  ]);
}

const extras = (
  dice: Dice,
  framings: readonly Framing[],
): Pick<RequestStep, 'framing'> & { head?: number; reserved?: number } => ({
  framing: dice.of(framings),
  ...(dice.once(10) ? { head: 1 + dice.below(255) } : {}),
  ...(dice.once(60) ? { reserved: 1 + dice.below(255) } : {}),
});

/** An address in the pages that get mapped, or in the target memory itself, for endpoints in bypass mode. */
function iova(dice: Dice): bigint {
  const offset = BigInt(4 * dice.below(1024));
  const page = dice.once(4) ? targetPage(dice.below(TARGET_PAGE_COUNT)) : BigInt(dice.below(PAGE_COUNT)) * PAGE;
  return page + offset;
}

/** What can come next; each as often as its number says. */
const KINDS: readonly (readonly [number, (dice: Dice) => Step])[] = [
  [8, (dice) => attach(domain(dice), endpoint(dice), flags(dice), extras(dice, FRAMINGS))],
  [3, (dice) => detach(domain(dice), endpoint(dice), extras(dice, FRAMINGS))],
  [
    16,
    (dice) =>
      map(
        domain(dice),
        range(dice, LONGEST),
        targetPage(dice.below(TARGET_PAGE_COUNT - LONGEST)),
        mapFlags(dice),
        extras(dice, FRAMINGS),
      ),
  ],
  [8, (dice) => unmap(domain(dice), range(dice, 3 * LONGEST), extras(dice, FRAMINGS))],
  [
    2,
    (dice) =>
      probe(endpoint(dice), {
        ...extras(dice, PROBE_FRAMINGS),
        ...(dice.once(4) ? { writableLength: 4 + dice.below(700) } : {}),
      }),
  ],
  [1, (dice) => nameless(dice.of([0, 6, 7, 0x10, 0x55, 0xff]))],
  [1, (dice) => attach(domain(dice), endpoint(dice), 0, { readableLength: 4 + dice.below(40) })],
  [20, (dice) => read(dmaEndpoint(dice), iova(dice))],
  [20, (dice) => write(dmaEndpoint(dice), iova(dice))],
  [1, (dice) => setBypass(dice.below(2))],
  [1, (dice) => readConfig(4 * dice.below(10), 4)],
];

const flags = (dice: Dice): number => (dice.once(8) ? BYPASS : dice.once(60) ? 1 << dice.below(32) : 0);
const mapFlags = (dice: Dice): number => (dice.once(30) ? dice.below(16) : dice.of([1, 2, 3, 3, 3]));

const TOTAL = KINDS.reduce((sum, [weight]) => sum + weight, 0);

function step(dice: Dice): Step {
  let place = dice.below(TOTAL);
  for (const [weight, make] of KINDS) {
    if (place < weight) return make(dice);
    place -= weight;
  }
  throw new Error('assertion: the weights do not add up');
}

/** The stream that belongs to `seed`. */
export function randomStream(seed: number, length: number): Scenario {
  const dice = new Dice(seed);
  const bypass = dice.once(4) ? 1 : 0;
  return { name: `stream/${seed}`, bypass, steps: Array.from({ length }, () => step(dice)) };
}
