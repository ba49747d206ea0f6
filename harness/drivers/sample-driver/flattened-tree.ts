/** A flattened device tree (Devicetree Specification, chapter 5). Everything in it is big-endian. */

/** A node; `properties` are views into the blob. */
export interface TreeNode {
  readonly name: string;
  readonly parent: TreeNode | undefined;
  readonly properties: ReadonlyMap<string, DataView>;
}

const MAGIC = 0xd00d_feed;
const HEADER_LENGTH = 40;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const NOP = 4;

/** Nodes deeper than this belong to no machine. */
const MOST_LEVELS = 32;

interface Growing extends TreeNode {
  readonly properties: Map<string, DataView>;
}

/** All nodes, parents before children. What lies outside of the blob or makes no sense ends the reading. */
export function readTree(blob: Uint8Array): TreeNode[] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.byteLength < HEADER_LENGTH || view.getUint32(0) !== MAGIC) return [];
  const namesAt = view.getUint32(12);
  const nodes: Growing[] = [];
  const path: Growing[] = [];
  let at = view.getUint32(8);
  while (at + 4 <= view.byteLength && path.length <= MOST_LEVELS) {
    const token = view.getUint32(at);
    at += 4;
    if (token === BEGIN_NODE) {
      const name = textAt(blob, at);
      if (name === undefined) break;
      at += (name.length + 4) & ~3;
      const node = { name, parent: path.at(-1), properties: new Map<string, DataView>() };
      nodes.push(node);
      path.push(node);
    } else if (token === END_NODE) path.pop();
    else if (token === PROPERTY) {
      if (at + 8 > view.byteLength) break;
      const length = view.getUint32(at);
      const name = textAt(blob, namesAt + view.getUint32(at + 4));
      if (name === undefined || at + 8 + length > view.byteLength) break;
      path.at(-1)?.properties.set(name, new DataView(blob.buffer, blob.byteOffset + at + 8, length));
      at += 8 + Math.ceil(length / 4) * 4;
    } else if (token !== NOP) break;
  }
  return nodes;
}

/** The text that begins at `at` and ends with a zero; undefined if it does not. */
function textAt(blob: Uint8Array, at: number): string | undefined {
  const end = blob.indexOf(0, at);
  if (at >= blob.byteLength || end < 0) return undefined;
  return String.fromCharCode(...blob.subarray(at, Math.min(end, at + 256)));
}

/** The property as 32-bit cells; none if it is not there. */
export function cellsOf(node: TreeNode | undefined, name: string): number[] {
  const property = node?.properties.get(name);
  if (!property) return [];
  return Array.from({ length: property.byteLength >> 2 }, (_, index) => property.getUint32(4 * index));
}

/** The property as strings; none if it is not there. */
export function stringsOf(node: TreeNode, name: string): string[] {
  const property = node.properties.get(name);
  if (!property) return [];
  const bytes = new Uint8Array(property.buffer, property.byteOffset, property.byteLength);
  return String.fromCharCode(...bytes.subarray(0, 4096))
    .split('\0')
    .slice(0, -1);
}
