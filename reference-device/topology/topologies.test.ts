import { describe, expect, it } from 'vitest';
import { IOMMU_BDF, isPciSlot, SLOTS, type SlotName, type TopologyName } from '../machine-setup.ts';
import { mappedId } from './iommu-map.ts';
import { bridgeEndpoints, describedId, describedIds, pciSlotsOf, slotBdf, TOPOLOGIES } from './topologies.ts';

const slotsOf = (topology: TopologyName): readonly SlotName[] => [...pciSlotsOf(topology), 'platform'];
const idsIn = (topology: TopologyName): (number | undefined)[] =>
  slotsOf(topology).map((slot) => describedId(slot, topology));

describe('iommu-map', () => {
  const map = { tuples: [{ ridBase: 0x10, iommuBase: 0x5_0000, length: 8 }], mask: 0xff };

  it('gives the IDs of an entry from its first to its last, and none beside', () => {
    expect([0x0f, 0x10, 0x17, 0x18].map((rid) => mappedId(map, rid))).toEqual([
      undefined,
      0x5_0000,
      0x5_0007,
      undefined,
    ]);
  });

  it('looks at the bits of the mask only', () => {
    expect(mappedId(map, 0x310)).toBe(0x5_0000);
    expect(mappedId({ tuples: map.tuples }, 0x310)).toBeUndefined();
  });
});

describe.each(['plain', 'disk', 'mmio', 'device-tree', 'device-tree-mmio', 'offset-ids'] as const)('%s', (topology) => {
  it('gives every endpoint but the gap an ID of its own, and the IOMMU none', () => {
    const ids = slotsOf(topology)
      .filter((slot) => slot !== 'gap' && slot !== 'platform')
      .map((slot) => describedId(slot, topology));
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(describedId('gap', topology)).toBeUndefined();
    expect(mappedId(TOPOLOGIES[topology].iommus[0].map, IOMMU_BDF)).toBeUndefined();
  });

  it('has no endpoint whose ID is its own requester ID', () => {
    for (const slot of Object.keys(SLOTS).filter(isPciSlot))
      expect(describedId(slot, topology)).not.toBe(SLOTS[slot].bdf);
  });
});

it('offset-ids has IDs of more than 16 bits, one with the highest bit, and one that is the BDF of another', () => {
  expect(idsIn('offset-ids')).toEqual([0x7_0000, 0x6_ff00, undefined, SLOTS.gap.bdf, 0x8000_0000, 0x3_0007]);
});

it('masked makes rng and dma2 one endpoint and describes no others but gap', () => {
  expect(idsIn('masked')).toEqual([0x118, undefined, 0x108, undefined, 0x118, undefined]);
});

it('net leaves out one function of a device, and knows the others apart', () => {
  expect((['net', 'fn1', 'fn2'] as const).map((slot) => describedId(slot, 'net'))).toEqual([0x158, undefined, 0x15a]);
  expect(pciSlotsOf('plain')).not.toContain('net');
});

describe('bridged', () => {
  it('has the second rng and the second engine on the bus behind the bridge', () => {
    expect(['rng2', 'dma2', 'rng'].map((slot) => isPciSlot(slot) && slotBdf(slot, 'bridged'))).toEqual([
      0x108, 0x110, 0x18,
    ]);
    expect(idsIn('bridged')).toEqual([0x118, 0x120, undefined, 0x7_0008, 0x7_0010, undefined]);
  });

  it('knows the bridge by two IDs, which belong to no slot', () => {
    expect(bridgeEndpoints('bridged')).toEqual([
      { iommu: 'iommu', id: 0x148 },
      { iommu: 'iommu', id: 0x7_0000 },
    ]);
    expect(bridgeEndpoints('plain')).toEqual([]);
    expect([...describedIds('bridged', 'iommu')]).toEqual([0x118, 0x120, 0x7_0008, 0x7_0010, 0x148, 0x7_0000]);
  });
});
