/** The stock Linux guest as a driver under test: QEMU is the shim, and the agent in the guest answers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { MachineSetup } from '../../../reference-device/machine-setup.ts';
import { describedWindows, pciSlotsOf } from '../../../reference-device/topology/topologies.ts';
import type {
  Described,
  DriverIdentity,
  DriverSession,
  DriverUnderTest,
  Verb,
} from '../../driver-contract/driver-session.ts';
import { machineText } from '../../driver-contract/machine-file.ts';
import { openShim } from '../../driver-contract/shim-session.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { Machine } from '../../machine.ts';
import { makeTemporaryFolder } from '../../temporary-folder.ts';
import { openScriptedTransport } from '../../scripted-transport/scripted-transport.ts';
import { agentProgram } from './agent-program.ts';
import { namedMirror } from './apt-mirror.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';
import { cachePath, type Progress } from './cache-folder.ts';
import { type Doorbell, setupWithDoorbell, withDoorbell } from './doorbell.ts';
import type { Program } from './debian-programs.ts';
import { type GuestConfiguration, guestCommand, kernelCommandLine } from './guest-command.ts';
import { GuestConsole } from './guest-console.ts';
import { requireLoadable, withFarewell } from './guest-session.ts';
import { ProcessorWatch, withWatch } from './processor-watch.ts';
import { initramfs } from './initramfs.ts';
import { architectureOf, findKernel, requireKnownKernel, type GuestKernel, type KernelChoice } from './kernel.ts';
import { WINDOW_MODULE } from './kernel-modules.ts';
import { iommuSwitches } from './kernel-switches.ts';
import { localKernel } from './local-kernel.ts';
import { type PlatformDescription, platformDescription } from './platform-description.ts';
import { findQemu, kvmIsOpen } from './qemu.ts';
import { carriedAddresses, guestWindows, windowLines } from './window-carriers.ts';

export interface LinuxGuestOptions extends KernelChoice {
  /** --qemu: QEMU 10.1 or newer for the kernel's architecture. */
  readonly qemu?: string | undefined;
  /** --append: more words for the kernel's command line. */
  readonly append?: string | undefined;
  readonly configuration?: GuestConfiguration | undefined;
  /** Emulation by default; `kvm` may exist and not work, so it has to be asked for. */
  readonly accelerator?: 'tcg' | 'kvm' | undefined;
  readonly cache?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** What a stock kernel offers from user space: no buffer of the DMA API on demand, no bypass switch. */
const GUEST_VERBS: readonly Verb[] = [
  'start',
  'stop',
  'attach',
  'detach',
  'map',
  'unmap',
  'io',
  'poke',
  'peek',
  'regions',
  'faults',
  'release',
  'resize',
  'plug',
  'unplug',
];

const NO_BUFFERS =
  "the agent maps no buffer of the DMA API on demand, for which Debian's kernels have no DMA_MAP_BENCHMARK";

/** A boot takes 3 s, and the longest answer 1 s. */
const DEADLINES = { startMs: 120_000, answerMs: 10_000 };

/** The machine with all that the platform description, and later stagings, speak of. */
function fullMachine(described: Described): MachineSetup {
  const { topology } = described;
  const slots = [...pciSlotsOf(topology), ...describedWindows(described)];
  return machineOf({ topology, endpoints: Object.fromEntries(slots.map((slot) => [slot, {}])) });
}

/** Everything that sessions have in common. */
interface GuestKit {
  readonly qemu: Program;
  readonly kernel: GuestKernel;
  readonly agent: Buffer;
  readonly architecture: Architecture;
  readonly description: PlatformDescription;
}

/**
 * The stock Linux guest. QEMU, kernel and agent are found, fetched or compiled when the first session is opened,
 * which throws a `HarnessError` that says what to do if one of them cannot be had. Throws one at once for a kernel that is
 * neither a file nor a suite, and for a mirror that is no address.
 */
export function linuxGuest(options: LinuxGuestOptions): DriverUnderTest {
  requireKnownKernel(options);
  namedMirror(options.mirror);
  let kit: Promise<GuestKit> | undefined;
  /** Known from the first session on. */
  let doorbell: Doorbell | undefined;
  return {
    startsSlowly: true,
    machineFor: (setup) => (doorbell ? setupWithDoorbell(setup, doorbell) : setup),
    open: async (described) => {
      kit ??= gatherKit(options);
      const gathered = await kit;
      ({ doorbell } = ARCHITECTURES[gathered.architecture]);
      return openSession(gathered, options, described);
    },
  };
}

async function gatherKit(given: LinuxGuestOptions): Promise<GuestKit> {
  const cache = given.cache ?? cachePath();
  const progress = given.progress ?? (() => {});
  requireHost();
  const options = { ...given, ...(await localKernel(given, cache, progress)) };
  const architecture = await architectureOf(options);
  const source = { architecture, mirror: options.mirror };
  if (options.accelerator === 'kvm' && architecture !== 'amd64') {
    throw new HarnessError(`KVM was asked for, and this machine's processor does not run ${architecture}.`, {
      exitCode: EXIT.usage,
    });
  }
  if (options.accelerator === 'kvm' && !(await kvmIsOpen())) {
    throw new HarnessError('KVM was asked for, and /dev/kvm cannot be used.', {
      exitCode: EXIT.driverDidNotStart,
      hint: 'Ask for tcg instead: the guest then runs under emulation.',
    });
  }
  const agent = await agentProgram(source, cache, progress);
  const qemu = findQemu(options.qemu, cache, progress, source);
  const kernel = findKernel(options, cache, progress);
  // If one fails, the other is not left running behind the error.
  await Promise.allSettled([qemu, kernel]);
  const description = await platformDescription(architecture, await qemu);
  return { agent, architecture, description, qemu: await qemu, kernel: await kernel };
}

