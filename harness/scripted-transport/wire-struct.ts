/** Structures of the vfio-user document: fields in order, in the host's (little) endianness, without padding. */

const WIDTH = { u16: 2, u32: 4, u64: 8 } as const;

type FieldType = keyof typeof WIDTH;
type Fields = Readonly<Record<string, FieldType>>;

/** A structure's values: 64-bit fields are bigint. */
type Values<F extends Fields> = { -readonly [K in keyof F]: F[K] extends 'u64' ? bigint : number };

export interface WireStruct<F extends Fields> {
  /** In bytes. */
  readonly size: number;
  /** The values at `offset`; the caller has made sure that `size` bytes are there. */
  read(view: DataView, offset: number): Values<F>;
  /** Stores `values` at `offset`. */
  write(view: DataView, offset: number, values: Values<F>): void;
}

const GET: Record<FieldType, (view: DataView, offset: number) => number | bigint> = {
  u16: (view, offset) => view.getUint16(offset, true),
  u32: (view, offset) => view.getUint32(offset, true),
  u64: (view, offset) => view.getBigUint64(offset, true),
};

const SET: Record<FieldType, (view: DataView, offset: number, value: number | bigint) => void> = {
  u16: (view, offset, value) => view.setUint16(offset, Number(value), true),
  u32: (view, offset, value) => view.setUint32(offset, Number(value), true),
  u64: (view, offset, value) => view.setBigUint64(offset, BigInt(value), true),
};

/** Declares a structure: field names in the document's spelling, in its order. */
export function wireStruct<const F extends Fields>(fields: F): WireStruct<F> {
  const places: { name: string; type: FieldType; at: number }[] = [];
  let size = 0;
  for (const [name, type] of Object.entries(fields)) {
    places.push({ name, type, at: size });
    size += WIDTH[type];
  }
  return {
    size,
    read(view, offset) {
      const values: Record<string, number | bigint> = {};
      for (const { name, type, at } of places) values[name] = GET[type](view, offset + at);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loop fills in every key of F with its type
      return values as Values<F>;
    },
    write(view, offset, values) {
      for (const { name, type, at } of places) SET[type](view, offset + at, values[name] ?? 0);
    },
  };
}
