import { expect, test } from 'vitest';
import {
  cells,
  flag,
  flattenedTree,
  strings,
  type TreeNode,
} from '../../../reference-device/topology/flattened-tree.ts';
import { HarnessError } from '../../harness-error.ts';
import { readTree } from './tree-reader.ts';

const TREE: TreeNode = {
  name: '',
  properties: { compatible: strings('linux,dummy-virt'), '#address-cells': cells(2) },
  children: [
    { name: 'soc', properties: { ranges: flag(), model: strings('abc') }, children: [] },
    { name: 'pcie@10000000', properties: { reg: cells(1, 2, 3) }, children: [] },
  ],
};

const blob = (): Buffer => Buffer.from(flattenedTree(TREE));

test('reads what was written', () => {
  expect(readTree(blob())).toEqual(TREE);
});

test('passes over empty tokens', () => {
  const tree = blob();
  const root = tree.readUInt32BE(8);
  // The token and the empty name of the root, moved to the front by one cell.
  const nop = Buffer.concat([tree.subarray(0, root + 8), Buffer.from([0, 0, 0, 4]), tree.subarray(root + 8)]);
  nop.writeUInt32BE(nop.readUInt32BE(12) + 4, 12);
  expect(readTree(nop)).toEqual(TREE);
});

test.each([
  ['nothing', Buffer.alloc(0), 'it does not begin like one'],
  ['another file', Buffer.alloc(64, 1), 'it does not begin like one'],
  ['half a tree', blob().subarray(0, 80), /it ends too early|a name has no end|leaves it/],
])('says what is wrong with %s', (_, bytes, says) => {
  expect(() => readTree(bytes)).toThrow(HarnessError);
  expect(() => readTree(bytes)).toThrow(says);
});

test('refuses a tree without a root, and a token that nobody knows', () => {
  const rootless = blob();
  rootless.writeUInt32BE(9, rootless.readUInt32BE(8));
  expect(() => readTree(rootless)).toThrow('it has no root');
  const strange = blob();
  strange.writeUInt32BE(7, strange.readUInt32BE(8) + 8);
  expect(() => readTree(strange)).toThrow('a node has the token 7');
});
