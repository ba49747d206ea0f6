/** A built tree of Linux: where its image is, what it is called, and which modules it has. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { KernelFiles } from './debian-kernel.ts';
import { moduleSource, RELEASE_FILE } from './kernel-modules.ts';

/** Where the build leaves an image that QEMU boots, in the order of looking. */
const IMAGES = ['arch/x86/boot/bzImage', 'arch/arm64/boot/Image', 'arch/arm64/boot/Image.gz'];

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (it) => it.isDirectory(),
    () => false,
  );

/** The image of the kernel that was built in `tree`. Throws a `HarnessError` if none was. */
export async function imageInTree(tree: string): Promise<string> {
  for (const image of IMAGES.map((name) => join(tree, name))) {
    const isThere = await stat(image).then(
      (it) => it.isFile(),
      () => false,
    );
    if (isThere) return image;
  }
  throw new HarnessError(`The folder ${tree} holds no kernel that was built: there is none of ${IMAGES.join(', ')}.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: '--kernel takes an image, a tree of Linux in which make was run, or the name of a suite.',
  });
}

/** The kernel that was built in `tree`; its modules are there as well. */
export async function kernelInTree(tree: string): Promise<KernelFiles> {
  const image = await imageInTree(tree);
  const release = await readFile(join(tree, RELEASE_FILE), 'utf8').catch(() => '');
  return { image, modules: tree, release: release.trim() || 'of unknown release' };
}

/** What changes whenever one of the modules does, of which the time of the image says nothing. */
export async function stampOf(folder: string): Promise<string> {
  const { files } = await moduleSource(folder, () => Promise.reject(new Error('assertion: nothing is read')));
  const stats = await Promise.all([...files.values()].map((file) => stat(file).catch(() => undefined)));
  return stats.map((it) => `${it?.size} ${it?.mtimeMs}`).join('\n');
}
