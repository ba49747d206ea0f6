/** Builds a virtio-iommu.ko from a virtio-iommu.c. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { EXIT, HarnessError } from '../../harness/harness-error.ts';
import type { BuildTree } from './build-tree.ts';

const MODULE = 'virtio-iommu';
/** Lines of the compiler's complaint that are shown. */
const COMPLAINT_LINES = 20;

/**
 * Builds in `folder`, which is made, and gives the module's path. `source` is the text of virtio-iommu.c; the headers
 * beside `origin`, where it came from, go before those of the build tree. Throws a `HarnessError` with what the compiler says.
 */
export async function buildModule(tree: BuildTree, folder: string, source: string, origin: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const from of [tree.source, dirname(origin)]) {
    for (const name of await readdir(from)) {
      if (name.endsWith('.h')) await copyFile(join(from, name), join(folder, name));
    }
  }
  await writeFile(join(folder, `${MODULE}.c`), source);
  await writeFile(join(folder, 'Kbuild'), `obj-m := ${MODULE}.o\n`);
  const compiler = process.env['CC'] ?? 'gcc';
  const result = await execa('make', ['-s', '-C', tree.headers, `M=${folder}`, `CC=${compiler}`, 'modules'], {
    reject: false,
    all: true,
    // An outer make, such as the one of a test, would hand its own switches down.
    env: { MAKEFLAGS: '', LC_ALL: 'C' },
  });
  if (!result.failed) return join(folder, `${MODULE}.ko`);
  const says = (result.all ?? result.shortMessage).split('\n').slice(0, COMPLAINT_LINES).join('\n');
  throw new HarnessError(`${origin} cannot be built:\n${says}`, {
    exitCode: EXIT.usage,
    hint: 'It has to suit the kernel it is built for; make and a C compiler are needed (apt-get install make gcc).',
  });
}
