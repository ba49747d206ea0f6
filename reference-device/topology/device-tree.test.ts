import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { needs, toolProgram } from '../../scripts/test-tools/needs.ts';
import { IOMMU_BDF, isPciSlot, SLOTS, type TopologyName, type Windows } from '../machine-setup.ts';
import { deviceTree, treeOfMachine } from './device-tree.ts';
import { cells, flattenedTree, strings, type TreeNode } from './flattened-tree.ts';
import { DESCRIPTION_ODDITIES, type DescriptionOddity } from './oddities.ts';
import { type Described, describedId, pciSlotsOf, slotBdf, TOPOLOGIES } from './topologies.ts';

const TREES: readonly TopologyName[] = ['device-tree', 'device-tree-mmio', 'offset-ids', 'masked'];

interface Node {
  readonly path: string;
  readonly properties: Map<string, DataView>;
}

/** A reader of its own, by the Devicetree Specification. */
function nodesOf(blob: Uint8Array): Node[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const text = (at: number): string => Buffer.from(blob.subarray(at, blob.indexOf(0, at))).toString();
  const structureAt = view.getUint32(8);
  const namesAt = view.getUint32(12);
  const nodes: Node[] = [];
  const path: Node[] = [];
  for (let at = structureAt; ; ) {
    const token = view.getUint32(at);
    at += 4;
    if (token === 9) {
      expect(at).toBe(structureAt + view.getUint32(36));
      return nodes;
    }
    if (token === 2) path.pop();
    if (token === 1) {
      const name = text(at);
      at += (name.length + 4) & ~3;
      const node = { path: `${path.at(-1)?.path ?? ''}/${name}`, properties: new Map<string, DataView>() };
      path.push(node);
      nodes.push(node);
    }
    if (token === 3) {
      const length = view.getUint32(at);
      const name = text(namesAt + view.getUint32(at + 4));
      path.at(-1)?.properties.set(name, new DataView(blob.buffer, blob.byteOffset + at + 8, length));
      at += 8 + ((length + 3) & ~3);
    }
  }
}

/** 32-bit cells; none for a property that is not there. */
const cellsOf = (view: DataView | undefined): number[] =>
  Array.from({ length: (view?.byteLength ?? 0) / 4 }, (_, at) => view!.getUint32(4 * at));

const read = (topology: TopologyName): Node[] => nodesOf(deviceTree({ topology })!);

const find = (nodes: readonly Node[], name: string): Node | undefined =>
  nodes.find(({ path }) => path.split('/').at(-1)?.startsWith(`${name}@`));

/** The ID that a reader of `iommu-map` comes to. */
function idOf(nodes: readonly Node[], rid: number): number | undefined {
  const bridge = find(nodes, 'pcie')!.properties;
  const [mask = 0xffff] = cellsOf(bridge.get('iommu-map-mask'));
  const map = cellsOf(bridge.get('iommu-map'));
  for (let at = 0; at < map.length; at += 4) {
    const [base = 0, , first = 0, length = 0] = map.slice(at, at + 4);
    if ((rid & mask) >= base && (rid & mask) < base + length) return (rid & mask) - base + first;
  }
  return undefined;
}

