/** The QEMU to ask: the one that the Linux guest uses. */
import { execa } from 'execa';
import { cachePath, type Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import type { Program } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { findQemu } from '../../harness/drivers/linux-guest/qemu.ts';

/** What `program` calls itself: one line. */
export async function versionOf(program: Program): Promise<string> {
  const { stdout } = await execa(program.command, [...program.args, '--version'], { stdin: 'ignore', timeout: 30_000 });
  return stdout.split('\n', 1).join();
}

/** A QEMU, fetched if need be. Throws a `HarnessError` if none can be had. */
export const anyQemu = (progress: Progress): Promise<Program> => findQemu(undefined, cachePath(), progress);
