/** Which descriptors of a split ring's table are free, and which of them come next. */

/**
 * Which descriptors come next: those that have been free for the longest time, the others first, or, as IN_ORDER wants
 * it, from 0 on and round the table (2.7.5).
 */
export type DescriptorOrder = 'oldest-first' | 'newest-first' | 'ring-order';

export class DescriptorPool {
  readonly #size: number;
  /** Free descriptors, in the order in which they came back; in ring order that means nothing. */
  #free: number[];
  readonly #order: DescriptorOrder;
  #next = 0;

  constructor(size: number, order: DescriptorOrder) {
    this.#size = size;
    this.#order = order;
    this.#free = Array.from({ length: size }, (_, index) => index);
  }

  /** The next `count` descriptors, which stay free. Undefined if there are not so many. */
  peek(count: number): number[] | undefined {
    if (this.#free.length < count) return undefined;
    if (this.#order === 'oldest-first') return this.#free.slice(0, count);
    if (this.#order === 'newest-first') return this.#free.slice(-count).toReversed();
    const indices = Array.from({ length: count }, (_, at) => (this.#next + at) % this.#size);
    return indices.every((index) => this.#free.includes(index)) ? indices : undefined;
  }

  take(count: number): number[] | undefined {
    const indices = this.peek(count);
    if (!indices) return undefined;
    if (this.#order === 'oldest-first') this.#free.splice(0, count);
    else this.#free = this.#free.filter((index) => !indices.includes(index));
    this.#next = (this.#next + count) % this.#size;
    return indices;
  }

  give(indices: readonly number[]): void {
    this.#free.push(...indices);
  }
}
