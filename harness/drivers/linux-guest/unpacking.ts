/** Taking compressed kernels and modules apart: with Node, a tool of this machine, or one from the mirror. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { makeTemporaryFolder } from '../../temporary-folder.ts';
import type { PackageSource } from './apt-configuration.ts';
import type { Progress } from './cache-folder.ts';
import { debianProgram, debianTools, type Program } from './debian-programs.ts';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
export const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

type ToolName = 'xz' | 'zstd';

export interface Unpacker {
  /** `packed` uncompressed; what follows the compressed part is ignored. Throws a `HarnessError` if it cannot be. */
  unpack(tool: ToolName, packed: Buffer): Promise<Buffer>;
}

/** What `program -dc` makes of `packed`; undefined if it makes nothing of it or cannot be started. */
async function decompress(program: Program, packed: Buffer): Promise<Buffer | undefined> {
  const folder = await makeTemporaryFolder();
  const file = join(folder.path, 'unpacked');
  try {
    // Into a file: collecting a whole kernel from a pipe takes seconds. Both tools complain about what follows the
    // compressed part after having written all of it, so what counts is whether something was written.
    const stdout = { file };
    await execa(program.command, [...program.args, '-dc'], { input: packed, stdout, buffer: false, reject: false });
    const unpacked = await readFile(file).catch(() => undefined);
    return unpacked?.length === 0 ? undefined : unpacked;
  } finally {
    await folder.remove();
  }
}

/** An unpacker that uses `xz` and `zstd` of this machine, and gets them from the mirror where they are missing. */
export function openUnpacker(cache: string, progress: Progress, source: PackageSource = {}): Unpacker {
  return {
    unpack: async (tool, packed) => {
      const own = await decompress({ command: tool, args: [] }, packed);
      if (own !== undefined) return own;
      const program = await debianProgram(await debianTools(cache, progress, source), tool);
      const unpacked = await decompress(program, packed);
      if (unpacked !== undefined) return unpacked;
      throw new HarnessError(`A part of the kernel is not what ${tool} understands.`, {
        exitCode: EXIT.driverDidNotStart,
        hint: 'Give an uncompressed kernel (vmlinux) with --kernel and uncompressed modules with --modules.',
      });
    },
  };
}

/** The content of a module's file, by the ending of its name. */
export async function readModule(file: string, unpacker: Unpacker): Promise<Buffer> {
  const bytes = await readFile(file);
  if (file.endsWith('.xz')) return unpacker.unpack('xz', bytes);
  if (file.endsWith('.zst')) return unpacker.unpack('zstd', bytes);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/**
 * The kernel proper inside a bzImage, which boots faster because the guest need not unpack it under emulation.
 * Undefined if `image` has no zstd payload, or none that is an ELF file: it then boots as it is.
 */
export async function vmlinuxInside(image: Buffer, unpacker: Unpacker): Promise<Buffer | undefined> {
  const at = image.indexOf(ZSTD_MAGIC);
  if (at < 0) return undefined;
  const unpacked = await unpacker.unpack('zstd', image.subarray(at)).catch(() => undefined);
  return unpacked?.subarray(0, 4).equals(ELF_MAGIC) ? unpacked : undefined;
}
