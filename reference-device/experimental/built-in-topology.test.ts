import { describe, expect, it } from 'vitest';
import { attach, TinyMachine, VERSION_1 } from '../machine/fixtures/tiny-machine.ts';
import { DEVICE_CONFIG } from '../transport/fixtures/tiny-driver.ts';
import { toHex } from '../wire/hex.ts';
import { describingTail } from './built-in-topology.ts';

const TOPOLOGY = 1n << 6n;
const MAP_UNMAP = 1n << 2n;

describe('the list of the proposal of 2019', () => {
  it('links ranges and endpoints by offsets in the configuration', () => {
    const tail = describingTail({
      ranges: [{ ridBase: 0x18, iommuBase: 0x118, length: 0x10 }],
      windows: [{ id: 0x3_0007, address: 0x0a00_1000 }],
    });
    const PCI_RANGE = '00003800180100000000180027000000';
    const ENDPOINT = '01000000070003000010000a00000000';
    expect(toHex(tail)).toBe(`28000000${PCI_RANGE}${ENDPOINT}`);
  });

  it('may be empty', () => {
    expect(toHex(describingTail({ ranges: [], windows: [] }))).toBe('00000000');
  });
});

const machine = (): TinyMachine => new TinyMachine({ topology: 'built-in-2019', slots: ['dma', 'platform'] });

describe('a device that describes its endpoints itself', () => {
  it('offers bit 6, and its capability covers the whole list', () => {
    const { iommu } = machine();
    expect(iommu.offered & TOPOLOGY).toBe(TOPOLOGY);
    expect(iommu.read(DEVICE_CONFIG + 36, 2)).toBe(40);
    const next = iommu.read(DEVICE_CONFIG + 42, 2);
    expect([next, iommu.read(DEVICE_CONFIG + next + 4, 4)]).toEqual([56, 0x130]);
    expect(iommu.read(DEVICE_CONFIG + 56 + 2, 2)).toBe(72);
    expect(iommu.read(DEVICE_CONFIG + 72 + 2, 2)).toBe(0);
    expect(iommu.read(DEVICE_CONFIG + 72 + 8, 4)).toBe(0x0a00_1000);
    const capabilities = Array.from({ length: 256 - 16 }, (_, at) => at).filter(
      (at) => iommu.config(at, 1) === 9 && iommu.config(at + 3, 1) === 4,
    );
    expect(capabilities.map((at) => iommu.config(at + 12, 4))).toContain(88);
  });

  it('has no bypass: the bit does not mean BYPASS_CONFIG', () => {
    const bench = machine();
    bench.start({ accept: VERSION_1 | MAP_UNMAP | TOPOLOGY });
    bench.iommu.write(DEVICE_CONFIG + 36, 1, 1);
    expect(bench.iommu.read(DEVICE_CONFIG + 36, 1)).toBe(40);
    const access = { do: 'dma', endpoint: 'dma', address: 0x1000n, length: 4, access: 'read' } as const;
    expect(bench.model.execute(access).dma?.outcome).toBe('fault');
    expect(bench.request(attach(1, 0x120))).toBe(0);
  });

  it('is not there in any other topology', () => {
    const { iommu } = new TinyMachine();
    expect(iommu.offered & TOPOLOGY).toBe(0n);
    expect(iommu.read(DEVICE_CONFIG + 40, 4)).toBe(0xffff_ffff);
  });
});
