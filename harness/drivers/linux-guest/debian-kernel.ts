/** Kernels from the mirror, each a part of the cache. */
import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { BACKPORTS, type PackageSource, SUITE } from './apt-configuration.ts';
import { OWN_PROGRAMS_HINT } from './apt-mirror.ts';
import { type Architecture, ARCHITECTURES, isArchitecture } from './architecture.ts';
import { cachedPart, type Progress } from './cache-folder.ts';
import { type Apt, openApt, unpackPackages } from './debian-packages.ts';

export interface KernelFiles {
  /** The bzImage or Image. */
  readonly image: string;
  /** The folder of its modules, as /lib/modules/RELEASE. */
  readonly modules: string;
  readonly release: string;
}

/** Suites whose kernels can be had, by the name that the user gives them, each with the release whose packages it is among. */
const SUITES = {
  [SUITE]: SUITE,
  [BACKPORTS]: SUITE,
  bookworm: 'bookworm',
  'bookworm-backports': 'bookworm',
  testing: 'testing',
  unstable: 'unstable',
} as const;

export type KernelSuite = keyof typeof SUITES;
export const KERNEL_SUITES = Object.keys(SUITES) as readonly KernelSuite[];
/** Every kernel that can be had, by the name that the user gives it. */
export const KERNEL_NAMES = KERNEL_SUITES.flatMap((suite) => [suite, `${suite}:arm64`]);

export interface SuiteAndArchitecture {
  readonly suite: KernelSuite;
  readonly architecture: Architecture;
}

/** What `trixie` or, with an architecture as Debian writes it, `trixie:arm64` means; undefined if it names no suite. */
export function kernelNamed(name: string | undefined): SuiteAndArchitecture | undefined {
  const [suiteName, architecture = 'amd64', ...more] = name?.split(':') ?? [];
  const suite = KERNEL_SUITES.find((it) => it === suiteName);
  if (suite === undefined || more.length > 0) return undefined;
  if (isArchitecture(architecture)) return { suite, architecture };
  throw new HarnessError(
    `The Linux guest is not made for ${architecture}; ${suite} can be had for ${Object.keys(ARCHITECTURES).join(' and ')}.`,
    { exitCode: EXIT.usage },
  );
}

/** The parts of a kernel since 7.1; before, the image package has everything. */
const PART_OF_KERNEL = /^linux-(image|binary|modules|base)-\d/;

/** The kernel of a suite. Throws a `HarnessError` if it cannot be had. */
export async function debianKernel(
  suite: KernelSuite,
  cache: string,
  progress: Progress,
  { architecture = 'amd64', mirror }: PackageSource = {},
): Promise<KernelFiles> {
  const { kernelPackage } = ARCHITECTURES[architecture];
  const own = architecture === 'amd64' ? '' : `-${architecture}`;
  const folder = await cachedPart(
    cache,
    {
      name: `debian-kernel${own}${suite === SUITE ? '' : `-${suite}`}`,
      recipe: `${kernelPackage}, ${suite === SUITE ? '1' : suite}`,
      neededMiB: 300,
      fetches: `The kernel of ${suite} for ${architecture}`,
      make: async (folder) => {
        const apt = await openApt(join(folder, 'apt'), 'a kernel', progress, {
          suite: SUITES[suite],
          architecture,
          mirror,
        });
        const packages = await kernelPackages(apt, kernelPackage, suite);
        if (packages.length === 0) throw noKernel(suite);
        progress(`downloading ${packages.join(', ')} (about 34 MB)`);
        const files = await Promise.all(packages.map((name) => apt.downloadAlone(name)));
        await unpackPackages(files, join(folder, 'root'));
        await rm(join(folder, 'apt'), { recursive: true, force: true });
      },
    },
    progress,
  );
  // Before Debian 13 they were in /lib.
  const modules = await firstOf(['root/usr/lib/modules', 'root/lib/modules'].map((path) => join(folder, path)));
  const [release] = modules === undefined ? [] : await readdir(modules);
  if (modules === undefined || release === undefined) throw noKernel(suite);
  const image = await firstOf([join(folder, 'root/boot', `vmlinuz-${release}`), join(modules, release, 'vmlinuz')]);
  if (image === undefined) throw noKernel(suite);
  return { image, modules: join(modules, release), release };
}

/** The package that the meta package stands for, and those that it is split into. */
async function kernelPackages(apt: Apt, metaPackage: string, suite: KernelSuite): Promise<string[]> {
  const partsOf = async (name: string): Promise<string[]> =>
    (await apt.dependencies(name, suite)).filter((needed) => PART_OF_KERNEL.test(needed));
  const whole = await partsOf(metaPackage);
  const parts = await Promise.all(whole.map(partsOf));
  return [...new Set([...whole, ...parts.flat()])];
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

const noKernel = (suite: KernelSuite): HarnessError =>
  new HarnessError(`The mirror has no kernel for cloud machines in ${suite} that this tool knows how to use.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: OWN_PROGRAMS_HINT,
  });
