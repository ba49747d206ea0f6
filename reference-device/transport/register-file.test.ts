import { expect, it } from 'vitest';
import { RegisterFile, valueOf } from './register-file.ts';

function threeRegisters() {
  const kept = { wide: 0x1122_3344_5566_7788n, narrow: 0xabcdn, reads: 0 };
  const file = new RegisterFile([
    { offset: 0, width: 8, name: 'wide', read: () => kept.wide, write: (value) => (kept.wide = value) },
    {
      offset: 8,
      width: 2,
      name: 'narrow',
      read: () => {
        kept.reads++;
        return kept.narrow;
      },
      write: (value) => (kept.narrow = value),
    },
    { offset: 12, width: 4, name: 'constant', read: () => 7 },
  ]);
  return { kept, file };
}

function read(file: RegisterFile, offset: number, width: number): bigint {
  const out = new DataView(new ArrayBuffer(width));
  file.read(offset, out);
  return valueOf(out);
}

const bytes = (...values: number[]): DataView => new DataView(Uint8Array.from(values).buffer);

it('reads a 64-bit register whole, in halves and across its end', () => {
  const { file } = threeRegisters();
  expect(read(file, 0, 8)).toBe(0x1122_3344_5566_7788n);
  expect(read(file, 4, 4)).toBe(0x1122_3344n);
  expect(read(file, 6, 4)).toBe(0xabcd_1122n);
});

it('reads 0 between and behind registers, and reads no register twice in one access', () => {
  const { file, kept } = threeRegisters();
  expect(read(file, 8, 4)).toBe(0xabcdn);
  expect(kept.reads).toBe(1);
  expect(read(file, 10, 2)).toBe(0n);
  expect(read(file, 0xffff_fff0, 4)).toBe(0n);
});

it('keeps the other bytes of a register that is written in part', () => {
  const { file, kept } = threeRegisters();
  file.write(4, bytes(1, 0, 0, 0));
  expect(kept.wide).toBe(0x0000_0001_5566_7788n);
  file.write(9, bytes(0x12));
  expect(kept.narrow).toBe(0x12cdn);
});

it('ignores writes to read-only registers', () => {
  const { file } = threeRegisters();
  file.write(12, bytes(1, 2, 3, 4));
  expect(read(file, 12, 4)).toBe(7n);
});

it('names a register at its start and at the upper half of a 64-bit one only', () => {
  const { file } = threeRegisters();
  expect([0, 2, 4, 8, 9].map((offset) => file.at(offset)?.name)).toEqual([
    'wide',
    undefined,
    'wide',
    'narrow',
    undefined,
  ]);
});
