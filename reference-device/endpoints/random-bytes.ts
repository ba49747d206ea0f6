/** Bytes that look random and are the same in every run. */
export class RandomBytes {
  #counter = 0;

  /** The next `length` bytes. */
  next(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => mix(this.#counter++) & 0xff);
  }
}

/** Spreads a counter over 32 bits: multiplications by odd constants, each followed by a shift back (splitmix). */
function mix(counter: number): number {
  let value = Math.imul(counter + 1, 0x9e3779b9);
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return value ^ (value >>> 15);
}
