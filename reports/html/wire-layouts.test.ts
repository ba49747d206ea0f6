import { expect, it } from 'vitest';
import { wireFields } from './wire-layouts.ts';

const text = (kind: string, event: Record<string, unknown>): string[] =>
  wireFields(kind, event).map(({ name, offset, value }) => `${offset} ${name} ${value}`);

it('names every field of a request, and reads little-endian', () => {
  const bytes = '03000000010000000010000000000000002000000000000000f007000000000003000000';
  expect(text('request', { name: 'MAP', bytes })).toEqual([
    '0 type 0x3',
    '1 reserved zero',
    '4 domain 0x1',
    '8 virt_start 0x1000',
    '16 virt_end 0x2000',
    '24 phys_start 0x7f000',
    '32 flags 0x3 (READ|WRITE)',
  ]);
});

it('marks a reserved field that is not zero', () => {
  const odd = wireFields('request', { name: 'DETACH', bytes: '02000000010000002001000000000000000000a5' });
  expect(odd.filter((field) => field.odd)).toMatchObject([{ name: 'reserved', offset: 12, value: 'not zero' }]);
});

it('takes the properties of a PROBE answer apart, and marks reserved bits in a type', () => {
  const bytes = `01f01400010000000000e0fe00000000ffffeffe00000000${'00'.repeat(8)}00000000`;
  const fields = wireFields('completion', { name: 'PROBE', status: 0, bytes });
  expect(fields.map(({ name }) => name)).toEqual([
    ...['type', 'length', 'subtype', 'reserved', 'start', 'end'].map((name) => `property 0: ${name}`),
    'status',
    'reserved',
  ]);
  expect(fields[0]).toMatchObject({ digits: '01f0', odd: true, value: '0xf001 (bits 12 to 15 are reserved)' });
  expect(fields.at(-2)).toMatchObject({ offset: 32, value: 'OK' });
});

it('names as many fields as there are bytes, and none that nobody defines', () => {
  expect(text('request', { name: 'MAP', bytes: '0300000001' })).toEqual(['0 type 0x3', '1 reserved zero']);
  expect(text('fault-report', { bytes: '02000000' })).toEqual(['0 reason MAPPING', '1 reserved zero']);
  expect(text('request', { bytes: '42000000' })).toEqual([]);
  expect(text('completion', { bytes: '00000000' })).toEqual([]);
  expect(text('dma', { bytes: 'a5' })).toEqual([]);
  expect(text('request', { name: 'MAP', bytes: 'no hex' })).toEqual([]);
});
