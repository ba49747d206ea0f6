/** 64-bit numbers as they stand in JSON. */
import { z } from 'zod';

/** `0x1000` in a file, 0x1000n in memory. */
export const Hex64 = z.codec(
  z.string().regex(/^0x[0-9a-f]{1,16}$/, 'expected a hex number of at most 64 bits, such as 0x1000'),
  z.bigint(),
  { decode: (text) => BigInt(text), encode: (value) => `0x${value.toString(16)}` },
);
