import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs, toolProgram } from '../../scripts/test-tools/needs.ts';
import type { TopologyName } from '../machine-setup.ts';
import { DESCRIPTION_ODDITIES, type DescriptionOddity } from './oddities.ts';
import type { Described } from './topologies.ts';
import { viotTable } from './viot.ts';

/** A reader of its own, by the offsets of ACPICA's structures. */
interface Node {
  readonly at: number;
  readonly type: number;
  readonly length: number;
  readonly says: Readonly<Record<string, number | bigint>>;
}

const read = (table: Uint8Array): Node[] => {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const nodes: Node[] = [];
  let at = view.getUint16(38, true);
  for (let left = view.getUint16(36, true); left > 0; left--) {
    const u16 = (offset: number): number => view.getUint16(at + offset, true);
    const u32 = (offset: number): number => view.getUint32(at + offset, true);
    const u64 = (offset: number): bigint => view.getBigUint64(at + offset, true);
    const type = view.getUint8(at);
    const says: Record<number, () => Node['says']> = {
      1: () => ({
        endpoint: u32(4),
        segments: u16(8) + u16(10),
        segment_start: u16(8),
        bdf_start: u16(12),
        bdf_end: u16(14),
        output_node: u16(16),
      }),
      2: () => ({ endpoint: u32(4), base_address: u64(8), output_node: u16(16) }),
      3: () => ({ segment: u16(4), bdf: u16(6) }),
      4: () => ({ base_address: u64(8) }),
    };
    nodes.push({ at, type, length: u16(2), says: says[type]?.() ?? {} });
    at += u16(2);
  }
  expect(at).toBe(table.byteLength);
  return nodes;
};

/** The endpoint ID of a function as Linux computes it; the last range parsed wins. */
const endpointOf = (nodes: readonly Node[], bdf: number): number | undefined => {
  const range = nodes.findLast(
    ({ type, says }) => type === 1 && bdf >= Number(says['bdf_start']) && bdf <= Number(says['bdf_end']),
  );
  return range && bdf - Number(range.says['bdf_start']) + Number(range.says['endpoint']);
};

const IOMMU = 0x10;
const [RNG, DMA, GAP, RNG2, DMA2] = [0x18, 0x20, 0x28, 0x30, 0x38] as const;

describe('viotTable', () => {
  test.each<TopologyName>(['plain', 'iommu-behind-itself', 'all-node-types'])(
    '%s is a well-formed table',
    (topology) => {
      const table = viotTable({ topology });
      expect(Buffer.from(table.subarray(0, 4)).toString()).toBe('VIOT');
      expect(new DataView(table.buffer).getUint32(4, true)).toBe(table.byteLength);
      expect(table[8]).toBe(0);
      expect(table.reduce((sum, byte) => (sum + byte) & 0xff, 0)).toBe(0);
      const nodes = read(table);
      expect(nodes[0]).toEqual({ at: 48, type: 3, length: 16, says: { segment: 0, bdf: IOMMU } });
      expect(nodes.map(({ type, length }) => [type, length])).toEqual(
        nodes.map(({ type }) => [type, type === 1 || type === 2 ? 24 : 16]),
      );
    },
  );

  test.each<TopologyName>(['plain', 'iommu-behind-itself', 'all-node-types'])(
    '%s gives each described slot the ID by which requests name it, and the gap none',
    (topology) => {
      const nodes = read(viotTable({ topology }));
      expect([RNG, DMA, RNG2, DMA2].map((bdf) => endpointOf(nodes, bdf))).toEqual([0x118, 0x120, 0x130, 0x138]);
      expect(endpointOf(nodes, GAP)).toBeUndefined();
      expect(endpointOf(nodes, GAP + 7)).toBeUndefined();
      expect(endpointOf(nodes, DMA2 + 8)).toBeUndefined();
      for (const { type, says } of nodes) if (type === 1) expect(says).toMatchObject({ segments: 0, output_node: 48 });
    },
  );

  test('plain describes two runs of slots and leaves the IOMMU itself out', () => {
    const nodes = read(viotTable({ topology: 'plain' }));
    expect(nodes.map(({ type }) => type)).toEqual([3, 1, 1]);
    expect(endpointOf(nodes, IOMMU)).toBeUndefined();
    expect(endpointOf(nodes, RNG - 1)).toBeUndefined();
  });

  test('iommu-behind-itself covers the function of the IOMMU', () => {
    expect(endpointOf(read(viotTable({ topology: 'iommu-behind-itself' })), IOMMU)).toBe(0x110);
  });

  test('all-node-types puts what Linux skips before the last range', () => {
    const nodes = read(viotTable({ topology: 'all-node-types' }));
    expect(nodes.map(({ type }) => type)).toEqual([3, 1, 2, 0x7f, 4, 1]);
    const [endpoint, mmioIommu] = [nodes[2], nodes[4]];
    expect(endpoint?.says['output_node']).toBe(mmioIommu?.at);
    expect(endpoint?.says['base_address']).not.toBe(mmioIommu?.says['base_address']);
  });
});

