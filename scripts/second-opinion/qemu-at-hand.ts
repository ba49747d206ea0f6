/** The QEMU to ask: the one that the Linux guest uses. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cachePath, type Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import type { Program } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { findQemu, whyTooOld } from '../../harness/drivers/linux-guest/qemu.ts';

const ON_PATH: Program = { command: 'qemu-system-x86_64', args: [] };
/** Stands in a part of the cache that is whole. */
const CACHED = ['debian-tools', 'complete'] as const;

/** What `program` calls itself: one line. */
export async function versionOf(program: Program): Promise<string> {
  const { stdout } = await execa(program.command, [...program.args, '--version'], { stdin: 'ignore', timeout: 30_000 });
  return stdout.split('\n', 1).join();
}

/** A QEMU that is there already, in the cache or on PATH; undefined if one would have to be fetched. */
export async function qemuAtHand(progress: Progress): Promise<Program | undefined> {
  const cache = cachePath();
  const isCached = await access(join(cache, ...CACHED)).then(
    () => true,
    () => false,
  );
  if (isCached) return findQemu(undefined, cache, progress);
  const says = await versionOf(ON_PATH).catch(() => '');
  return whyTooOld(says) === undefined ? ON_PATH : undefined;
}

/** A QEMU, fetched if need be. Throws a `HarnessError` if none can be had. */
export const anyQemu = (progress: Progress): Promise<Program> => findQemu(undefined, cachePath(), progress);
