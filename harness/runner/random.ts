/** Numbers that only look random: the same seed gives the same sequence everywhere. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A seed that goes on from here. */
  get state(): number {
    return this.#state;
  }

  /** A whole number from 0 to 2^32 - 1 (splitmix-like mixing of a Weyl sequence). */
  next(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** A copy of `items` in a new order. */
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let last = out.length - 1; last > 0; last--) {
      const pick = this.next() % (last + 1);
      [out[last], out[pick]] = [out[pick] as T, out[last] as T];
    }
    return out;
  }

  /** A word of `length` lower-case letters. */
  word(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(97 + (this.next() % 26))).join('');
  }
}
