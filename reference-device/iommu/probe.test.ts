import { describe, expect, test } from 'vitest';
import { VIRTIO_IOMMU_S_INVAL, VIRTIO_IOMMU_S_NOENT, VIRTIO_IOMMU_S_OK } from '../wire/iommu.ts';
import { allBut, TestBench } from './test-bench.ts';

const endpoints = [
  { id: 1, resvMem: [] },
  {
    id: 2,
    resvMem: [
      { subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn },
      { subtype: 0, start: 0x1000n, end: 0x1fffn },
    ],
  },
];

const MSI = ['01001400', '01000000', '0000e0fe00000000', 'ffffeffe00000000'].join('');
const RESERVED = ['01001400', '00000000', '0010000000000000', 'ff1f000000000000'].join('');
const OK_TAIL = '00000000';
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const probe = (endpoint: number, probe_size: number, writableLength = probe_size + 4) =>
  new TestBench({ endpoints, config: { probe_size } }).probe({ endpoint }, writableLength);

describe('PROBE', () => {
  test('reports each reserved region, then zeros, then the tail', () => {
    const reply = probe(2, 64);
    expect(reply).toMatchObject({ status: VIRTIO_IOMMU_S_OK, usedLength: 68 });
    expect(hex(reply.written)).toBe(MSI + RESERVED + '00'.repeat(16) + OK_TAIL);
  });

  test('reports zeros for an endpoint without regions', () => {
    expect(hex(probe(1, 8).written)).toBe('00'.repeat(8) + OK_TAIL);
  });

  test('reports properties of other types where they are told to stand, and longer regions by their length', () => {
    const [msi, reserved] = endpoints[1]!.resvMem;
    const odd = {
      id: 3,
      resvMem: [msi!, { ...reserved!, surplus: 3 }],
      otherProperties: [
        { behind: 2, type: 0x7ff, length: 0 },
        { behind: 0, type: 2, length: 1 },
      ],
    };
    const reply = new TestBench({ endpoints: [odd], config: { probe_size: 64 } }).probe({ endpoint: 3 }, 68);
    const longer = RESERVED.replace('1400', '1700');
    expect(hex(reply.written)).toBe(`020001005a${MSI}${longer}5a5a5aff070000${'00'.repeat(4)}${OK_TAIL}`);
  });

  test('fills the field to the last byte, and leaves out what does not fit whole', () => {
    expect(hex(probe(2, 48).written)).toBe(MSI + RESERVED + OK_TAIL);
    expect(hex(probe(2, 47).written)).toBe(MSI + '00'.repeat(23) + OK_TAIL);
  });

  test('puts the tail behind probe_size bytes of a longer writable part', () => {
    const reply = probe(2, 24, 100);
    expect(reply.usedLength).toBe(28);
    expect(hex(reply.written)).toBe(MSI + OK_TAIL);
  });

  test('ignores its reserved bytes', () => {
    const bench = new TestBench({ endpoints });
    expect(bench.probe({ endpoint: 1, reserved: 0xff, head_reserved: 0xff }).status).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('rejects an endpoint that does not exist, with zeros for properties', () => {
    const reply = probe(9, 24);
    expect(reply).toMatchObject({ status: VIRTIO_IOMMU_S_NOENT, usedLength: 28 });
    expect(hex(reply.written)).toBe('00'.repeat(24) + '06000000');
  });

  test('writes no property into a list one byte too short; the status lies behind that list', () => {
    const reply = probe(2, 24, 27);
    expect(reply).toMatchObject({ status: VIRTIO_IOMMU_S_INVAL, usedLength: 27 });
    expect(hex(reply.written)).toBe('00'.repeat(23) + '04000000');
  });

  test('rejects a list of no bytes at all, and is returned unwritten if not even a tail fits', () => {
    expect(hex(probe(2, 24, 4).written)).toBe('04000000');
    expect(probe(2, 24, 3)).toEqual({ written: new Uint8Array(0), usedLength: 0 });
  });

  test('works with probe_size 0', () => {
    expect(hex(probe(2, 0).written)).toBe(OK_TAIL);
  });

  test('is returned unwritten if PROBE is not offered, but not if it is only not accepted', () => {
    const without = allBut('VIRTIO_IOMMU_F_PROBE');
    expect(new TestBench({ endpoints, offered: without }).probe({ endpoint: 1 }).usedLength).toBe(0);
    expect(new TestBench({ endpoints, accepted: without }).probe({ endpoint: 1 }).status).toBe(VIRTIO_IOMMU_S_OK);
  });
});
