/** Where the driver's source comes from. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../../harness/harness-error.ts';
import type { BuildTree } from './build-tree.ts';

const IN_A_KERNEL = 'drivers/iommu/virtio-iommu.c';

export interface DriverSource {
  readonly path: string;
  readonly text: string;
}

/** The driver in `given`, a kernel's source tree or the file itself; the kernel package's own if left out. */
export async function driverSource(given: string | undefined, tree: BuildTree): Promise<DriverSource> {
  const path = given === undefined ? join(tree.source, 'virtio-iommu.c') : await fileIn(given);
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new HarnessError(`${path} cannot be read.`, {
      exitCode: EXIT.usage,
      hint: `--source is a virtio-iommu.c, or a kernel tree that has ${IN_A_KERNEL}.`,
      cause,
    });
  }
}

async function fileIn(given: string): Promise<string> {
  const isFolder = await stat(given).then(
    (it) => it.isDirectory(),
    () => false,
  );
  return isFolder ? join(given, IN_A_KERNEL) : given;
}
