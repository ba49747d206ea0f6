/** Draws by lot: the same seed gives the same lots everywhere. */
import { SeededRandom } from '../runner/random.ts';

/** Odds are small whole numbers; how often a row comes up, against the sum of all. */
export type Weighted<T> = readonly (readonly [weight: number, value: T])[];

export class Lots {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** A seed that goes on from here. */
  get state(): number {
    return this.#random.state;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return this.#random.next() % count;
  }

  /** True once in `count` times. */
  once(count: number): boolean {
    return this.below(count) === 0;
  }

  /** Undefined if there is none. */
  any<T>(items: readonly T[]): T | undefined {
    return items[items.length === 0 ? 0 : this.below(items.length)];
  }

  of<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] as T;
  }

  weighted<T>(rows: Weighted<T>): T {
    let left = this.below(rows.reduce((sum, [weight]) => sum + weight, 0));
    const row = rows.find(([weight]) => (left -= weight) < 0);
    if (row === undefined) throw new Error('assertion: nothing to draw from');
    return row[1];
  }

  /** Some of `items`, each once in `count` times. */
  some<T>(items: readonly T[], count: number): T[] {
    return items.filter(() => this.once(count));
  }

  shuffled<T>(items: readonly T[]): T[] {
    return this.#random.shuffled(items);
  }

  /** 64 bits. */
  wide(): bigint {
    return (BigInt(this.#random.next()) << 32n) | BigInt(this.#random.next());
  }
}
