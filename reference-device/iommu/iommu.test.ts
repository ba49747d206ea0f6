import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReqAttach, ReqMap, ReqUnmap, VIRTIO_IOMMU_S_NOENT, VIRTIO_IOMMU_S_OK } from '../wire/iommu.ts';
import { TestBench } from './test-bench.ts';

const UNWRITTEN = { written: new Uint8Array(0), usedLength: 0 };
const attach = ReqAttach.encode({ type: 1, domain: 7, endpoint: 1 });

describe('parse', () => {
  test('names the fields of each type and no others', () => {
    const { iommu } = new TestBench();
    expect(iommu.parse(attach)).toEqual({
      type: 1,
      name: 'ATTACH',
      fields: { domain: 7, endpoint: 1, flags: 0 },
      complete: true,
    });
    const map = { domain: 1, virt_start: 2n, virt_end: 3n, phys_start: 4n, flags: 5 };
    expect(iommu.parse(ReqMap.encode({ type: 3, ...map })).fields).toEqual(map);
    const unmap = { domain: 1, virt_start: 2n, virt_end: 3n };
    expect(iommu.parse(ReqUnmap.encode({ type: 4, ...unmap })).fields).toEqual(unmap);
  });

  test('calls a request complete from its last byte on', () => {
    const { iommu } = new TestBench();
    expect(iommu.parse(attach.subarray(0, 19))).toEqual({ type: 1, name: 'ATTACH', fields: {}, complete: false });
    expect(iommu.parse(Uint8Array.of(...attach, 1, 2, 3))).toMatchObject({ complete: true });
  });

  test('gives no name to a type that nobody defines', () => {
    const { iommu } = new TestBench();
    expect(iommu.parse(Uint8Array.of(6, 0, 0, 0))).toEqual({ type: 6, fields: {}, complete: true });
    expect(iommu.parse(Uint8Array.of(6, 0, 0))).toEqual({ type: 6, fields: {}, complete: false });
    expect(iommu.parse(new Uint8Array(0))).toEqual({ type: 0, fields: {}, complete: false });
  });
});

describe('handle', () => {
  test('answers with a tail of four bytes', () => {
    const bench = new TestBench();
    expect(bench.send(attach)).toEqual({
      written: Uint8Array.of(0, 0, 0, 0),
      usedLength: 4,
      status: VIRTIO_IOMMU_S_OK,
    });
    const unknown = ReqAttach.encode({ type: 1, domain: 7, endpoint: 99 });
    expect(bench.send(unknown)).toEqual({
      written: Uint8Array.of(6, 0, 0, 0),
      usedLength: 4,
      status: VIRTIO_IOMMU_S_NOENT,
    });
  });

  test.each([0, 6, 7, 0xff])('returns a request of type %i unwritten', (type) => {
    const bytes = new Uint8Array(128);
    bytes[0] = type;
    expect(new TestBench().send(bytes, 1000)).toEqual(UNWRITTEN);
  });

  test('returns a request that is one byte too short unwritten and does nothing', () => {
    const bench = new TestBench();
    expect(bench.send(attach.subarray(0, 19))).toEqual(UNWRITTEN);
    expect(bench.send(new Uint8Array(0))).toEqual(UNWRITTEN);
    expect(bench.byteAt(1, 0n)).toBe('DOMAIN');
  });

  test('returns a request without room for the tail unwritten and does nothing', () => {
    const bench = new TestBench();
    for (const room of [0, 3]) expect(bench.send(attach, room)).toEqual(UNWRITTEN);
    expect(bench.byteAt(1, 0n)).toBe('DOMAIN');
  });

  test('ignores what follows the fields, and writable bytes behind the tail', () => {
    expect(new TestBench().send(Uint8Array.of(...attach, 0xff), 100)).toMatchObject({ usedLength: 4, status: 0 });
  });

  test('never throws and never writes more than there is room for, whatever it is given', () => {
    const bench = new TestBench();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), fc.nat(200), (bytes, type, room) => {
        if (bytes.length > 0) bytes[0] = type;
        const reply = bench.send(bytes, room);
        expect(reply.written.byteLength).toBeLessThanOrEqual(room);
        expect(reply.usedLength).toBe(reply.written.byteLength);
        expect(reply.status === undefined).toBe(reply.usedLength === 0);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

describe('Iommu', () => {
  test('refuses two endpoints with one ID', () => {
    const twins = [1, 1].map((id) => ({ id, resvMem: [] }));
    expect(() => new TestBench({ endpoints: twins })).toThrow('two endpoints have the ID 1');
  });
});
