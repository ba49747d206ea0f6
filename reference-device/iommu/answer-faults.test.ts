import { describe, expect, test } from 'vitest';
import type { DeviceFault } from '../device-faults.ts';
import {
  VIRTIO_IOMMU_S_DEVERR,
  VIRTIO_IOMMU_S_NOENT,
  VIRTIO_IOMMU_S_NOMEM,
  VIRTIO_IOMMU_S_OK,
  VIRTIO_IOMMU_S_UNSUPP,
} from '../wire/iommu.ts';
import { TestBench } from './test-bench.ts';

const endpoints = [
  { id: 1, resvMem: [{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }] },
  { id: 2, resvMem: [] },
];
const bench = (...faults: DeviceFault[]): TestBench => new TestBench({ endpoints, faults });

interface Property {
  readonly type: number;
  readonly reserved: number;
  readonly body: string;
}

/** Walks the list as a driver does: to an empty property or the end of the field. */
const propertiesOf = (written: Uint8Array, probe_size: number): { list: Property[]; ended: 'empty' | 'full' } => {
  const view = new DataView(written.buffer);
  const list: Property[] = [];
  let at = 0;
  while (at + 4 <= probe_size) {
    const head = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if ((head & 0xfff) === 0) return { list, ended: 'empty' };
    const body = Buffer.from(written.subarray(at + 4, at + 4 + length)).toString('hex');
    list.push({ type: head & 0xfff, reserved: head >> 12, body });
    at += 4 + length;
  }
  return { list, ended: 'full' };
};

const probeWith = (endpoint: number, probe_size: number, ...faults: DeviceFault[]) => {
  const reply = new TestBench({ endpoints, faults, config: { probe_size } }).probe({ endpoint }, probe_size + 4);
  expect(reply.status).toBe(VIRTIO_IOMMU_S_OK);
  expect(reply.usedLength).toBe(probe_size + 4);
  return { ...propertiesOf(reply.written, probe_size), fault: reply.fault };
};

const MSI_BODY = ['01000000', '0000e0fe00000000', 'ffffeffe00000000'].join('');
const MSI: Property = { type: 1, reserved: 0, body: MSI_BODY };

