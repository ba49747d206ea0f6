/** What it takes to build a driver's module for one of Debian's kernels, as a part of the harness's cache. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { HarnessError } from '../../harness/harness-error.ts';
import { cachedPart, type Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { type Apt, openApt, unpackPackages } from '../../harness/drivers/linux-guest/debian-packages.ts';
import { DRIVER_FILES } from './driver-files.ts';
import { debianProgram, debianTools, type Program } from '../../harness/drivers/linux-guest/debian-programs.ts';

export interface BuildTree {
  /** The header package of the kernel's flavour, for `make -C`. */
  readonly headers: string;
  /** The kernel's source, as far as the drivers need it: `DRIVER_FILES`, and what is beside virtio-iommu.c. */
  readonly source: string;
}

/** Programs of the header packages that a build runs; Debian's are shell scripts that choose the one behind the name. */
const HOST_PROGRAMS = [
  { path: 'scripts/basic/fixdep', real: 'scripts/basic/fixdep' },
  { path: 'scripts/mod/modpost', real: 'scripts/mod/modpost.real-lsb-64' },
  { path: 'tools/objtool/objtool', real: 'tools/objtool/objtool.real-x86' },
];

/** An option of GCC 14, for which the kernel's own Makefile has a substitute where the compiler does not know it. */
const NEW_COMPILER_OPTION = /^CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=.*\n/m;

/** `release` is that of a cloud kernel, such as 6.12.107+deb13-cloud-amd64. Throws a `HarnessError` if it cannot be had. */
export async function buildTree(release: string, cache: string, progress: Progress): Promise<BuildTree> {
  const [, version, series] = /^((\d+\.\d+)[^-]*)-cloud-amd64$/.exec(release) ?? [];
  if (version === undefined || series === undefined) {
    throw new HarnessError(`Only modules of Debian's cloud kernels can be built, and ${release} is none.`);
  }
  const tools = await debianTools(cache, progress);
  const part = {
    name: `module-build-${release}`,
    // The programs are run by absolute paths.
    recipe: `headers and drivers, 2, in ${cache}`,
    neededMiB: 600,
    fetches: 'What a module is built from',
    make: async (folder: string) => {
      const apt = await openApt(join(folder, 'apt'), 'building a module', progress);
      await obtainHeaders(apt, folder, [release, `${version}-common`, version], progress);
      await adaptHeaders(folder, release, version, tools);
      await obtainSource(apt, folder, series, await debianProgram(tools, 'xz'), progress);
      await rm(join(folder, 'apt'), { recursive: true, force: true });
    },
  };
  const folder = await cachedPart(cache, part, progress);
  return { headers: join(folder, 'root/usr/src', `linux-headers-${release}`), source: join(folder, 'source') };
}

async function obtainHeaders(
  apt: Apt,
  folder: string,
  [flavour, common, kbuild]: readonly [string, string, string],
  progress: Progress,
): Promise<void> {
  progress('downloading the kernel headers (about 16 MB)');
  const names = [`linux-headers-${flavour}`, `linux-headers-${common}`, `linux-kbuild-${kbuild}`];
  const files = await Promise.all(names.map((name) => apt.downloadAlone(name)));
  await unpackPackages(files, join(folder, 'root'));
}

/** The packages are made for an installed Debian of the same release; this lets them work from a folder on an older one. */
async function adaptHeaders(folder: string, release: string, version: string, tools: string): Promise<void> {
  const root = join(folder, 'root');
  const headers = join(root, 'usr/src', `linux-headers-${release}`);
  await edit(join(headers, 'Makefile'), (text) => text.replaceAll('/usr/src', join(root, 'usr/src')));
  await edit(join(headers, 'include/config/auto.conf'), (text) => text.replace(NEW_COMPILER_OPTION, ''));
  // With it there, the build wants pahole, to describe the module's types.
  await rm(join(headers, 'vmlinux'), { force: true });
  const kbuild = join(root, 'usr/lib', `linux-kbuild-${version}`);
  for (const { path, real } of HOST_PROGRAMS) {
    const program = join(kbuild, `${real}.elf`);
    await rename(join(kbuild, real), program);
    const words = await loaded(tools, program);
    await writeFile(join(kbuild, path), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }
}

/** How a shell runs `program` with Debian's own C library. */
async function loaded(tools: string, program: string): Promise<string> {
  const { command, args } = await debianProgram(tools, 'xz');
  return [command, ...args.slice(0, -1), program].map((word) => `'${word}'`).join(' ');
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

async function obtainSource(apt: Apt, folder: string, series: string, xz: Program, progress: Progress): Promise<void> {
  progress(`downloading the source of Linux ${series} (about 160 MB), of which two drivers are kept`);
  const aside = join(folder, 'source-package');
  await unpackPackages([await apt.downloadAlone(`linux-source-${series}`)], aside);
  const archive = join(aside, 'usr/src', `linux-source-${series}.tar.xz`);
  const target = join(folder, 'source');
  await mkdir(target, { recursive: true });
  const unpack = ['-I', [xz.command, ...xz.args].join(' '), '-xf', archive, '-C', target, '--strip-components=1'];
  const result = await execa(
    'tar',
    [
      ...unpack,
      '--wildcards',
      '--no-wildcards-match-slash',
      '*/drivers/iommu/*.[ch]',
      '*/drivers/virtio/virtio_mmio.c',
    ],
    {
      reject: false,
    },
  );
  await rm(aside, { recursive: true, force: true });
  const missing = Object.values(DRIVER_FILES).find((file) => !existsSync(join(target, file)));
  if (!result.failed && missing === undefined) return;
  throw new HarnessError(`The source package of Linux ${series} has no ${missing ?? 'driver'} that tar can get out.`);
}
