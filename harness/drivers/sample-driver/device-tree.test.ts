import { describe, expect, it } from 'vitest';
import { readDeviceTree } from './device-tree.ts';
import type { DriverFaultName } from './driver-faults.ts';
import { readTree } from './flattened-tree.ts';

const NO_FAULTS: ReadonlySet<DriverFaultName> = new Set();

type Property = readonly [name: string, value: readonly number[] | string];
interface Node {
  readonly name: string;
  readonly properties: readonly Property[];
  readonly children?: readonly Node[];
}

const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) & 0xff);
const zeroes = (length: number): number[] => Array.from({ length }, () => 0);
const padded = (bytes: readonly number[]): number[] => [...bytes, ...zeroes(-bytes.length & 3)];
const text = (line: string): number[] => [...Buffer.from(`${line}\0`, 'latin1')];

/** A tree put together by hand; names are stored as often as they come. */
function blobOf(root: Node): Uint8Array {
  const names: number[] = [];
  const structure = ({ name, properties, children = [] }: Node): number[] => [
    ...word(1),
    ...padded(text(name)),
    ...properties.flatMap(([property, value]) => {
      const bytes = typeof value === 'string' ? text(value) : value.flatMap(word);
      const nameAt = names.length;
      names.push(...text(property));
      return [...word(3), ...word(bytes.length), ...word(nameAt), ...padded(bytes)];
    }),
    ...children.flatMap(structure),
    ...word(2),
  ];
  const nodes = [...structure(root), ...word(9)];
  const header = [0xd00d_feed, 0, 56, 56 + nodes.length, 40, 17, 16, 0, 0, nodes.length].flatMap(word);
  return Uint8Array.from([...header, ...zeroes(16), ...nodes, ...names]);
}

const IOMMU: Node = {
  name: 'iommu@2',
  properties: [
    ['compatible', 'virtio,pci-iommu'],
    ['reg', [0x1000, 0, 0, 0, 0]],
    ['#iommu-cells', [1]],
    ['phandle', [7]],
  ],
};

/** An IOMMU that somebody else drives, whose endpoints have two cells. */
const FOREIGN: Node = {
  name: 'smmu@9',
  properties: [
    ['compatible', 'arm,smmu-v2'],
    ['#iommu-cells', [2]],
    ['phandle', [9]],
  ],
};

const REG: Property = ['reg', [0, 0xa00_1000, 0, 0x1000]];
const ENDPOINT: Node = { name: 'dma-engine@a001000', properties: [REG, ['iommus', [7, 0x30007]]] };

const treeWith = (
  bridge: readonly Property[],
  children: readonly Node[] = [],
  inside: readonly Node[] = [IOMMU],
): Uint8Array =>
  blobOf({
    name: '',
    properties: [['#address-cells', [2]]],
    children: [{ name: 'pcie@0', properties: bridge, children: inside }, ...children],
  });

const disabled = (node: Node, status = 'disabled'): Node => ({
  ...node,
  properties: [...node.properties, ['status', status]],
});

/** The endpoint with these entries of iommus. */
const behind = (...iommus: number[]): Node => ({ ...ENDPOINT, properties: [REG, ['iommus', iommus]] });

/** A root complex with buses 0x20 to 0x2f. */
const second = (domain: number): Node => ({
  name: 'pcie@1',
  properties: [
    ['iommu-map', [0x2000, 7, 0x900, 0x100]],
    ['bus-range', [0x20, 0x2f]],
    ['linux,pci-domain', [domain]],
  ],
});

const MAP: Property = ['iommu-map', [0x18, 7, 0x5_0000, 0x10, 0x30, 7, 0x10, 8, 0x40, 8, 0, 8]];

/** The ID of an endpoint with these entries of iommus, in a tree with a foreign IOMMU beside ours. */
const idBehind = (faults: ReadonlySet<DriverFaultName>, ...iommus: number[]): number | undefined =>
  readDeviceTree(treeWith([], [FOREIGN, behind(...iommus)]), faults).windowAt(0xa00_1000)?.id;

