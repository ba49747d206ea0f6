/** Which descriptors of a split ring's table are free, and which of them come next. */

export class DescriptorPool {
  readonly #size: number;
  /** Free descriptors, in the order in which they came back; with `inRingOrder` their order means nothing. */
  #free: number[];
  readonly #inRingOrder: boolean;
  #next = 0;

  /** With `inRingOrder` descriptors are handed out from 0 on and round the table (2.7.5). */
  constructor(size: number, inRingOrder: boolean) {
    this.#size = size;
    this.#inRingOrder = inRingOrder;
    this.#free = Array.from({ length: size }, (_, index) => index);
  }

  /** The next `count` descriptors, which stay free. Undefined if there are not so many. */
  peek(count: number): number[] | undefined {
    if (this.#free.length < count) return undefined;
    if (!this.#inRingOrder) return this.#free.slice(0, count);
    const indices = Array.from({ length: count }, (_, at) => (this.#next + at) % this.#size);
    return indices.every((index) => this.#free.includes(index)) ? indices : undefined;
  }

  take(count: number): number[] | undefined {
    const indices = this.peek(count);
    if (!indices) return undefined;
    if (this.#inRingOrder) {
      this.#free = this.#free.filter((index) => !indices.includes(index));
      this.#next = (this.#next + count) % this.#size;
    } else {
      this.#free.splice(0, count);
    }
    return indices;
  }

  give(indices: readonly number[]): void {
    this.#free.push(...indices);
  }
}
