/** Builds the module of a driver from its source. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { EXIT, HarnessError } from '../../harness/harness-error.ts';
import type { BuildTree } from './build-tree.ts';
import { DRIVER_FILES, type DriverName } from './driver-files.ts';
import type { DriverSource } from './driver-source.ts';

/** Lines of the compiler's complaint that are shown. */
const COMPLAINT_LINES = 20;

/**
 * Builds the module `name` in `folder`, which is made, and gives its path. The headers beside the source's path go before those of
 * the build tree. Throws a `HarnessError` with what the compiler says.
 */
export async function buildModule(
  tree: BuildTree,
  folder: string,
  source: DriverSource,
  name: DriverName = 'virtio-iommu',
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const from of [dirname(join(tree.source, DRIVER_FILES[name])), dirname(source.path)]) {
    for (const file of await readdir(from)) {
      if (file.endsWith('.h')) await copyFile(join(from, file), join(folder, file));
    }
  }
  await writeFile(join(folder, `${name}.c`), source.text);
  await writeFile(join(folder, 'Kbuild'), `obj-m := ${name}.o\n`);
  const compiler = process.env['CC'] ?? 'gcc';
  const result = await execa('make', ['-s', '-C', tree.headers, `M=${folder}`, `CC=${compiler}`, 'modules'], {
    reject: false,
    all: true,
    // An outer make, such as the one of a test, would hand its own switches down.
    env: { MAKEFLAGS: '', LC_ALL: 'C' },
  });
  if (!result.failed) return join(folder, `${name}.ko`);
  const says = (result.all ?? result.shortMessage).split('\n').slice(0, COMPLAINT_LINES).join('\n');
  throw new HarnessError(`${source.path} cannot be built:\n${says}`, {
    exitCode: EXIT.usage,
    hint: 'It has to suit the kernel it is built for; make and a C compiler are needed (apt-get install make gcc).',
  });
}
