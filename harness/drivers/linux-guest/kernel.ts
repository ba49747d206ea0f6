/** The guest's kernel: the user's, one of this machine, or Debian's from the mirror, made ready to boot. */
import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { jsonValue } from '../../../reports/words/json-value.ts';
import { didYouMean } from '../../../reports/words/nearest.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { SUITE } from './apt-configuration.ts';
import type { Architecture } from './architecture.ts';
import { cachedPart, type Progress } from './cache-folder.ts';
import { debianKernel, KERNEL_NAMES, kernelNamed, type KernelFiles } from './debian-kernel.ts';
import { isAddress } from './download.ts';
import { imageArchitecture } from './image-architecture.ts';
import { type LoadableModule, modulesInOrder, moduleSource } from './kernel-modules.ts';
import { kernelOptions, requireOptions } from './kernel-options.ts';
import { imageInTree, isFolder, kernelInTree, stampOf } from './kernel-tree.ts';
import { withOwnModule } from './own-module.ts';
import { openUnpacker, readModule, type Unpacker, vmlinuxInside } from './unpacking.ts';

/** Changes with what `unpackKernel` leaves behind. */
const RECIPE = 'vmlinux and modules, 6';
/** The modules of a prepared kernel in their order. */
const ORDER_FILE = 'order.json';
const Order = z.object({
  modules: z.array(z.object({ name: z.string(), parameters: z.string() })),
  absent: z.array(z.string()),
});

/** Enough of an image to tell its processor. */
const HEAD_BYTES = 4096;

/** A kernel that is ready to boot. */
export interface GuestKernel {
  readonly release: string;
  readonly image: string;
  readonly modules: readonly LoadableModule[];
  /** Names of the optional modules that it has in no form. */
  readonly absentModules: readonly string[];
  /** Set if a module is not the packaged one: its name, and the first digits of its SHA-256. */
  readonly ownModule?: { readonly name: string; readonly digest: string };
}

/** The user's own change under their names. */
type ChosenFiles = KernelFiles & { readonly stamp?: string };

export interface KernelChoice {
  /** --kernel: an image, a built tree, or the name of a suite whose kernel the mirror has, such as `trixie` or `trixie:arm64`. */
  readonly kernel?: string | undefined;
  /** --modules: a folder laid out as /lib/modules/RELEASE, whose name is the release. */
  readonly modules?: string | undefined;
  /** --module: a virtio-iommu.ko or virtio_mmio.ko that takes the place of the kernel's own. */
  readonly module?: string | undefined;
  /** --mirror: where a kernel is obtained that is not here. */
  readonly mirror?: string | undefined;
}

/** The processor that the chosen kernel is for; where an image does not say, this machine's. */
export async function architectureOf({ kernel }: KernelChoice): Promise<Architecture> {
  const named = kernelNamed(kernel);
  if (named || kernel === undefined) return named?.architecture ?? 'amd64';
  const image = (await isFolder(kernel)) ? await imageInTree(kernel) : kernel;
  const head = await headOf(image).catch(() => Buffer.alloc(0));
  return imageArchitecture(head) ?? 'amd64';
}

