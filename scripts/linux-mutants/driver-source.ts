/** Where the driver's source comes from. */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, HarnessError } from '../../harness/harness-error.ts';
import type { BuildTree } from './build-tree.ts';
import { DRIVER_FILES, type DriverName } from './driver-files.ts';

export interface DriverSource {
  readonly path: string;
  readonly text: string;
}

/**
 * The driver in `given`, a kernel's source tree or a driver's file; the kernel package's own if left out, or if the file is that of
 * another driver.
 */
export async function driverSource(
  given: string | undefined,
  tree: BuildTree,
  name: DriverName = 'virtio-iommu',
): Promise<DriverSource> {
  const file = DRIVER_FILES[name];
  const isOther =
    given !== undefined && Object.values(DRIVER_FILES).some((it) => it !== file && basename(it) === basename(given));
  const path = given === undefined || isOther ? join(tree.source, file) : await fileIn(given, file);
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new HarnessError(`${path} cannot be read.`, {
      exitCode: EXIT.usage,
      hint: `--source is a ${basename(file)}, or a kernel tree that has ${file}.`,
      cause,
    });
  }
}

async function fileIn(given: string, file: string): Promise<string> {
  const isFolder = await stat(given).then(
    (it) => it.isDirectory(),
    () => false,
  );
  return isFolder ? join(given, file) : given;
}
