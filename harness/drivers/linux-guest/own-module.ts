/** A rebuilt virtio-iommu.ko or virtio_mmio.ko that runs in place of the one that came with the kernel. */
import { createHash } from 'node:crypto';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { GuestKernel } from './kernel.ts';
import { DRIVER_MODULE, moduleDependencies, moduleInfo, WINDOW_MODULE } from './kernel-modules.ts';
import { ELF_MAGIC } from './unpacking.ts';

const REBUILD_HINT = 'Build it against the headers of this very kernel; scripts/linux-mutants/README.md shows how.';

/** The modules that can be replaced, with the option that makes each a module. */
const REPLACEABLE = { [DRIVER_MODULE]: 'CONFIG_VIRTIO_IOMMU', [WINDOW_MODULE]: 'CONFIG_VIRTIO_MMIO' } as const;

const isReplaceable = (name: string): name is keyof typeof REPLACEABLE => Object.hasOwn(REPLACEABLE, name);

const unfit = (sentence: string, hint = REBUILD_HINT): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, hint });

/**
 * `kernel` with the uncompressed module `image`, read from `file`, as its virtio-iommu driver or its virtio-mmio transport; the name
 * in the module says which. Signed it need not be.
 * Throws a `HarnessError` that says why the kernel would not take it.
 */
export function withOwnModule(kernel: GuestKernel, file: string, image: Buffer): GuestKernel {
  if (!image.subarray(0, 4).equals(ELF_MAGIC)) throw unfit(`${file} is not a kernel module: it is no ELF file.`);
  const name = moduleInfo(image, 'name');
  if (name === undefined || !isReplaceable(name)) {
    throw unfit(
      `${file} is neither of the modules ${Object.keys(REPLACEABLE).join(' and ')}: its name is ${name ?? 'nowhere in it'}.`,
    );
  }
  const packaged = kernel.modules.find((module) => module.name === name);
  if (!packaged) {
    throw unfit(
      `The kernel ${kernel.release} has no module ${name} that this one could take the place of.`,
      `Use a kernel with ${REPLACEABLE[name]}=m.`,
    );
  }
  requireSameKernel(kernel, file, { own: image, packaged: packaged.image });
  const loaded = new Set(kernel.modules.map((module) => module.name));
  const missing = moduleDependencies(image).find((needed) => !loaded.has(needed));
  if (missing !== undefined) throw unfit(`${file} needs the module ${missing}, which the guest does not load.`);
  const digest = createHash('sha256').update(image).digest('hex').slice(0, 8);
  return {
    ...kernel,
    modules: kernel.modules.map((module) => (module === packaged ? { ...module, image } : module)),
    ownModule: { name, digest },
  };
}

/** The kernel compares the two strings itself, and refuses the module with no more than "Exec format error". */
function requireSameKernel(kernel: GuestKernel, file: string, images: { own: Buffer; packaged: Buffer }): void {
  const built = moduleInfo(images.own, 'vermagic')?.trim();
  const wanted = moduleInfo(images.packaged, 'vermagic')?.trim();
  if (built === wanted) return;
  throw unfit(
    `${file} is built for another kernel than ${kernel.release}: its vermagic is '${built ?? ''}', and has to be '${wanted ?? ''}'.`,
  );
}
