/** Writes flattened device trees, version 17 of the format (Devicetree Specification, chapter 5). Everything is big-endian. */

/** A node with its properties, each as it lies in the blob. */
export interface TreeNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, Uint8Array>>;
  readonly children?: readonly TreeNode[];
}

const MAGIC = 0xd00d_feed;
const VERSION = 17;
/** A reader of version 16 understands the blob too. */
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_BYTES = 40;
/** One empty entry: no memory is reserved. */
const RESERVATION_BYTES = 16;

const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_END = 9;

/** 32-bit cells. */
export function cells(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [at, value] of values.entries()) view.setUint32(4 * at, value);
  return new Uint8Array(view.buffer);
}

/** Strings, each with its terminator. ASCII only. */
export function strings(...texts: readonly string[]): Uint8Array {
  const codes = texts.flatMap((text) => [...Array.from(text, (letter) => letter.charCodeAt(0)), 0]);
  return Uint8Array.from(codes);
}

/** A property that says all by being there. */
export const flag = (): Uint8Array => new Uint8Array(0);

const padded = (bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
};

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Names of properties, each stored once. */
class NameBlock {
  readonly #offsets = new Map<string, number>();
  #length = 0;

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.#length;
    this.#offsets.set(name, offset);
    this.#length += name.length + 1;
    return offset;
  }

  get bytes(): Uint8Array {
    return strings(...this.#offsets.keys());
  }
}

function* structure(node: TreeNode, names: NameBlock): Generator<Uint8Array> {
  yield cells(FDT_BEGIN_NODE);
  yield padded(strings(node.name));
  for (const [name, value] of Object.entries(node.properties)) {
    yield cells(FDT_PROP, value.length, names.offsetOf(name));
    yield padded(value);
  }
  for (const child of node.children ?? []) yield* structure(child, names);
  yield cells(FDT_END_NODE);
}

/** The blob of the tree under `root`, whose own name is ''. */
export function flattenedTree(root: TreeNode): Uint8Array {
  const names = new NameBlock();
  const nodes = joined([...structure(root, names), cells(FDT_END)]);
  const nameBytes = names.bytes;
  const structureAt = HEADER_BYTES + RESERVATION_BYTES;
  const namesAt = structureAt + nodes.length;
  const header = cells(
    MAGIC,
    namesAt + nameBytes.length,
    structureAt,
    namesAt,
    HEADER_BYTES,
    VERSION,
    LAST_COMPATIBLE_VERSION,
    0,
    nameBytes.length,
    nodes.length,
  );
  return joined([header, new Uint8Array(RESERVATION_BYTES), nodes, nameBytes]);
}
