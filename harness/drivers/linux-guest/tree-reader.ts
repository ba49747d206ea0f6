/** Reads flattened device trees of version 17 (Devicetree Specification, chapter 5), such as QEMU writes. Everything is big-endian. */
import type { TreeNode } from '../../../reference-device/topology/flattened-tree.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';

const MAGIC = 0xd00d_feed;
/** Places of the header's fields. */
const STRUCTURE_AT = 8;
const NAMES_AT = 12;
const HEADER_BYTES = 40;

const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_NOP = 4;

const broken = (says: string): HarnessError =>
  new HarnessError(`QEMU's device tree cannot be read: ${says}.`, { exitCode: EXIT.driverDidNotStart });

/** The tree in `blob`, from its root. Throws a `HarnessError` that says what is wrong with a blob that is none. */
export function readTree(blob: Buffer): TreeNode {
  if (blob.length < HEADER_BYTES || blob.readUInt32BE(0) !== MAGIC) throw broken('it does not begin like one');
  const reader = new TreeReader(blob);
  try {
    if (reader.cell() === FDT_BEGIN_NODE) return reader.node();
  } catch (error) {
    if (error instanceof RangeError) throw broken('it ends too early');
    throw error;
  }
  throw broken('it has no root');
}

class TreeReader {
  readonly #blob: Buffer;
  readonly #namesAt: number;
  #at: number;

  constructor(blob: Buffer) {
    this.#blob = blob;
    this.#at = blob.readUInt32BE(STRUCTURE_AT);
    this.#namesAt = blob.readUInt32BE(NAMES_AT);
  }

  cell(): number {
    const value = this.#blob.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  /** A node, behind the token that begins it. */
  node(): TreeNode {
    const name = this.#textAt(this.#at);
    this.#skip(name.length + 1);
    const properties: Record<string, Uint8Array> = {};
    const children: TreeNode[] = [];
    for (let token = this.cell(); token !== FDT_END_NODE; token = this.cell()) {
      if (token === FDT_PROP) {
        const [property, value] = this.#property();
        properties[property] = value;
      } else if (token === FDT_BEGIN_NODE) children.push(this.node());
      else if (token !== FDT_NOP) throw broken(`a node has the token ${token}`);
    }
    return { name, properties, children };
  }

  #property(): [name: string, value: Uint8Array] {
    const length = this.cell();
    const name = this.#textAt(this.#namesAt + this.cell());
    const value = Uint8Array.from(this.#blob.subarray(this.#at, this.#at + length));
    if (value.length < length) throw broken('a property leaves it');
    this.#skip(length);
    return [name, value];
  }

  #textAt(from: number): string {
    const end = this.#blob.indexOf(0, from);
    if (end < 0) throw broken('a name has no end');
    return this.#blob.toString('latin1', from, end);
  }

  /** Goes on behind `length` bytes, at the next multiple of four. */
  #skip(length: number): void {
    this.#at = (this.#at + length + 3) & ~3;
  }
}
