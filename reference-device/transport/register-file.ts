/**
 * Registers as a table: every register structure of a transport is one `RegisterFile`.
 * `pci/device/layout/halves-independent`: an access of any width meets the bytes that it covers.
 */

/** One register. Without `write` it is read-only, without `read` it reads 0. `offset` and `width` in bytes. */
export interface Register {
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
  /** As the specification spells it. */
  readonly name: string;
  /** True if the register belongs to the selected queue. */
  readonly perQueue?: boolean;
  readonly read?: () => number | bigint;
  readonly write?: (value: bigint) => void;
}

/** A register's place, for structures whose contents somebody else keeps. */
export type RegisterPlace = Pick<Register, 'offset' | 'width' | 'name'>;

/** The first eight bytes of `data` as a little-endian number. */
export function valueOf(data: DataView): bigint {
  let value = 0n;
  for (let at = Math.min(data.byteLength, 8) - 1; at >= 0; at--) value = (value << 8n) | BigInt(data.getUint8(at));
  return value;
}

/** The register that an access at `offset` names: one that starts there, or whose upper 32-bit half does. */
export const registerAt = <R extends RegisterPlace>(registers: readonly R[], offset: number): R | undefined =>
  registers.find((register) => register.offset === offset || (register.width === 8 && register.offset + 4 === offset));

export class RegisterFile {
  readonly #registers: readonly Register[];

  constructor(registers: readonly Register[]) {
    this.#registers = registers;
  }

  /** The register named by an access at `offset`, if one starts there. */
  at(offset: number): Register | undefined {
    return registerAt(this.#registers, offset);
  }

  /** Fills `out` with what stands from `offset` on. Each register touched is read once; gaps read 0. */
  read(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, 0);
    for (const register of this.#touched(offset, out.byteLength)) {
      const value = BigInt(register.read?.() ?? 0);
      for (let byte = 0; byte < register.width; byte++) {
        const at = register.offset + byte - offset;
        if (at >= 0 && at < out.byteLength) out.setUint8(at, Number((value >> BigInt(8 * byte)) & 0xffn));
      }
    }
  }

  /** Writes each register touched once, in order; one that is touched in part keeps its other bytes. */
  write(offset: number, data: DataView): void {
    for (const register of this.#touched(offset, data.byteLength)) {
      if (register.write === undefined) continue;
      const whole = offset <= register.offset && offset + data.byteLength >= register.offset + register.width;
      let value = whole ? 0n : BigInt(register.read?.() ?? 0);
      for (let byte = 0; byte < register.width; byte++) {
        const at = register.offset + byte - offset;
        if (at < 0 || at >= data.byteLength) continue;
        const shift = BigInt(8 * byte);
        value = (value & ~(0xffn << shift)) | (BigInt(data.getUint8(at)) << shift);
      }
      register.write(value);
    }
  }

  #touched(offset: number, length: number): Register[] {
    return this.#registers.filter(
      (register) => register.offset < offset + length && offset < register.offset + register.width,
    );
  }
}
