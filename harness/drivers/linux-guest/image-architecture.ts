/** Which processor a kernel image is for. */
import { constants, gunzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import { ELF_MAGIC } from './unpacking.ts';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const DOS_MAGIC = Buffer.from('MZ');

/** `e_machine` of ELF, at byte 18. */
const ELF_MACHINES: ReadonlyMap<number, Architecture> = new Map([
  [62, 'amd64'],
  [183, 'arm64'],
]);
/** `Machine` of PE, 4 bytes behind the place that the bytes from 60 name: every kernel with an EFI stub has it. */
const PE_MACHINES: ReadonlyMap<number, Architecture> = new Map([
  [0x8664, 'amd64'],
  [0xaa64, 'arm64'],
]);

/** Reads it from the first bytes of a bzImage, vmlinux, Image or Image.gz; undefined if they do not say. */
export function imageArchitecture(head: Buffer): Architecture | undefined {
  const starts = (magic: Buffer): boolean => head.subarray(0, magic.length).equals(magic);
  if (starts(GZIP_MAGIC)) return imageArchitecture(gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }));
  if (starts(ELF_MAGIC) && head.length >= 20) return ELF_MACHINES.get(head.readUInt16LE(18));
  if (!starts(DOS_MAGIC) || head.length < 64) return undefined;
  const machineAt = head.readUInt32LE(60) + 4;
  return machineAt + 2 <= head.length ? PE_MACHINES.get(head.readUInt16LE(machineAt)) : undefined;
}
