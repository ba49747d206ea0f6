/** Small programs that tests read our output back with, from the mirror, as a part of the cache. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedPart, type Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { openApt, unpackPackages } from '../../harness/drivers/linux-guest/debian-packages.ts';

const PACKAGES = ['acpica-tools', 'cpio', 'device-tree-compiler', 'pkgconf'];

/** The folder in which they are unpacked, for `debianProgram`. Throws a `HarnessError` if they cannot be had. */
export function debianTestTools(cache: string, progress: Progress): Promise<string> {
  return cachedPart(
    cache,
    {
      name: 'debian-test-tools',
      recipe: `${PACKAGES.join(' + ')}, 1`,
      neededMiB: 100,
      fetches: `The set of small tools (${PACKAGES.join(', ')})`,
      make: async (folder) => {
        const apt = await openApt(join(folder, 'apt'), PACKAGES.join(', '), progress);
        progress(`downloading ${PACKAGES.join(', ')} (about 10 MB)`);
        await unpackPackages(await apt.download(PACKAGES), join(folder, 'root'));
        await rm(join(folder, 'apt'), { recursive: true, force: true });
      },
    },
    progress,
  );
}
