/** Programs of this machine's own Debian release, in a folder: those that start other programs need its own loader and C library. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The last is where libpulse, of an installed system, finds a library of its own. */
const LIBRARIES = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/pulseaudio'];
const OF_THE_C_LIBRARY = /^(libc|libm|libpthread|libdl|librt|ld-linux.*)\.so/;

/** `bookworm`; undefined on a machine that is not Debian. */
export async function ownRelease(file = '/etc/os-release'): Promise<string | undefined> {
  const release = await readFile(file, 'utf8').catch(() => '');
  return /^ID=debian$/m.test(release) ? /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] : undefined;
}

/** Takes the C library out of the packages unpacked in `root`: it has to be the machine's own, as its loader is. */
export async function removeLibc(root: string): Promise<void> {
  for (const libraries of LIBRARIES.map((name) => join(root, name))) {
    const names = await readdir(libraries).catch((): string[] => []);
    for (const name of names.filter((it) => OF_THE_C_LIBRARY.test(it)))
      await rm(join(libraries, name), { force: true });
  }
}

/** The environment in which programs below `root` find the libraries that came with them. */
export const libraryPath = (root: string): Readonly<Record<string, string>> => ({
  LD_LIBRARY_PATH: LIBRARIES.map((name) => join(root, name)).join(':'),
});