describe('status-of-request', () => {
  test('answers with the status, does not carry the request out, and says what it would have been', () => {
    const b = bench({ name: 'status-of-request', request: 'ATTACH', status: VIRTIO_IOMMU_S_UNSUPP });
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_UNSUPP);
    expect(b.byteAt(2, 0n)).toBe('DOMAIN');
    expect(b.map({ domain: 7, virt_start: 0n, virt_end: 0xfffn })).toBe(VIRTIO_IOMMU_S_NOENT);
  });

  test('counts requests of its type from 1 on, others not', () => {
    const b = bench({ name: 'status-of-request', request: 'ATTACH', nth: 2, status: VIRTIO_IOMMU_S_NOMEM });
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(b.detach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_NOMEM);
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('counts all requests, even those of unknown type, if it names no type', () => {
    const b = bench({ name: 'status-of-request', nth: 3, status: VIRTIO_IOMMU_S_NOMEM });
    b.send(Uint8Array.of(99, 0, 0, 0));
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(b.detach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_NOMEM);
    expect(b.detach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('keeps its count over a device reset', () => {
    const b = bench({ name: 'status-of-request', request: 'ATTACH', nth: 2, status: VIRTIO_IOMMU_S_NOMEM });
    b.attach({ domain: 7, endpoint: 2 });
    b.iommu.resetDevice();
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_NOMEM);
  });

  test('does not carry out a request even if the status is OK', () => {
    const b = bench({ name: 'status-of-request', status: VIRTIO_IOMMU_S_OK });
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(b.byteAt(2, 0n)).toBe('DOMAIN');
    expect(b.probe({ endpoint: 1 }).written).toEqual(new Uint8Array(132));
  });

  test('is DEVERR if no status is given', () => {
    expect(bench({ name: 'status-of-request' }).attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_DEVERR);
  });

  test('shows in the reply by name, beside the honest status', () => {
    const reply = bench({ name: 'status-of-request', request: 'PROBE', status: 1 }).probe({ endpoint: 9 });
    expect(reply).toMatchObject({ status: 1, honestStatus: VIRTIO_IOMMU_S_NOENT, fault: 'status-of-request' });
    const other = bench({ name: 'status-of-request', request: 'MAP', status: 1 }).probe({ endpoint: 9 });
    expect(other).not.toHaveProperty('honestStatus');
    expect(other).not.toHaveProperty('fault');
  });

  test('has no place to go if the request cannot be answered', () => {
    const b = bench({ name: 'status-of-request', status: 1 });
    expect(b.send(Uint8Array.of(1, 0, 0, 0))).toEqual({ written: new Uint8Array(0), usedLength: 0 });
  });
});

describe('faults of the tail', () => {
  test('unknown-status answers with 0x42 and changes nothing', () => {
    const b = bench({ name: 'unknown-status', request: 'ATTACH', nth: 1 });
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(0x42);
    expect(b.byteAt(2, 0n)).toBe('DOMAIN');
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('tail-reserved-nonzero fills the reserved bytes of every tail and changes nothing else', () => {
    const b = bench({ name: 'tail-reserved-nonzero' });
    const reply = b.probe({ endpoint: 2 });
    expect([...reply.written.subarray(-4)]).toEqual([0, 0xa5, 0xa5, 0xa5]);
    expect(reply.fault).toBe('tail-reserved-nonzero');
    expect(b.attach({ domain: 7, endpoint: 2 })).toBe(VIRTIO_IOMMU_S_OK);
    expect(b.byteAt(2, 0n)).toBe('MAPPING');
  });
});

describe('faults of the properties', () => {
  test('probe-unknown-property puts a property of unknown type before the known ones', () => {
    const { list, ended, fault } = probeWith(1, 64, { name: 'probe-unknown-property' });
    expect(list).toEqual([{ type: 0x7a5, reserved: 0, body: 'a5'.repeat(8) }, MSI]);
    expect(ended).toBe('empty');
    expect(fault).toBe('probe-unknown-property');
  });

  test('probe-reserved-type-bits adds a region at its range, which MAP may use all the same', () => {
    const range = { start: 0x4000n, end: 0x4fffn };
    const { list } = probeWith(1, 64, { name: 'probe-reserved-type-bits', range });
    expect(list).toEqual([
      { type: 1, reserved: 0xf, body: ['00000000', '0040000000000000', 'ff4f000000000000'].join('') },
      MSI,
    ]);
    const b = bench({ name: 'probe-reserved-type-bits', range });
    b.attach({ domain: 7, endpoint: 1 });
    expect(b.map({ domain: 7, virt_start: range.start, virt_end: range.end })).toBe(VIRTIO_IOMMU_S_OK);
  });

  test('probe-reserved-type-bits does nothing without a range', () => {
    expect(probeWith(1, 64, { name: 'probe-reserved-type-bits' })).toMatchObject({ list: [MSI], fault: undefined });
  });

  test('probe-resv-reserved-nonzero fills the reserved bytes of each region', () => {
    const { list, fault } = probeWith(1, 64, { name: 'probe-resv-reserved-nonzero' });
    expect(list).toEqual([{ ...MSI, body: `01a5a5a5${MSI_BODY.slice(8)}` }]);
    expect(fault).toBe('probe-resv-reserved-nonzero');
  });

  test('probe-long-resv-mem adds eight bytes to the first region and counts them', () => {
    expect(probeWith(1, 64, { name: 'probe-long-resv-mem' }).list).toEqual([
      { ...MSI, body: MSI_BODY + 'a5'.repeat(8) },
    ]);
  });

  test('those that change regions do nothing where there is none', () => {
    for (const name of ['probe-long-resv-mem', 'probe-resv-reserved-nonzero'] as const) {
      expect(probeWith(2, 64, { name })).toEqual({ list: [], ended: 'empty', fault: undefined });
    }
  });

  test.each([4, 5, 28, 64, 4 + 0xffff, 5 + 0xffff, 6 + 0xffff, 7 + 0xffff, 8 + 0xffff, 200_000])(
    'probe-no-terminator fills a field of %i bytes to the last one',
    (probe_size) => {
      const { list, ended, fault } = probeWith(2, probe_size, { name: 'probe-no-terminator' });
      expect(ended).toBe('full');
      expect(list.reduce((sum, { body }) => sum + 4 + body.length / 2, 0)).toBe(probe_size);
      expect(list.every(({ type }) => type === 0x7a5)).toBe(true);
      expect(fault).toBe('probe-no-terminator');
    },
  );

  test('probe-no-terminator keeps the real properties, and does nothing where they fill the field', () => {
    expect(probeWith(1, 28, { name: 'probe-no-terminator' }).list[0]).toEqual(MSI);
    expect(probeWith(1, 24, { name: 'probe-no-terminator' })).toEqual({ list: [MSI], ended: 'full', fault: undefined });
  });

  test('work together', () => {
    const { list, ended, fault } = probeWith(
      1,
      96,
      { name: 'probe-no-terminator' },
      { name: 'probe-long-resv-mem' },
      { name: 'probe-unknown-property' },
    );
    expect(list.map(({ type, body }) => [type, body.length / 2])).toEqual([
      [0x7a5, 8],
      [1, 28],
      [0x7a5, 48],
    ]);
    expect(ended).toBe('full');
    expect(fault).toBe('probe-long-resv-mem, probe-unknown-property, probe-no-terminator');
  });
});