describe('a device tree', () => {
  it('names the IOMMU by its requester ID, and functions by their entries', () => {
    const { iommus, functionAt } = readDeviceTree(treeWith([MAP]), NO_FAULTS);
    expect(iommus).toEqual([{ bdf: 0x10 }]);
    expect([0x17, 0x18, 0x27, 0x28, 0x30].map((rid) => functionAt(rid)?.id)).toEqual([
      undefined,
      0x5_0000,
      0x5_000f,
      undefined,
      0x10,
    ]);
  });

  it('says nothing of functions behind an IOMMU that it does not describe', () => {
    expect(readDeviceTree(treeWith([MAP]), NO_FAULTS).functionAt(0x40)).toBeUndefined();
  });

  it('hides bits of the requester ID by a mask', () => {
    const { functionAt } = readDeviceTree(treeWith([MAP, ['iommu-map-mask', [0xffdf]]]), NO_FAULTS);
    expect([0x18, 0x38, 0x30].map((rid) => functionAt(rid)?.id)).toEqual([0x5_0000, 0x5_0000, undefined]);
  });

  it('knows windows of registers by their addresses', () => {
    const beside: Node[] = [
      {
        name: 'a',
        properties: [
          ['compatible', 'virtio,mmio'],
          ['reg', [0, 0xa00_0000, 0, 0x1000]],
          ['#iommu-cells', [1]],
          ['phandle', [7]],
        ],
      },
      {
        name: 'b',
        properties: [
          ['reg', [1, 0x2000, 0, 0x1000]],
          ['iommus', [7, 0x30007]],
        ],
      },
      {
        name: 'c',
        properties: [
          ['reg', [0, 0x3000, 0, 0x1000]],
          ['iommus', [8, 1]],
        ],
      },
    ];
    const tree = readDeviceTree(treeWith([MAP], beside, []), NO_FAULTS);
    expect(tree.iommus).toEqual([{ window: 0xa00_0000 }]);
    expect([0x1_0000_2000, 0x3000, 0x4000].map((address) => tree.windowAt(address)?.id)).toEqual([
      0x30007,
      undefined,
      undefined,
    ]);
  });

  describe.each([['without a mistake'], ['tree-status-ignored']] as const)(
    'with nodes that are disabled, read %s',
    (how) => {
      const faults = new Set(how === 'tree-status-ignored' ? [how] : []);
      const ids = (blob: Uint8Array): (number | undefined)[] => {
        const { functionAt, windowAt } = readDeviceTree(blob, faults);
        return [functionAt(0x18)?.id, windowAt(0xa00_1000)?.id];
      };
      const isBlind = faults.size > 0;
      const found = [0x5_0000, 0x30007];

      it('takes neither a disabled IOMMU, nor a disabled endpoint, nor what is below a disabled bridge', () => {
        expect(ids(treeWith([MAP], [ENDPOINT], [disabled(IOMMU)]))).toEqual(isBlind ? found : [undefined, undefined]);
        expect(ids(treeWith([MAP], [disabled(ENDPOINT, 'fail')]))).toEqual(isBlind ? found : [0x5_0000, undefined]);
        expect(ids(treeWith([MAP, ['status', 'disabled']], [ENDPOINT]))).toEqual(
          isBlind ? found : [undefined, undefined],
        );
      });

      it('takes what says that it is enabled', () => {
        expect(ids(treeWith([MAP, ['status', 'okay']], [disabled(ENDPOINT, 'ok')]))).toEqual(found);
      });
    },
  );

  it('may name foreign IOMMUs beside ours, with as many cells as they have', () => {
    expect(idBehind(NO_FAULTS, 9, 1, 2, 7, 0x30007)).toBe(0x30007);
    expect(idBehind(NO_FAULTS, 9, 7, 2, 7, 0x30007)).toBe(0x30007);
    expect(idBehind(NO_FAULTS, 9, 1, 2)).toBeUndefined();
    expect(idBehind(NO_FAULTS, 99, 1, 7, 0x30007)).toBeUndefined();
    expect(idBehind(new Set(['iommus-first-entry-only']), 9, 1, 2, 7, 0x30007)).toBeUndefined();
    expect(idBehind(new Set(['iommu-cells-ignored']), 9, 1, 7, 7, 0x30007)).toBe(7);
  });

  it('may map functions to foreign IOMMUs, whose rows are as long as their cells', () => {
    const map: Property = ['iommu-map', [0x8, 9, 0x100, 1, 0x10, 0x18, 7, 0x5_0000, 0x10]];
    const blob = treeWith([map], [FOREIGN]);
    const idsIn = (faults: ReadonlySet<DriverFaultName>): (number | undefined)[] =>
      [0x8, 0x18].map((rid) => readDeviceTree(blob, faults).functionAt(rid)?.id);
    expect(idsIn(NO_FAULTS)).toEqual([undefined, 0x5_0000]);
    expect(idsIn(new Set(['iommu-cells-ignored']))).toEqual([undefined, undefined]);
  });

  it('may have several root complexes, each with buses of its own', () => {
    const bridge: Property[] = [MAP, ['bus-range', [0, 0x1f]]];
    const idIn = (faults: ReadonlySet<DriverFaultName>, domain: number): number | undefined =>
      readDeviceTree(treeWith(bridge, [second(domain)]), faults).functionAt(0x2008)?.id;
    expect(idIn(NO_FAULTS, 0)).toBe(0x908);
    expect(idIn(NO_FAULTS, 1)).toBeUndefined();
    expect(idIn(new Set(['second-bridge-ignored']), 0)).toBeUndefined();
  });

  it('may be cut off anywhere', () => {
    const whole = treeWith([MAP]);
    for (let length = 0; length < whole.byteLength; length++) {
      expect(() => readDeviceTree(whole.subarray(0, length), NO_FAULTS).functionAt(0x18)).not.toThrow();
    }
  });

  it('may be garbage, and nested without end', () => {
    for (const byte of [0x00, 0x01, 0x03, 0x30, 0xff]) {
      const blob = treeWith([MAP]).fill(byte, 56);
      expect(readTree(blob)).toEqual([]);
    }
    const deep = Uint8Array.from({ length: 40_000 }, (_, at) => (at % 8 === 3 ? 1 : 0));
    deep.set(treeWith([]).subarray(0, 40));
    expect(readTree(deep).length).toBeLessThan(40);
  });
});
