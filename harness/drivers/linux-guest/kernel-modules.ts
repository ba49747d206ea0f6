/** Kernel modules: where they are, what they need, in which order they go in. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { MODULE_OPTIONS } from './kernel-options.ts';

/** The module that holds the driver under test. */
export const DRIVER_MODULE = 'virtio_iommu';
/** The one that drives virtio devices in windows of registers. */
export const WINDOW_MODULE = 'virtio_mmio';

/** Without them a kernel is no worse: its devices of that kind have no driver. */
const OPTIONAL_MODULES = [WINDOW_MODULE, 'virtio_blk', 'virtio_net'];

/** What the guest needs beyond a bare kernel, with the parameters of each. Whatever they depend on comes along. */
const WANTED_MODULES: Readonly<Record<string, string>> = {
  virtio_pci: '',
  [DRIVER_MODULE]: '',
  virtio_rng: '',
  ...Object.fromEntries(OPTIONAL_MODULES.map((name) => [name, ''])),
  vfio_pci: '',
  // The device has no interrupt remapping, and nothing in the guest needs protection from its interrupts.
  vfio_iommu_type1: 'allow_unsafe_interrupts=1',
};

const FILE = /\.ko(\.(xz|zst|gz))?$/;

/** The kernel takes `-` and `_` in a module's name for the same; this is the name with `_`. */
const moduleName = (file: string): string => basename(file).replace(FILE, '').replaceAll('-', '_');

/** What the uncompressed module `image` says of itself under `field`, as modinfo shows it; undefined if nothing. */
export function moduleInfo(image: Buffer, field: 'depends' | 'name' | 'vermagic'): string | undefined {
  const label = Buffer.from(`\0${field}=`);
  const at = image.indexOf(label);
  if (at < 0) return undefined;
  const from = at + label.length;
  return image.toString('latin1', from, image.indexOf(0, from));
}

/** The modules that the uncompressed module `image` says it depends on. */
export const moduleDependencies = (image: Buffer): readonly string[] =>
  (moduleInfo(image, 'depends') ?? '').split(',').filter(Boolean).map(moduleName);

export interface LoadableModule {
  readonly name: string;
  readonly parameters: string;
  /** The uncompressed file. */
  readonly image: Buffer;
}

/** Where a kernel's modules come from. */
export interface ModuleSource {
  /** Files by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly builtIn: ReadonlySet<string>;
  /** The uncompressed content of a file. */
  readonly read: (file: string) => Promise<Buffer>;
}

/** What a kernel has of the wanted modules. */
export interface WantedModules {
  /** Each after what it needs; what is built in is left out. */
  readonly modules: readonly LoadableModule[];
  /** Names of the optional ones that are neither there nor built in. */
  readonly absent: readonly string[];
}

/** Every build of Linux writes it into its tree. */
export const RELEASE_FILE = 'include/config/kernel.release';

/**
 * The modules that the last build has made: what `modules.order` lists, by their objects since 6.4. Undefined for a folder that is
 * no tree.
 */
async function modulesInTree(tree: string): Promise<string[] | undefined> {
  const isTree = await stat(join(tree, RELEASE_FILE)).then(
    () => true,
    () => false,
  );
  if (!isTree) return undefined;
  const order = await readFile(join(tree, 'modules.order'), 'utf8').catch(() => '');
  return order
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^kernel\//, '').replace(/\.o$/, '.ko'));
}

/** The modules in `folder`, which is laid out as /lib/modules/RELEASE, or a built tree. */
export async function moduleSource(folder: string, read: ModuleSource['read']): Promise<ModuleSource> {
  const builtIn = await readFile(join(folder, 'modules.builtin'), 'utf8').catch(() => '');
  const files = (await modulesInTree(folder)) ?? (await readdir(folder, { recursive: true }));
  return {
    files: new Map(files.filter((file) => FILE.test(file)).map((file) => [moduleName(file), join(folder, file)])),
    builtIn: new Set(builtIn.split('\n').filter(Boolean).map(moduleName)),
    read,
  };
}

/**
 * The wanted modules and all that they depend on.
 * Throws a `HarnessError` that names a module which is neither there nor built in.
 */
export async function modulesInOrder(
  source: ModuleSource,
  wanted: Readonly<Record<string, string>> = WANTED_MODULES,
): Promise<WantedModules> {
  const modules: LoadableModule[] = [];
  const absent: string[] = [];
  const seen = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (seen.has(name) || source.builtIn.has(name)) return;
    seen.add(name);
    const file = source.files.get(name);
    if (file === undefined && OPTIONAL_MODULES.includes(name)) {
      absent.push(name);
      return;
    }
    if (file === undefined) throw missingModule(name);
    const image = await source.read(file);
    for (const needed of moduleDependencies(image)) await visit(needed);
    modules.push({ name, parameters: wanted[name] ?? '', image });
  };
  for (const name of Object.keys(wanted)) await visit(name);
  return { modules, absent };
}

function missingModule(name: string): HarnessError {
  const option = MODULE_OPTIONS[name];
  const why = option === undefined ? '' : `: it is built without CONFIG_${option}, or its modules are not all there`;
  return new HarnessError(`The kernel has no module ${name}, and it is not built in${why}.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: 'Use a kernel with VIRTIO_IOMMU, HW_RANDOM_VIRTIO, VFIO_PCI and VFIO_IOMMU_TYPE1, or leave out --kernel.',
  });
}
