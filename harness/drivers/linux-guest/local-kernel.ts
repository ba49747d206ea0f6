/** Kernels and modules that are given by an address or in an archive, as files of this machine. */
import type { Progress } from './cache-folder.ts';
import { downloaded, isAddress } from './download.ts';
import type { KernelChoice } from './kernel.ts';
import { isFolder } from './kernel-tree.ts';
import { isArchive, unpackedModules } from './module-archive.ts';

/** The choice with files and folders only. Throws a `HarnessError` for what cannot be fetched or unpacked. */
export async function localKernel(choice: KernelChoice, cache: string, progress: Progress): Promise<KernelChoice> {
  const kernel = await local(choice.kernel, cache, progress);
  const modules = await local(choice.modules, cache, progress);
  const isPacked = modules !== undefined && isArchive(modules) && !(await isFolder(modules));
  return { ...choice, kernel, modules: isPacked ? await unpackedModules(modules, cache, progress) : modules };
}

const local = async (word: string | undefined, cache: string, progress: Progress): Promise<string | undefined> =>
  word !== undefined && isAddress(word) ? downloaded(word, cache, progress) : word;