/** Throws a `HarnessError` on a machine that the Linux guest cannot run on. */
export function requireHost(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new HarnessError(
    `The Linux guest needs an x86-64 machine with Linux; this is ${process.platform} on ${process.arch}.`,
    {
      exitCode: EXIT.driverDidNotStart,
      hint: 'Test the sample driver or a shim of your own on this machine.',
    },
  );
}

/** What lies ready for a boot. Closing the machine ends the transport and removes the files. */
interface PreparedGuest {
  readonly folder: string;
  readonly files: Readonly<Record<'console' | 'initramfs' | 'monitor', string>>;
  /** What the guest is told of its machine. */
  readonly descriptions: readonly string[];
  readonly console: GuestConsole;
  readonly sockets: ReadonlyMap<string, string>;
  readonly machine: Machine;
}

async function prepareGuest(kit: GuestKit, described: Described): Promise<PreparedGuest> {
  const temporary = await makeTemporaryFolder();
  const folder = temporary.path;
  const files = {
    console: join(folder, 'console.log'),
    initramfs: join(folder, 'initramfs.cpio'),
    monitor: join(folder, 'monitor.sock'),
  };
  const endings = [() => temporary.remove()];
  const close = async (): Promise<void> => {
    const ending = endings.pop();
    try {
      await ending?.();
    } finally {
      if (ending) await close();
    }
  };
  try {
    await writeFile(files.console, '');
    const windows = guestWindows(kit.architecture);
    const tables = kit.description.files(described);
    const descriptions = tables.map((_, index) => join(folder, `description-${index}.bin`));
    for (const [index, bytes] of tables.entries()) await writeFile(descriptions[index]!, bytes);
    const guestConsole = new GuestConsole(files.console);
    endings.push(async () => guestConsole.close());
    const transport = await openScriptedTransport({
      directory: folder,
      carried: carriedAddresses(windows),
      keepsCapabilityPlaces: true,
    });
    endings.push(() => transport.close());
    // Firmware and kernel have to find every function.
    await transport.execute({ do: 'stage', setup: fullMachine(described) });
    const { sockets } = transport;
    const machineFile = machineText({
      sockets,
      described,
      form: ARCHITECTURES[kit.architecture].description,
      descriptionPath: descriptions[0]!,
      windows,
    });
    const text = windowLines(described, kit.architecture) + machineFile;
    await writeFile(files.initramfs, initramfs(kit.agent, text, kit.kernel.modules));
    const machine = { execute: transport.execute.bind(transport), close };
    const { doorbell } = ARCHITECTURES[kit.architecture];
    return {
      folder,
      files,
      descriptions,
      console: guestConsole,
      sockets,
      machine: doorbell ? withDoorbell(machine, doorbell) : machine,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openSession(kit: GuestKit, options: LinuxGuestOptions, described: Described): Promise<DriverSession> {
  const { folder, files, descriptions, console: guestConsole, sockets, machine } = await prepareGuest(kit, described);
  const { architecture, description } = kit;
  const identity = guestIdentity(kit, options);
  const program = guestCommand({
    ...files,
    architecture,
    description: { option: description.option, files: descriptions },
    qemu: kit.qemu,
    kernel: kit.kernel.image,
    sockets,
    described,
    accelerator: options.accelerator ?? 'tcg',
    kernelCommandLine: identity.configuration,
  });
  const watch = new ProcessorWatch(files.monitor);
  // The session takes the machine over, and closes it even if it cannot be opened.
  const session = await openShim({
    ...program,
    cwd: folder,
    machine,
    identity,
    deadlines: DEADLINES,
    extraLog: () => guestConsole.take(),
    trouble: () => guestConsole.trouble() ?? watch.trouble(),
  });
  // What QEMU and firmware said until here is no driver's log.
  session.takeLog();
  if (kit.kernel.ownModule !== undefined) {
    try {
      await requireLoadable(session, kit.kernel.ownModule.name);
    } catch (error) {
      await session.close();
      throw error;
    }
  }
  return withFarewell(withWatch(session, watch));
}

/** How the report names the guest. */
function guestIdentity({ kernel, architecture }: GuestKit, options: LinuxGuestOptions): DriverIdentity {
  const { release, ownModule } = kernel;
  const { description, doorbell } = ARCHITECTURES[architecture];
  const version =
    release.includes(architecture) || architecture === 'amd64' ? release : `${release} on ${architecture}`;
  const commandLine = kernelCommandLine(options.configuration ?? 'strict', options.append ?? '', architecture);
  return {
    name: 'linux',
    version: ownModule === undefined ? version : `${version} with module ${ownModule.digest}`,
    configuration: commandLine,
    verbs: GUEST_VERBS,
    lacks: { alloc: NO_BUFFERS, free: NO_BUFFERS },
    transports: kernel.absentModules.includes(WINDOW_MODULE) ? ['pci'] : ['pci', 'mmio'],
    topologies: [description],
    interruptsByProbe: doorbell !== undefined,
    severalIommus: true,
    pciBridges: true,
    plainDescriptions: true,
    enginesOnPciOnly: true,
    freshPciConfig: 'in-places',
    lineInterrupts: true,
    ...iommuSwitches(commandLine),
  };
}