describe('mmio', () => {
  test('describes the IOMMU and the endpoints that are there by their windows', () => {
    expect(read(viotTable({ topology: 'mmio' })).map(({ type }) => type)).toEqual([4, 1, 1]);
    const nodes = read(viotTable({ topology: 'mmio', endpoints: [{ slot: 'rng' }, { slot: 'platform' }] }));
    expect(nodes.map(({ type }) => type)).toEqual([4, 1, 1, 2]);
    expect(nodes[0]?.says).toEqual({ base_address: 0x0a00_0000n });
    expect(nodes[3]?.says).toEqual({ endpoint: 0x3_0007, base_address: 0x0a00_1000n, output_node: 48 });
    expect([RNG, DMA, RNG2, DMA2].map((bdf) => endpointOf(nodes, bdf))).toEqual([0x118, 0x120, 0x130, 0x138]);
  });
});

describe('several IOMMUs', () => {
  const COLUMNS = ['endpoint', 'bdf_start', 'bdf_end', 'output_node'] as const;
  const rangesOf = (topology: TopologyName): unknown[] =>
    read(viotTable({ topology }))
      .filter(({ type }) => type === 1)
      .map(({ says }) => COLUMNS.map((column) => says[column]));

  test('two-iommus has a range for each, and the IDs begin anew', () => {
    const nodes = read(viotTable({ topology: 'two-iommus' }));
    expect(nodes.slice(0, 2).map(({ at, says }) => [at, says['bdf']])).toEqual([
      [48, IOMMU],
      [64, 0x40],
    ]);
    expect(rangesOf('two-iommus')).toEqual([
      [0x118, RNG, GAP - 1, 48],
      [0x118, RNG2, DMA2 + 7, 64],
    ]);
  });

  test('three-iommus has the third in a window, with a function and a window behind it', () => {
    const nodes = read(viotTable({ topology: 'three-iommus', endpoints: [{ slot: 'platform' }] }));
    expect(nodes.map(({ type }) => type)).toEqual([3, 3, 4, 1, 1, 1, 2]);
    expect(nodes[2]).toMatchObject({ at: 80, says: { base_address: 0x0a00_0000n } });
    expect(rangesOf('three-iommus').slice(1)).toEqual([
      [0x118, RNG2, DMA2 - 1, 64],
      [0x118, DMA2, DMA2 + 7, 80],
    ]);
    expect(nodes[6]?.says).toEqual({ endpoint: 0x3_0007, base_address: 0x0a00_1000n, output_node: 80 });
  });
});

