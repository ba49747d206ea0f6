/**
 * Bytes of every structure of 5.13, written down by hand from the specification's listings, and the numbers of its
 * #define lines. Nothing here is computed by the codec: a layout that changes by accident disagrees with this file.
 */
import { describe, expect, test } from 'vitest';
import * as wire from './iommu.ts';

const bytesOf = (lines: readonly string[]): Uint8Array =>
  Uint8Array.from(
    lines
      .join(' ')
      .trim()
      .split(/\s+/)
      .map((digits) => Number.parseInt(digits, 16)),
  );

/** Each row: structure, its fields with values that show byte order, its bytes a line per field. */
const GOLDEN = [
  {
    structure: wire.Config,
    values: {
      page_size_mask: 0xfffffffffffff000n,
      input_range_start: 0x0000000000100000n,
      input_range_end: 0x0000ffffffffffffn,
      domain_range_start: 7,
      domain_range_end: 0xfffffffe,
      probe_size: 0x00000200,
      bypass: 1,
      reserved: 0,
    },
    bytes: [
      '00 f0 ff ff ff ff ff ff',
      '00 00 10 00 00 00 00 00',
      'ff ff ff ff ff ff 00 00',
      '07 00 00 00',
      'fe ff ff ff',
      '00 02 00 00',
      '01',
      '00 00 00',
    ],
  },
  { structure: wire.ReqHead, values: { type: 3, reserved: 0 }, bytes: ['03', '00 00 00'] },
  { structure: wire.ReqTail, values: { status: 6, reserved: 0 }, bytes: ['06', '00 00 00'] },
  {
    structure: wire.ReqAttach,
    values: { type: 1, head_reserved: 0, domain: 0x01020304, endpoint: 0x118, flags: 1, reserved: 0 },
    bytes: ['01', '00 00 00', '04 03 02 01', '18 01 00 00', '01 00 00 00', '00 00 00 00'],
  },
  {
    structure: wire.ReqDetach,
    values: { type: 2, head_reserved: 0, domain: 0x01020304, endpoint: 0x118, reserved: 0 },
    bytes: ['02', '00 00 00', '04 03 02 01', '18 01 00 00', '00 00 00 00 00 00 00 00'],
  },
  {
    structure: wire.ReqMap,
    values: {
      type: 3,
      head_reserved: 0,
      domain: 1,
      virt_start: 0x0000000012340000n,
      virt_end: 0x000000001234ffffn,
      phys_start: 0xfedcba9876543000n,
      flags: 3,
    },
    bytes: [
      '03',
      '00 00 00',
      '01 00 00 00',
      '00 00 34 12 00 00 00 00',
      'ff ff 34 12 00 00 00 00',
      '00 30 54 76 98 ba dc fe',
      '03 00 00 00',
    ],
  },
  {
    structure: wire.ReqUnmap,
    values: {
      type: 4,
      head_reserved: 0,
      domain: 1,
      virt_start: 0x0000000012340000n,
      virt_end: 0xffffffffffffffffn,
      reserved: 0,
    },
    bytes: ['04', '00 00 00', '01 00 00 00', '00 00 34 12 00 00 00 00', 'ff ff ff ff ff ff ff ff', '00 00 00 00'],
  },
  {
    structure: wire.ReqProbe,
    values: { type: 5, head_reserved: 0, endpoint: 0x118, reserved: 0 },
    bytes: ['05', '00 00 00', '18 01 00 00', '00 '.repeat(64)],
  },
  {
    structure: wire.ProbeProperty,
    values: { type: 0xabc, reserved: 0xd, length: 0x0014 },
    bytes: ['bc da', '14 00'],
  },
  {
    structure: wire.ProbeResvMem,
    values: {
      type: 1,
      head_reserved: 0,
      length: 20,
      subtype: 1,
      reserved: 0,
      start: 0x00000000fee00000n,
      end: 0x00000000feefffffn,
    },
    bytes: ['01 00', '14 00', '01', '00 00 00', '00 00 e0 fe 00 00 00 00', 'ff ff ef fe 00 00 00 00'],
  },
  {
    structure: wire.Fault,
    values: { reason: 2, reserved: 0, flags: 0x102, endpoint: 0x120, reserved1: 0, address: 0x0000000112345678n },
    bytes: ['02', '00 00 00', '02 01 00 00', '20 01 00 00', '00 00 00 00', '78 56 34 12 01 00 00 00'],
  },
] as const;

/** Every number that 5.13 gives a name. */
const NUMBERS: Readonly<Record<string, number>> = {
  VIRTIO_ID_IOMMU: 23,
  REQUESTQ: 0,
  EVENTQ: 1,
  VIRTIO_IOMMU_T_ATTACH: 1,
  VIRTIO_IOMMU_T_DETACH: 2,
  VIRTIO_IOMMU_T_MAP: 3,
  VIRTIO_IOMMU_T_UNMAP: 4,
  VIRTIO_IOMMU_T_PROBE: 5,
  VIRTIO_IOMMU_S_OK: 0,
  VIRTIO_IOMMU_S_IOERR: 1,
  VIRTIO_IOMMU_S_UNSUPP: 2,
  VIRTIO_IOMMU_S_DEVERR: 3,
  VIRTIO_IOMMU_S_INVAL: 4,
  VIRTIO_IOMMU_S_RANGE: 5,
  VIRTIO_IOMMU_S_NOENT: 6,
  VIRTIO_IOMMU_S_FAULT: 7,
  VIRTIO_IOMMU_S_NOMEM: 8,
  VIRTIO_IOMMU_ATTACH_F_BYPASS: 0x1,
  VIRTIO_IOMMU_MAP_F_READ: 0x1,
  VIRTIO_IOMMU_MAP_F_WRITE: 0x2,
  VIRTIO_IOMMU_MAP_F_MMIO: 0x4,
  VIRTIO_IOMMU_PROBE_T_RESV_MEM: 1,
  VIRTIO_IOMMU_RESV_MEM_T_RESERVED: 0,
  VIRTIO_IOMMU_RESV_MEM_T_MSI: 1,
  VIRTIO_IOMMU_FAULT_R_UNKNOWN: 0,
  VIRTIO_IOMMU_FAULT_R_DOMAIN: 1,
  VIRTIO_IOMMU_FAULT_R_MAPPING: 2,
  VIRTIO_IOMMU_FAULT_F_READ: 0x1,
  VIRTIO_IOMMU_FAULT_F_WRITE: 0x2,
  VIRTIO_IOMMU_FAULT_F_ADDRESS: 0x100,
};

describe('golden bytes', () => {
  test.each(GOLDEN.map((row) => [row.structure.name, row] as const))('%s is read field by field', (_name, row) => {
    const bytes = bytesOf(row.bytes);
    expect(row.structure.size).toBe(bytes.byteLength);
    expect(row.structure.over(bytes)).toMatchObject(row.values);
  });

  test.each(GOLDEN.map((row) => [row.structure.name, row] as const))('%s is written field by field', (_name, row) => {
    const bytes = new Uint8Array(row.structure.size).fill(0x77);
    Object.assign(row.structure.over(bytes), row.values);
    expect(bytes).toEqual(bytesOf(row.bytes));
  });

  test('leave out no structure', () => {
    const layouts = Object.values(wire).filter((value) => typeof value === 'object');
    expect(new Set(layouts)).toEqual(new Set(GOLDEN.map((row) => row.structure)));
  });

  test('every named number has the value that the specification gives it', () => {
    const numbers = Object.entries(wire).filter(([, value]) => typeof value === 'number');
    expect(Object.fromEntries(numbers)).toEqual(NUMBERS);
  });
});
