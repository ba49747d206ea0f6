import { describe, expect, it } from 'vitest';
import type { DriverFaultName } from './driver-faults.ts';
import { type Request, RequestWriter } from './request-bytes.ts';

const writer = new RequestWriter(0n, new Set<DriverFaultName>());

/** The bytes of a request against `fields`, hexadecimal with a space between fields. */
function expectBytes({ readable }: Request, fields: string): void {
  const bytes = Array.from(readable, (byte) => byte.toString(16).padStart(2, '0')).join('');
  expect(bytes).toBe(fields.replaceAll(' ', ''));
}

/** The figures of 5.13.6.3 to 5.13.6.7, written out. */
describe('the readable part of', () => {
  it('ATTACH has 20 bytes', () => {
    expectBytes(writer.attach(0x01020304, 0x11223344, 1), '01000000 04030201 44332211 01000000 00000000');
  });

  it('DETACH has 20 bytes', () => {
    expectBytes(writer.detach(0x01020304, 0x11223344), '02000000 04030201 44332211 0000000000000000');
  });

  it('MAP has 36 bytes', () => {
    expectBytes(
      writer.map(5, 0x1000n, 0x2fffn, 0x1_4000_0000n, 3),
      '03000000 05000000 0010000000000000 ff2f000000000000 0000004001000000 03000000',
    );
  });

  it('UNMAP has 28 bytes', () => {
    expectBytes(
      writer.unmap(5, 0x1000n, 0x2fffn, 0x1000n),
      '04000000 05000000 0010000000000000 ff2f000000000000 00000000',
    );
  });

  it('PROBE has 72 bytes, and probe_size bytes are asked for', () => {
    const request = writer.probe(0x120, 512);
    expectBytes(request, `05000000 20010000 ${'00'.repeat(64)}`);
    expect(request.propertiesLength).toBe(512);
  });
});