test('bridged describes the bridge and all of the bus behind it, with IDs of more than 16 bits', () => {
  const nodes = read(viotTable({ topology: 'bridged' }));
  expect([RNG, DMA, 0x48, 0x100, 0x108, 0x110].map((bdf) => endpointOf(nodes, bdf))).toEqual([
    0x118, 0x120, 0x148, 0x7_0000, 0x7_0008, 0x7_0010,
  ]);
  expect([IOMMU, GAP, RNG2, DMA2, 0x200].map((bdf) => endpointOf(nodes, bdf))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

const ODDITIES = Object.keys(DESCRIPTION_ODDITIES).filter(
  (name): name is DescriptionOddity => DESCRIPTION_ODDITIES[name as DescriptionOddity].form === 'viot',
);

/** All nodes but ranges of other segments. */
const inSegment0 = (table: Uint8Array): Node[] =>
  read(table).filter(({ type, says }) => type !== 1 || says['segment_start'] === 0);

describe('an odd table', () => {
  test.each(ODDITIES)('%s: sums up to 0 and says the same', (oddity) => {
    for (const topology of ['plain', 'all-node-types', 'mmio'] as const) {
      const table = viotTable({ topology, oddities: [oddity] });
      expect(table).not.toEqual(viotTable({ topology }));
      expect(new DataView(table.buffer).getUint32(4, true)).toBe(table.byteLength);
      expect(table.reduce((sum, byte) => (sum + byte) & 0xff, 0)).toBe(0);
      const nodes = inSegment0(table);
      expect([RNG, DMA, GAP, RNG2, DMA2].map((bdf) => endpointOf(nodes, bdf))).toEqual([
        0x118,
        0x120,
        undefined,
        0x130,
        0x138,
      ]);
      const places = nodes.map(({ at }) => at);
      for (const { type, says } of nodes) {
        if (type === 1 || type === 2) expect(places).toContain(says['output_node']);
      }
    }
  });

  test('has a range for functions of another segment that covers the gap', () => {
    const nodes = read(viotTable({ topology: 'plain', oddities: ['viot-other-segment'] }));
    expect(nodes.filter(({ says }) => says['segment_start'] === 1).map(({ says }) => says['bdf_start'])).toEqual([0]);
  });

  test('is none where the oddity is one of device trees', () => {
    expect(viotTable({ topology: 'plain', oddities: ['tree-disabled-iommu'] })).toHaveLength(0);
  });
});

test('names windows by the addresses that the machine has for them', () => {
  const windows = {
    'iommu-mmio': { address: 0xfef0_0000, length: 0x1000, interrupt: 0 },
    platform: { address: 0xfef0_1000, length: 0x1000, interrupt: 0 },
    'platform-rng': { address: 0xfef0_2000, length: 0x1000, interrupt: 0 },
  };
  const machine = { topology: 'mmio', endpoints: [{ slot: 'platform' }, { slot: 'platform-rng' }] } as const;
  const addresses = read(viotTable(machine, windows)).flatMap(({ says }) => says['base_address'] ?? []);
  expect(addresses).toEqual([0xfef0_0000n, 0xfef0_1000n, 0xfef0_2000n]);
});

test('a machine with a device tree has no table', () => {
  expect(viotTable({ topology: 'device-tree' })).toHaveLength(0);
});

/** iasl's words for the table of `machine`. */
function disassembled(machine: Described): string {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-'));
  try {
    writeFileSync(join(folder, 'viot.aml'), viotTable(machine));
    const { command, args } = toolProgram('iasl');
    const { stdout, stderr } = spawnSync(command, [...args, '-d', 'viot.aml'], { cwd: folder, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).not.toMatch(/error|invalid|checksum/i);
    return readFileSync(join(folder, 'viot.dsl'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The values of the fields that iasl calls `name`, in the order of the nodes. */
const fields = (machine: Described, name: string): number[] =>
  [...disassembled(machine).matchAll(new RegExp(` ${name} : ([0-9A-F]+)`, 'g'))].map((match) =>
    Number.parseInt(match[1]!, 16),
  );

describe('read back by iasl', needs('iasl'), () => {
  test.each<TopologyName>(['plain', 'iommu-behind-itself', 'all-node-types', 'mmio', 'two-iommus', 'three-iommus'])(
    '%s has the same ranges',
    (topology) => {
      const ranges = read(viotTable({ topology })).filter(({ type }) => type === 1);
      const column = (field: string): unknown[] => ranges.map(({ says }) => says[field]);
      expect(fields({ topology }, 'Endpoint start')).toEqual(column('endpoint'));
      expect(fields({ topology }, 'PCI BDF start')).toEqual(column('bdf_start'));
      expect(fields({ topology }, 'PCI BDF end')).toEqual(column('bdf_end'));
    },
  );

  test('the windows of mmio are where they should be', () => {
    const machine = { topology: 'mmio', endpoints: [{ slot: 'platform' }, { slot: 'platform-rng' }] } as const;
    expect(fields(machine, 'Base address')).toEqual([0x0a00_0000, 0x0a00_1000, 0x0a00_2000]);
    expect(fields(machine, 'Endpoint')).toEqual([0x3_0007, 0x4_0002]);
  });
});
