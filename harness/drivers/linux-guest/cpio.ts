/** Writes cpio archives of the `newc` kind, which the kernel unpacks as its initial file system. */

/** What one name in the archive is. A path has no leading slash; its folders have to come before it. */
export type CpioEntry =
  | { readonly path: string; readonly kind: 'folder' }
  | { readonly path: string; readonly kind: 'file'; readonly data: Uint8Array; readonly executable?: boolean }
  | { readonly path: string; readonly kind: 'character-device'; readonly major: number; readonly minor: number };

const MAGIC = '070701';
const HEADER_BYTES = 110;
const ALIGNMENT = 4;
const TRAILER = 'TRAILER!!!';

const MODE = { folder: 0o040755, file: 0o100644, executable: 0o100755, 'character-device': 0o020600 } as const;

/** The archive that holds `entries`, in their order, owned by root and dated 1970. */
export function cpioArchive(entries: readonly CpioEntry[]): Buffer {
  const members = entries.map((entry, index) => member(entry, index + 1));
  return Buffer.concat([...members.flat(), ...record({ path: TRAILER, inode: 0, mode: 0, links: 1 })]);
}

function member(entry: CpioEntry, inode: number): Buffer[] {
  const { path } = entry;
  if (entry.kind === 'folder') return record({ path, inode, mode: MODE.folder, links: 2 });
  if (entry.kind === 'character-device') {
    return record({ path, inode, mode: MODE['character-device'], links: 1, device: [entry.major, entry.minor] });
  }
  return record({ path, inode, mode: entry.executable ? MODE.executable : MODE.file, links: 1, data: entry.data });
}

interface Record {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly data?: Uint8Array;
  readonly device?: readonly [number, number];
}

/** Header and name together are padded to four bytes, and so is the data. */
function record({ path, inode, mode, links, data = new Uint8Array(), device = [0, 0] }: Record): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const owner = 0;
  const changedAt = 0;
  const home = [0, 0];
  const checksum = 0;
  const fields = [inode, mode, owner, owner, links, changedAt, data.length, ...home, ...device, name.length, checksum];
  const header = Buffer.from(MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join(''));
  return [header, name, padding(HEADER_BYTES + name.length), Buffer.from(data), padding(data.length)];
}

const padding = (length: number): Buffer => Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);
