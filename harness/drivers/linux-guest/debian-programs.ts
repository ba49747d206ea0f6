/** QEMU with its libraries and two unpackers, as a part of the cache that comes from the mirror. */
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { PackageSource } from './apt-configuration.ts';
import { OWN_PROGRAMS_HINT } from './apt-mirror.ts';
import { ARCHITECTURES } from './architecture.ts';
import { cachedPart, type Progress } from './cache-folder.ts';
import { openApt, unpackPackages } from './debian-packages.ts';
import { counted } from '../../../reference-device/counted.ts';

const LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/seabios'];
const LOADER = 'lib64/ld-linux-x86-64.so.2';

/** A program with the words that come before its arguments. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The folder in which QEMU for guests of the source's architecture, xz and zstd of Debian are unpacked.
 * Throws a `HarnessError` if they cannot be had.
 */
export function debianTools(
  cache: string,
  progress: Progress,
  { architecture = 'amd64', mirror }: PackageSource = {},
): Promise<string> {
  const packages = [ARCHITECTURES[architecture].emulatorPackage, 'xz-utils', 'zstd'];
  return cachedPart(
    cache,
    {
      name: architecture === 'amd64' ? 'debian-tools' : `debian-tools-${architecture}`,
      recipe: `${packages.join(' + ')}, 1`,
      neededMiB: 500,
      fetches: `QEMU for ${architecture}`,
      make: async (folder) => {
        const apt = await openApt(join(folder, 'apt'), 'QEMU', progress, { mirror });
        progress('downloading QEMU and its libraries (about 32 MB)');
        const files = await apt.download(packages);
        progress(`unpacking ${counted(files.length, 'package')}`);
        await unpackPackages(files, join(folder, 'root'));
        await rm(join(folder, 'apt'), { recursive: true, force: true });
      },
    },
    progress,
  );
}

/** A program of `debianTools`, run through Debian's own loader: the machine's C library may be older. */
export async function debianProgram(tools: string, name: string): Promise<Program> {
  const root = join(tools, 'root');
  const loader = await firstOf([join(root, 'usr', LOADER), join(root, LOADER)]);
  const libraries = LIBRARY_FOLDERS.map((folder) => join(root, folder)).join(':');
  return { command: loader, args: ['--library-path', libraries, join(root, 'usr/bin', name)] };
}

async function firstOf(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  throw new HarnessError(`The packages from the mirror have no ${LOADER}.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: OWN_PROGRAMS_HINT,
  });
}