/** Throws a `HarnessError` for a `--kernel` that is neither a file nor the name of a suite. */
export function requireKnownKernel({ kernel }: KernelChoice): void {
  if (kernel === undefined || isAddress(kernel) || kernelNamed(kernel) !== undefined || existsSync(kernel)) return;
  throw new HarnessError(`--kernel is '${kernel}'; there is neither such a file nor a suite of that name.`, {
    exitCode: EXIT.usage,
    hint: didYouMean(kernel, KERNEL_NAMES) ?? `Kernels can be obtained of ${KERNEL_NAMES.join(', ')}.`,
  });
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * The kernel to use: the user's `choice` if given, a suitable one of this machine, or Debian's from the mirror.
 * Throws a `HarnessError` if the choice is no good or none can be had.
 */
export async function findKernel(choice: KernelChoice, cache: string, progress: Progress): Promise<GuestKernel> {
  const { module, mirror } = choice;
  if (module !== undefined)
    await requireReadable(module, 'Give the path of a virtio-iommu.ko or virtio_mmio.ko with --module.');
  const named = kernelNamed(choice.kernel);
  if (named && choice.modules !== undefined) {
    throw new HarnessError(
      `The kernel of ${choice.kernel} comes with its modules; --modules is for an image of your own.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
  const files = named
    ? await debianKernel(named.suite, cache, progress, { architecture: named.architecture, mirror })
    : ((await chosenKernel(choice)) ??
      (await machineKernel()) ??
      (await debianKernel(SUITE, cache, progress, { mirror })));
  const unpacker = openUnpacker(cache, progress, { architecture: await architectureOf(choice), mirror });
  const kernel = await prepareKernel(files, unpacker, cache, progress);
  if (module === undefined) return kernel;
  return withOwnModule(kernel, module, await readModule(module, unpacker));
}

async function chosenKernel({ kernel, modules }: KernelChoice): Promise<ChosenFiles | undefined> {
  if (kernel === undefined && modules === undefined) return undefined;
  if (kernel !== undefined && modules === undefined && (await isFolder(kernel))) {
    const files = await kernelInTree(kernel);
    return { ...files, stamp: await stampOf(files.modules) };
  }
  if (kernel === undefined || modules === undefined) {
    throw new HarnessError('--kernel and --modules belong together, and one of them is missing.', {
      exitCode: EXIT.usage,
      hint: 'Give the image with --kernel and its folder under /lib/modules with --modules, or a built tree with --kernel alone.',
    });
  }
  const hint = 'Kernels in /boot can often be read by root only: copy the image to a place where you can read it.';
  for (const path of [kernel, modules]) await requireReadable(path, hint);
  const image = (await isFolder(kernel)) ? await imageInTree(kernel) : kernel;
  return { image, modules, release: basename(resolve(modules)), stamp: await stampOf(modules) };
}

async function requireReadable(path: string, hint: string): Promise<void> {
  if (await isReadable(path)) return;
  throw new HarnessError(`${path} cannot be read.`, { exitCode: EXIT.usage, hint });
}

const isReadable = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  );

/** The newest kernel of this machine that has the driver as a module and whose image may be read. */
async function machineKernel(modulesRoot = '/lib/modules', bootFolder = '/boot'): Promise<KernelFiles | undefined> {
  const releases = await readdir(modulesRoot).catch((): string[] => []);
  for (const release of releases.toSorted(byVersion).toReversed()) {
    const image = join(bootFolder, `vmlinuz-${release}`);
    const modules = join(modulesRoot, release);
    const drivers = await readdir(join(modules, 'kernel/drivers/iommu')).catch((): string[] => []);
    if (drivers.some((file) => file.startsWith('virtio-iommu.ko')) && (await isReadable(image))) {
      return { image, modules, release };
    }
  }
  return undefined;
}

/** Orders kernel releases by their numbers: 6.9 comes before 6.12. */
export const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** Unpacks the image and the modules once per kernel; a changed file is another kernel. */
async function prepareKernel(
  files: ChosenFiles,
  unpacker: Unpacker,
  cache: string,
  progress: Progress,
): Promise<GuestKernel> {
  const { size, mtimeMs } = await stat(files.image);
  // Another version of this program may be running from another recipe, so that one has a folder of its own.
  const facts = [
    RECIPE,
    files.image,
    files.modules,
    size,
    mtimeMs,
    ...(files.stamp === undefined ? [] : [files.stamp]),
  ];
  const key = createHash('sha256').update(facts.join('\n')).digest('hex');
  const folder = await cachedPart(
    cache,
    {
      name: `kernel-${key.slice(0, 16)}`,
      recipe: RECIPE,
      neededMiB: 100,
      make: (folder) => {
        progress(`unpacking the kernel ${files.release}`);
        return unpackKernel(files, folder, unpacker);
      },
    },
    progress,
  );
  return { release: files.release, image: join(folder, 'kernel'), ...(await readModules(folder)) };
}

async function unpackKernel(files: KernelFiles, folder: string, unpacker: Unpacker): Promise<void> {
  const image = await readFile(files.image);
  const architecture = imageArchitecture(image.subarray(0, HEAD_BYTES)) ?? 'amd64';
  const bootable = (architecture === 'amd64' && (await vmlinuxInside(image, unpacker))) || image;
  const parts = { release: files.release, imagePath: files.image, image: bootable, modules: files.modules };
  requireOptions(files.release, await kernelOptions(parts), architecture);
  await writeFile(join(folder, 'kernel'), bootable);
  const source = await moduleSource(files.modules, (file) => readModule(file, unpacker));
  const { modules, absent } = await modulesInOrder(source);
  await mkdir(join(folder, 'modules'), { recursive: true });
  for (const { name, image } of modules) await writeFile(join(folder, 'modules', `${name}.ko`), image);
  const order = { modules: modules.map(({ name, parameters }) => ({ name, parameters })), absent };
  await writeFile(join(folder, ORDER_FILE), JSON.stringify(order));
}

async function readModules(folder: string): Promise<Pick<GuestKernel, 'modules' | 'absentModules'>> {
  const read = jsonValue(await readFile(join(folder, ORDER_FILE), 'utf8'));
  const order = Order.safeParse('value' in read ? read.value : undefined).data;
  if (!order) {
    throw new HarnessError(`The kernel in the cache is damaged: ${join(folder, ORDER_FILE)} is not what was written.`, {
      exitCode: EXIT.driverDidNotStart,
      hint: `Remove ${folder}; the next run makes it again.`,
    });
  }
  const image = (name: string): Promise<Buffer> => readFile(join(folder, 'modules', `${name}.ko`));
  const modules = await Promise.all(order.modules.map(async (it) => ({ ...it, image: await image(it.name) })));
  return { modules, absentModules: order.absent };
}