describe.each(TREES)('%s', (topology) => {
  it('is a blob of version 17 that is as long as it says', () => {
    const blob = deviceTree({ topology })!;
    const view = new DataView(blob.buffer);
    expect([0, 4, 20, 24].map((at) => view.getUint32(at))).toEqual([0xd00d_feed, blob.byteLength, 17, 16]);
  });

  it('gives every endpoint the ID by which requests name it, and the IOMMU none', () => {
    const nodes = read(topology);
    for (const slot of Object.keys(SLOTS).filter(isPciSlot)) {
      expect(idOf(nodes, SLOTS[slot].bdf)).toBe(describedId(slot, topology));
    }
    expect(idOf(nodes, IOMMU_BDF)).toBeUndefined();
    const withEngine = nodesOf(deviceTree({ topology, endpoints: [{ slot: 'platform' }] })!);
    const iommus = cellsOf(find(withEngine, 'dma-engine')?.properties.get('iommus'));
    expect(iommus[1]).toBe(describedId('platform', topology));
  });

  it('has one IOMMU, to which everything points', () => {
    const nodes = read(topology);
    const iommus = nodes.filter(({ properties }) => properties.has('#iommu-cells'));
    const [phandle] = cellsOf(iommus[0]?.properties.get('phandle'));
    expect(iommus).toHaveLength(1);
    expect(iommus[0]?.properties.has('iommus')).toBe(false);
    expect(cellsOf(find(nodes, 'pcie')?.properties.get('iommu-map')).filter((_, at) => at % 4 === 1)).toEqual(
      TOPOLOGIES[topology].iommus[0].map.tuples.map(() => phandle),
    );
  });

  it('is read back by dtc without a complaint of its own', needs('dtc'), () => {
    const { command, args } = toolProgram('dtc');
    const { status, stdout, stderr } = spawnSync(command, [...args, '-I', 'dtb', '-O', 'dts', '-'], {
      input: deviceTree({ topology })!,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('#iommu-cells = <0x01>;');
    const map = read(topology).flatMap(({ properties }) => cellsOf(properties.get('iommu-map')));
    const shown = /iommu-map = <([^>]*)>/.exec(stdout)?.[1]?.split(' ').map(Number);
    expect(shown).toEqual(map);
  });
});

const ODDITIES = Object.keys(DESCRIPTION_ODDITIES).filter(
  (name): name is DescriptionOddity => DESCRIPTION_ODDITIES[name as DescriptionOddity].form === 'device-tree',
);

/** The nodes of an odd tree that have a status. */
const statuses = (oddity: DescriptionOddity): string[] =>
  nodesOf(deviceTree({ topology: 'plain', oddities: [oddity] })!)
    .filter(({ properties }) => properties.has('status'))
    .map(({ path }) => path.split('/').at(-1) ?? '');

describe('an odd tree', () => {
  it.each([...ODDITIES.map((oddity) => [oddity]), ODDITIES])('is read back by dtc: %s', needs('dtc'), (...oddities) => {
    const { command, args } = toolProgram('dtc');
    for (const topology of ['plain', 'device-tree', 'two-root-complexes'] as const) {
      const input = deviceTree({ topology, oddities })!;
      const { status, stderr } = spawnSync(command, [...args, '-I', 'dtb', '-O', 'dts', '-'], { input });
      expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
    }
  });

  it('has what is disabled beside what counts', () => {
    expect(ODDITIES.slice(0, 3).map(statuses)).toEqual([['iommu@8'], ['dma-engine@a001000'], ['pcie@40000000']]);
  });

  it('has entries of as many cells as the IOMMU has that they refer to, and the same behind them', () => {
    const before = cellsOf(find(read('device-tree'), 'pcie')?.properties.get('iommu-map'));
    const odd = nodesOf(
      deviceTree({
        topology: 'device-tree',
        oddities: ['tree-foreign-iommu', 'tree-foreign-iommu-of-one-cell'],
        endpoints: [{ slot: 'platform' }],
      })!,
    );
    const map = cellsOf(find(odd, 'pcie')?.properties.get('iommu-map'));
    expect(map).toEqual([0x28, 0x20, 0, 0x28, 8, 0x28, 0x21, 0x28, 8, ...before]);
    expect(cellsOf(find(odd, 'dma-engine')?.properties.get('iommus'))).toEqual([0x20, 0, 1, 0x21, 2, 2, 0x3_0007]);
  });
});

it('has a root complex for each run of buses, with the functions there in its own map', () => {
  const bridges = read('two-root-complexes').filter(({ path }) => /\/pcie@[^/]*$/.test(path));
  const columns = ['bus-range', 'iommu-map'].map((name) =>
    bridges.map(({ properties }) => cellsOf(properties.get(name))),
  );
  expect(columns).toEqual([
    [
      [0, 0],
      [0x20, 0x2f],
    ],
    [
      [0x18, 2, 0x118, 0x10],
      [0x2000, 2, 0x9000, 0x1000],
    ],
  ]);
  expect(describedId('dma2', 'two-root-complexes')).toBe(0x9138);
});

it('puts the IOMMU where the topology says: below the bridge, or beside it', () => {
  expect(find(read('device-tree'), 'iommu')?.path).toBe('//pcie@3f000000/iommu@2');
  expect(cellsOf(find(read('device-tree'), 'iommu')?.properties.get('reg'))[0]).toBe(IOMMU_BDF << 8);
  expect(find(read('device-tree-mmio'), 'virtio_mmio')?.path).toBe('//virtio_mmio@a000000');
});

it('refers from each entry and each endpoint to its own IOMMU', () => {
  const nodes = nodesOf(deviceTree({ topology: 'device-tree-iommus', endpoints: [{ slot: 'platform' }] })!);
  const iommus = nodes.filter(({ properties }) => properties.has('#iommu-cells'));
  const phandles = new Map(iommus.map(({ path, properties }) => [cellsOf(properties.get('phandle'))[0], path]));
  expect([...phandles.values()]).toEqual([
    '//virtio_mmio@a000000',
    '//pcie@3f000000/iommu@2',
    '//pcie@3f000000/iommu@8',
  ]);
  const map = cellsOf(find(nodes, 'pcie')?.properties.get('iommu-map'));
  const rows = [0, 4, 8]
    .map((at) => map.slice(at, at + 4))
    .map(([rid, to, id, length]) => [rid, phandles.get(to), id, length]);
  expect(rows).toEqual([
    [SLOTS.rng.bdf, '//pcie@3f000000/iommu@2', 0x118, 16],
    [SLOTS.rng2.bdf, '//pcie@3f000000/iommu@8', 0x118, 8],
    [SLOTS.dma2.bdf, '//virtio_mmio@a000000', 0x118, 8],
  ]);
  const [behind, id] = cellsOf(find(nodes, 'dma-engine')?.properties.get('iommus'));
  expect([phandles.get(behind), id]).toEqual(['//virtio_mmio@a000000', 0x3_0007]);
});

it('makes two functions one endpoint in masked', () => {
  expect(describedId('rng', 'masked')).toBe(describedId('dma2', 'masked'));
  expect(describedId('rng', 'masked')).not.toBe(describedId('gap', 'masked'));
});

it('is not there for a topology that is about ACPI', () => {
  expect(deviceTree({ topology: 'all-node-types' })).toBeUndefined();
});

describe("a whole machine's tree", () => {
  /** What matters of QEMU's: a root complex, and phandles that are taken. */
  const MACHINE: TreeNode = {
    name: '',
    properties: { compatible: strings('linux,dummy-virt') },
    children: [
      { name: 'intc@8000000', properties: { phandle: cells(0x8002) }, children: [] },
      {
        name: 'pcie@10000000',
        properties: { compatible: strings('pci-host-ecam-generic'), 'msi-map': cells(0, 0x8002, 0, 0x1_0000) },
        children: [],
      },
    ],
  };
  const described = (topology: TopologyName, endpoints: Described['endpoints'] = []): Node[] =>
    nodesOf(flattenedTree(treeOfMachine(MACHINE, { topology, endpoints }, ELSEWHERE)));
  const ELSEWHERE: Windows = {
    'iommu-mmio': { address: 0x3000_0000, length: 0x1000, interrupt: 3 },
    platform: { address: 0x3000_1000, length: 0x1000, interrupt: 4 },
    'platform-rng': { address: 0x3000_2000, length: 0x1000, interrupt: 5 },
  };

  it.each(['device-tree', 'offset-ids', 'masked', 'plain', 'bridged', 'two-iommus'] as const)(
    'gives the functions of %s the IDs by which requests name them',
    (topology) => {
      for (const slot of pciSlotsOf(topology)) {
        expect(idOf(described(topology), slotBdf(slot, topology))).toBe(describedId(slot, topology));
      }
    },
  );

  it('keeps what is there, and names the IOMMUs by phandles that are free', () => {
    const nodes = described('two-iommus');
    const bridge = find(nodes, 'pcie')!.properties;
    expect(cellsOf(bridge.get('msi-map'))).toEqual([0, 0x8002, 0, 0x1_0000]);
    const iommus = nodes.filter(({ properties }) => properties.has('#iommu-cells'));
    expect(iommus.map(({ path }) => path)).toEqual(['//pcie@10000000/iommu@2', '//pcie@10000000/iommu@8']);
    expect(iommus.map(({ properties }) => cellsOf(properties.get('phandle'))[0])).toEqual([0x8003, 0x8004]);
    expect(cellsOf(bridge.get('iommu-map')).filter((_, at) => at % 4 === 1)).toEqual([0x8003, 0x8004]);
  });

  it('has an IOMMU in the window that the machine has for it', () => {
    const window = find(described('device-tree-iommus'), 'virtio_mmio');
    expect(window?.path).toBe('//virtio_mmio@30000000');
    expect(cellsOf(window?.properties.get('interrupts'))).toEqual([0, 3, 4]);
    expect(idOf(described('device-tree-iommus'), SLOTS.dma2.bdf)).toBe(describedId('dma2', 'device-tree-iommus'));
  });

  it('has the endpoint in a window that the machine has, and no other', () => {
    const window = find(described('plain', [{ slot: 'platform-rng' }]), 'virtio_mmio');
    expect(window?.path).toBe('//virtio_mmio@30002000');
    expect(cellsOf(window?.properties.get('iommus'))).toEqual([0x8003, describedId('platform-rng', 'plain')]);
    expect(find(described('plain'), 'virtio_mmio')).toBeUndefined();
  });

  it('has a mask where the topology has one, and no endpoint in a window that is not there', () => {
    expect(cellsOf(find(described('masked'), 'pcie')?.properties.get('iommu-map-mask'))).toEqual([0xffdf]);
    expect(find(described('device-tree'), 'dma-engine')).toBeUndefined();
  });
});
