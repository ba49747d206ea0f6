/**
 * Structures on the wire, declared once as a list of fields: little-endian, in the order written, without padding (2.6, 5.13).
 * A cursor is laid over bytes and has one property per field; nothing is copied and 32-bit fields allocate nothing.
 */

/** How a field lies in memory: its size in bytes, and how to get and set it `offset` bytes behind a cursor's base. */
export interface Field<T> {
  readonly size: number;
  property(offset: number): PropertyDescriptor & ThisType<Cursor>;
  /** Never present; it carries the type of the value from the declaration to the cursor. */
  readonly valueType?: T;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValuesOf<F extends Fields> = { -readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** What a cursor looks at before it is moved: every access is out of bounds. */
const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/** A window of `size` bytes that can be moved over a buffer. */
class Cursor {
  readonly size: number;
  view = NOTHING;
  base = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Moves the window to `base` in `view`. Throws a RangeError if it would not fit: callers check lengths first. */
  moveTo(view: DataView, base: number): this {
    if (base < 0 || base + this.size > view.byteLength) {
      throw new RangeError(`${this.size} bytes at ${base} do not fit into ${view.byteLength}`);
    }
    this.view = view;
    this.base = base;
    return this;
  }
}

/** A declared structure. `offsets` in bytes from its first byte. */
export interface Layout<F extends Fields> {
  /** The structure's name in its specification. */
  readonly name: string;
  readonly size: number;
  readonly offsets: { readonly [K in keyof F]: number };
  /** A new cursor, not yet over any bytes. */
  cursor(): LayoutCursor<F>;
  /** A new cursor over `bytes` from `base` on. Throws a RangeError if they are too few. */
  over(bytes: Uint8Array, base?: number): LayoutCursor<F>;
  /** The structure as new bytes; fields left out are zero. */
  encode(values: Partial<ValuesOf<F>>): Uint8Array;
}

type LayoutCursor<F extends Fields> = Cursor & ValuesOf<F>;

// Each width has accessors of its own, so that every call site sees one DataView method.
export const u8: Field<number> = {
  size: 1,
  property: (offset) => ({
    get() {
      return this.view.getUint8(this.base + offset);
    },
    set(value: number) {
      this.view.setUint8(this.base + offset, value);
    },
  }),
};

export const le16: Field<number> = {
  size: 2,
  property: (offset) => ({
    get() {
      return this.view.getUint16(this.base + offset, true);
    },
    set(value: number) {
      this.view.setUint16(this.base + offset, value, true);
    },
  }),
};

export const le32: Field<number> = {
  size: 4,
  property: (offset) => ({
    get() {
      return this.view.getUint32(this.base + offset, true);
    },
    set(value: number) {
      this.view.setUint32(this.base + offset, value, true);
    },
  }),
};

export const le64: Field<bigint> = {
  size: 8,
  property: (offset) => ({
    get() {
      return this.view.getBigUint64(this.base + offset, true);
    },
    set(value: bigint) {
      this.view.setBigUint64(this.base + offset, value, true);
    },
  }),
};

/**
 * `width` bits of a le16 from bit `shift` on. Such fields follow each other from bit 0 up;
 * the one that ends with bit 15 completes the le16, those before it take up no room of their own.
 */
export const bitsOfLe16 = (shift: number, width: number): Field<number> => {
  const mask = (1 << width) - 1;
  return {
    size: shift + width === 16 ? 2 : 0,
    property: (offset) => ({
      get() {
        return (this.view.getUint16(this.base + offset, true) >> shift) & mask;
      },
      set(value: number) {
        const others = this.view.getUint16(this.base + offset, true) & ~(mask << shift);
        this.view.setUint16(this.base + offset, others | ((value & mask) << shift), true);
      },
    }),
  };
};

/** `size` bytes without meaning: reads as the OR of them all, so 0 says that none is set; writing fills each with the value. */
export const reserved = (size: number): Field<number> => ({
  size,
  property: (offset) => ({
    get() {
      let or = 0;
      for (let i = 0; i < size; i++) or |= this.view.getUint8(this.base + offset + i);
      return or;
    },
    set(value: number) {
      for (let i = 0; i < size; i++) this.view.setUint8(this.base + offset + i, value);
    },
  }),
});

/** `size` ASCII characters; a shorter text is followed by zero bytes, a longer one is cut. */
export const ascii = (size: number): Field<string> => ({
  size,
  property: (offset) => ({
    get() {
      let text = '';
      for (let i = 0; i < size; i++) text += String.fromCharCode(this.view.getUint8(this.base + offset + i));
      return text;
    },
    set(text: string) {
      for (let i = 0; i < size; i++) {
        this.view.setUint8(this.base + offset + i, i < text.length ? text.charCodeAt(i) & 0x7f : 0);
      }
    },
  }),
});

/** Declares the structure `name` with `fields` in the order of the specification's listing. */
export function layout<const F extends Fields>(name: string, fields: F): Layout<F> {
  class NamedCursor extends Cursor {}
  const offsets: Record<string, number> = {};
  let size = 0;
  for (const [key, field] of Object.entries(fields)) {
    if (key in NamedCursor.prototype || key === 'view' || key === 'base' || key === 'size') {
      throw new TypeError(`${name} has a field with a cursor's own name: ${key}`);
    }
    Object.defineProperty(NamedCursor.prototype, key, field.property(size));
    offsets[key] = size;
    size += field.size;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop above gave the prototype exactly the keys of F
  const cursor = (): LayoutCursor<F> => new NamedCursor(size) as LayoutCursor<F>;
  const over = (bytes: Uint8Array, base = 0): LayoutCursor<F> =>
    cursor().moveTo(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), base);
  return {
    name,
    size,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop above filled in exactly the keys of F
    offsets: offsets as { readonly [K in keyof F]: number },
    cursor,
    over,
    encode: (values) => {
      const bytes = new Uint8Array(size);
      Object.assign(over(bytes), values);
      return bytes;
    },
  };
}
