/** Options of a kernel's configuration: where they are written down, and which of those that the guest needs are missing. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { Architecture } from './architecture.ts';

/** `y`, `m` or a value, by the name without CONFIG_; what is not set is not there. */
export type KernelOptions = ReadonlyMap<string, string>;

/** Without them the guest does not come up, or has no driver to test. */
const NEEDED: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['BLK_DEV_INITRD', 'PCI', 'ACPI', 'SERIAL_8250_CONSOLE', 'ACPI_VIOT'],
  arm64: ['BLK_DEV_INITRD', 'PCI', 'SERIAL_AMBA_PL011_CONSOLE', 'PCI_HOST_GENERIC', 'ARM_GIC_V3_ITS'],
};
/** As options name what modules are called. */
export const MODULE_OPTIONS: Readonly<Record<string, string>> = {
  virtio_pci: 'VIRTIO_PCI',
  virtio_iommu: 'VIRTIO_IOMMU',
  virtio_rng: 'HW_RANDOM_VIRTIO',
  vfio_pci: 'VFIO_PCI',
  vfio_iommu_type1: 'VFIO_IOMMU_TYPE1',
};

/** Bytes of a configuration at most, unpacked; the largest there are have 300 KB. */
const TEXT_MAX = 4 << 20;

/** The options that are set in the text of a .config. */
export function optionsIn(text: string): KernelOptions {
  return new Map([...text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

/** Where the options of a kernel are found: its release, the folder of its modules, and its image as it boots, unpacked. */
export interface KernelParts {
  readonly release: string;
  readonly imagePath: string;
  readonly image: Buffer;
  readonly modules: string;
}

/**
 * From `config-RELEASE` beside the image (Debian), `.config` or `config` in the folder of modules (a built tree, Fedora), or from
 * the image (CONFIG_IKCONFIG). Undefined where nothing tells.
 */
export async function kernelOptions({
  release,
  imagePath,
  image,
  modules,
}: KernelParts): Promise<KernelOptions | undefined> {
  for (const path of [
    join(dirname(imagePath), `config-${release}`),
    join(modules, '.config'),
    join(modules, 'config'),
  ]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    const options = text === undefined ? undefined : optionsIn(text.slice(0, TEXT_MAX));
    if (options && options.size > 0) return options;
  }
  return optionsInImage(image);
}

const MARK = Buffer.from('IKCFG_ST');

/** Of an image that is not compressed and has its configuration with it (CONFIG_IKCONFIG). */
function optionsInImage(image: Buffer): KernelOptions | undefined {
  const at = image.indexOf(MARK);
  if (at < 0) return undefined;
  const end = image.indexOf('IKCFG_ED', at);
  if (end < 0) return undefined;
  try {
    return optionsIn(
      gunzipSync(image.subarray(at + MARK.length, end), { maxOutputLength: TEXT_MAX }).toString('latin1'),
    );
  } catch {
    return undefined;
  }
}

/** Throws a `HarnessError` that names the options which the guest needs and the kernel is built without. */
export function requireOptions(release: string, options: KernelOptions | undefined, architecture: Architecture): void {
  if (!options) return;
  const missing = [...Object.values(MODULE_OPTIONS), ...NEEDED[architecture]].filter((name) => !options.has(name));
  if (missing.length === 0) return;
  throw new HarnessError(
    `The kernel ${release} is built without ${missing.map((name) => `CONFIG_${name}`).join(', ')}.`,
    {
      exitCode: EXIT.driverDidNotStart,
      hint: 'The guest needs them: build the kernel with these options, or choose another one with --kernel.',
    },
  );
}
