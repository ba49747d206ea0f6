import { describe, expect, test } from 'vitest';
import { ascii, bitsOfLe16, layout, le16, le32, le64, reserved, u8 } from './layout.ts';

const Sample = layout('sample', {
  kind: u8,
  padding: reserved(3),
  low: bitsOfLe16(0, 12),
  high: bitsOfLe16(12, 4),
  half: le16,
  word: le32,
  wide: le64,
  tag: ascii(4),
});

describe('layout', () => {
  test('lays fields out in the order written, without padding', () => {
    expect(Sample.size).toBe(24);
    expect(Sample.offsets).toEqual({ kind: 0, padding: 1, low: 4, high: 4, half: 6, word: 8, wide: 12, tag: 20 });
  });

  test('writes every field little-endian and reads it back', () => {
    const values = {
      kind: 1,
      low: 0x234,
      high: 0xf,
      half: 0x5678,
      word: 0x89abcdef,
      wide: 0x0123456789abcdefn,
      tag: 'AB',
    };
    const bytes = Sample.encode(values);
    expect(Buffer.from(bytes).toString('hex')).toBe('0100000034f27856efcdab89efcdab896745230141420000');
    const cursor = Sample.over(bytes);
    expect(cursor).toMatchObject({ ...values, padding: 0, tag: 'AB\0\0' });
  });

  test('sets one part of a shared le16 and leaves the other alone', () => {
    const cursor = Sample.over(Sample.encode({ low: 0xfff, high: 0xf }));
    cursor.low = 0x1001;
    expect([cursor.low, cursor.high]).toEqual([0x001, 0xf]);
    cursor.high = 0;
    expect([cursor.low, cursor.high]).toEqual([0x001, 0]);
  });

  test('shows a set bit in any reserved byte, and only there', () => {
    for (let index = 0; index < Sample.size; index++) {
      const bytes = new Uint8Array(Sample.size);
      bytes[index] = 0x80;
      expect(Sample.over(bytes).padding).toBe(index >= 1 && index <= 3 ? 0x80 : 0);
    }
  });

  test('fills reserved bytes with the value given', () => {
    expect([...Sample.encode({ padding: 0xa5 }).subarray(0, 5)]).toEqual([0, 0xa5, 0xa5, 0xa5, 0]);
  });

  test('fits to the last byte and refuses one more', () => {
    const bytes = new Uint8Array(Sample.size + 1);
    expect(Sample.over(bytes, 1).base).toBe(1);
    expect(() => Sample.over(bytes, 2)).toThrow(RangeError);
    expect(() => Sample.over(bytes, -1)).toThrow(RangeError);
  });

  test('counts from the start of a view that lies inside a larger buffer', () => {
    const buffer = new Uint8Array(64);
    const cursor = Sample.over(buffer.subarray(32));
    cursor.kind = 7;
    expect(buffer[32]).toBe(7);
  });

  test('refuses a field that would hide a part of the cursor', () => {
    expect(() => layout('wrong', { size: u8 })).toThrow(TypeError);
    expect(() => layout('wrong', { moveTo: u8 })).toThrow(TypeError);
  });

  test('knows the fields and their types at compile time', () => {
    const cursor = Sample.over(new Uint8Array(24));
    const word: number = cursor.word;
    const wide: bigint = cursor.wide;
    expect([word, wide]).toEqual([0, 0n]);
    // @ts-expect-error there is no such field
    expect(cursor.nothing).toBeUndefined();
  });
});
