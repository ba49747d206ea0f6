import { describe, expect, test } from 'vitest';
import { Config } from '../wire/iommu.ts';
import { allBut, TestBench } from './test-bench.ts';

const config = {
  page_size_mask: 0x1000n,
  input_range: { start: 0x1_0000n, end: 0xff_ffffn },
  domain_range: { start: 3, end: 9 },
  probe_size: 64,
  bypass: 1,
} as const;

const bytesAt = (bench: TestBench, offset: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length).fill(0x77);
  bench.iommu.readConfig(offset, new DataView(bytes.buffer));
  return bytes;
};

const configOf = (bench: TestBench) => Config.over(bytesAt(bench, 0, Config.size));

const write = (bench: TestBench, offset: number, ...bytes: number[]): void =>
  bench.iommu.writeConfig(offset, new DataView(Uint8Array.from(bytes).buffer));

describe('config space', () => {
  test('shows every field whose feature is offered', () => {
    expect(configOf(new TestBench({ config }))).toMatchObject({
      page_size_mask: 0x1000n,
      input_range_start: 0x1_0000n,
      input_range_end: 0xff_ffffn,
      domain_range_start: 3,
      domain_range_end: 9,
      probe_size: 64,
      bypass: 1,
      reserved: 0,
    });
  });

  test('goes by the offer, not by what the driver accepted', () => {
    expect(configOf(new TestBench({ config, accepted: [] })).probe_size).toBe(64);
  });

  test.each([
    ['VIRTIO_IOMMU_F_INPUT_RANGE', { input_range_start: 0n, input_range_end: 0n }],
    ['VIRTIO_IOMMU_F_DOMAIN_RANGE', { domain_range_start: 0, domain_range_end: 0 }],
    ['VIRTIO_IOMMU_F_PROBE', { probe_size: 0 }],
    ['VIRTIO_IOMMU_F_BYPASS_CONFIG', { bypass: 0 }],
  ] as const)('has no field for %s unless it is offered', (feature, absent) => {
    expect(configOf(new TestBench({ config, offered: allBut(feature) }))).toMatchObject({
      page_size_mask: 0x1000n,
      ...absent,
    });
  });

  test('gives parts of fields, and all ones behind its end', () => {
    const bench = new TestBench({ config });
    expect([...bytesAt(bench, 9, 2)]).toEqual([0, 1]);
    expect([...bytesAt(bench, 36, 8)]).toEqual([1, 0, 0, 0, 255, 255, 255, 255]);
    expect([...bytesAt(bench, 4096, 4)]).toEqual([255, 255, 255, 255]);
  });

  test('ends where it is told to, before bypass or behind it', () => {
    expect([...bytesAt(new TestBench({ config, configLength: 36 }), 35, 3)]).toEqual([0, 255, 255]);
    expect([...bytesAt(new TestBench({ config, configLength: 42 }), 39, 5)]).toEqual([0, 0, 0, 255, 255]);
  });

  test('keeps 0 and 1 in bypass, and no other value', () => {
    const bench = new TestBench({ config });
    write(bench, 36, 0);
    expect(configOf(bench).bypass).toBe(0);
    for (const value of [2, 0x80, 0xff, 3]) write(bench, 36, value);
    expect(configOf(bench).bypass).toBe(0);
    write(bench, 36, 1);
    expect(configOf(bench).bypass).toBe(1);
  });

  test('changes what an unattached endpoint may do with the byte', () => {
    const bench = new TestBench({ config });
    expect(bench.byteAt(1, 0x5000n)).toBe(0x5000n);
    write(bench, 36, 0);
    expect(bench.byteAt(1, 0x5000n)).toBe('DOMAIN');
  });

  test('takes no write to bypass unless BYPASS_CONFIG was negotiated', () => {
    const bench = new TestBench({ config, accepted: allBut('VIRTIO_IOMMU_F_BYPASS_CONFIG') });
    write(bench, 36, 0);
    expect(configOf(bench).bypass).toBe(1);
  });

  test('takes no write to any other byte', () => {
    const bench = new TestBench({ config });
    const before = bytesAt(bench, 0, Config.size);
    for (let offset = 0; offset < Config.size + 8; offset++) if (offset !== 36) write(bench, offset, 0);
    write(bench, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(bytesAt(bench, 0, Config.size)).toEqual(before);
  });

  test('keeps bypass over a device reset, which detaches every endpoint', () => {
    const bench = new TestBench({ config: { ...config, bypass: 0 } });
    bench.attach({ domain: 3, endpoint: 1 });
    bench.map({ domain: 3, virt_start: 0x1_0000n, virt_end: 0x1_0fffn });
    write(bench, 36, 1);
    bench.iommu.resetDevice();
    expect(configOf(bench).bypass).toBe(1);
    expect(bench.iommu.accepted).toBe(0n);
    expect(bench.byteAt(1, 0x5000n)).toBe(0x5000n);
    expect(bench.detach({ domain: 3, endpoint: 1 })).toBe(4);
  });

  test('changes at run time in the fields that are named', () => {
    const bench = new TestBench({ config });
    bench.iommu.changeConfig({ input_range: { start: 0n, end: 0xfffn }, bypass: 0 });
    expect(configOf(bench)).toMatchObject({ input_range_end: 0xfffn, domain_range_end: 9, bypass: 0 });
  });

  test('does not change what the setup said', () => {
    const bench = new TestBench({ config });
    write(bench, 36, 0);
    expect(config.bypass).toBe(1);
  });

  test('shows bits 1-7 of bypass with the fault bypass-reads-high-bits', () => {
    const faults = [{ name: 'bypass-reads-high-bits' }] as const;
    expect(configOf(new TestBench({ config, faults })).bypass).toBe(0xff);
    const offered = allBut('VIRTIO_IOMMU_F_BYPASS_CONFIG');
    expect(configOf(new TestBench({ config, faults, offered })).bypass).toBe(0);
  });
});
