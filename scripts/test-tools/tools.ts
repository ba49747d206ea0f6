/** Every tool that a test runs and that a machine may lack: how it is found or fetched, and what needs it. There is no other such list. */
import { execa } from 'execa';
import { agentProgram } from '../../harness/drivers/linux-guest/agent-program.ts';
import { SUITE } from '../../harness/drivers/linux-guest/apt-configuration.ts';
import type { Architecture } from '../../harness/drivers/linux-guest/architecture.ts';
import type { Progress } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { debianProgram } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { debianKernel } from '../../harness/drivers/linux-guest/debian-kernel.ts';
import { findKernel } from '../../harness/drivers/linux-guest/kernel.ts';
import { requireHost } from '../../harness/drivers/linux-guest/linux-guest.ts';
import { findQemu } from '../../harness/drivers/linux-guest/qemu.ts';
import { HarnessError } from '../../harness/harness-error.ts';
import { buildTree } from '../linux-mutants/build-tree.ts';
import { findChromium } from '../browser/chromium.ts';
import { debianTestTools } from './debian-test-tools.ts';
import type { ToolName, ToolProgram } from './tool-names.ts';

export interface TestTool {
  /** What cannot be tested without it. */
  readonly neededFor: string;
  /**
   * Finds it on this machine or in the cache, else fetches it into the cache.
   * Throws a `HarnessError` that says why it cannot be had.
   */
  readonly get: () => Promise<ToolProgram | undefined>;
  /** The packages to install, of a tool that is never fetched. */
  readonly packages?: string;
}

const ARM64_KERNEL = `${SUITE}:arm64`;
/** The first iasl that knows VIOT. */
const OLDEST_IASL = 20_210_604;

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const plain = (command: string): ToolProgram => ({ command, args: [], env: {} });

const tried = (command: string, words: readonly string[]) =>
  execa(command, words, { reject: false, stdin: 'ignore', timeout: 30_000 });

/** The program on PATH that prints its version for `words`, if `isFit` likes what it prints. */
async function onPath(
  [command, ...words]: readonly [string, ...string[]],
  isFit: (says: string) => boolean = () => true,
): Promise<ToolProgram | undefined> {
  const { failed, stdout } = await tried(command, words);
  return !failed && isFit(stdout) ? plain(command) : undefined;
}

const knowsViot = (says: string): boolean => Number(/version (\d{8})/.exec(says)?.[1]) >= OLDEST_IASL;

/** A tool that is never fetched; `trial` is a command that works where it is. */
const installed = (neededFor: string, packages: string, trial: readonly [string, ...string[]]): TestTool => ({
  neededFor,
  packages,
  get: async () => {
    const [command, ...words] = trial;
    const { failed, exitCode } = await tried(command, words);
    if (!failed) return plain(command);
    const isThere = exitCode !== undefined;
    throw new HarnessError(isThere ? `"${trial.join(' ')}" fails.` : `There is no ${command} on PATH.`);
  },
});

/** What is no program to start: it is there, or `obtaining` throws. */
const forGuest = (neededFor: string, obtaining: () => Promise<unknown>): TestTool => ({
  neededFor,
  get: async () => {
    requireHost();
    await obtaining();
    return undefined;
  },
});

/** The list, for one cache. */
export function testTools(cache: string, progress: Progress): Readonly<Record<ToolName, TestTool>> {
  let folder: Promise<string> | undefined;
  /** What is on PATH, else `name` of the small programs from the mirror. */
  const small = (neededFor: string, name: string, find: () => Promise<ToolProgram | undefined>): TestTool => ({
    neededFor,
    get: async () => {
      const found = await find();
      if (found !== undefined) return found;
      folder ??= debianTestTools(cache, progress);
      return { ...(await debianProgram(await folder, name)), env: {} };
    },
  });
  const qemu = (neededFor: string, architecture: Architecture): TestTool => ({
    neededFor,
    get: async () => ({ ...(await findQemu(undefined, cache, progress, { architecture })), env: {} }),
  });
  const guest = 'the Linux guest';
  const arm64Guest = 'the Linux guest for arm64';
  const rust = 'the Rust crate for shims';
  const compiling = ['-x', 'c', '-fsyntax-only', '-include', 'stdio.h', '/dev/null'] as const;
  return {
    agent: {
      ...forGuest(guest, () => agentProgram({ architecture: 'amd64' }, cache, progress)),
      packages: 'gcc libc6-dev',
    },
    'agent-arm64': forGuest(arm64Guest, () => agentProgram({ architecture: 'arm64' }, cache, progress)),
    'apt-get': installed("the mirror that this machine's apt is set to", 'apt', ['apt-get', '--version']),
    cargo: installed(rust, 'cargo', ['cargo', '--version']),
    cc: installed('the C library for shims', 'gcc libc6-dev', ['cc', ...compiling]),
    chromium: { neededFor: 'reports in a browser', get: () => findChromium(cache, progress) },
    clippy: installed(rust, 'rust-clippy', ['cargo', 'clippy', '--version']),
    cpio: small('the initial RAM disk, unpacked', 'cpio', () => onPath(['cpio', '--version'])),
    'debian-keys': installed('mirrors that are named', 'debian-archive-keyring', ['test', '-e', KEYRING]),
    dtc: small('device trees, decompiled', 'dtc', () => onPath(['dtc', '--version'])),
    iasl: small('VIOT tables, disassembled', 'iasl', () => onPath(['iasl', '-v'], knowsViot)),
    kernel: forGuest(guest, () => findKernel({}, cache, progress)),
    'kernel-arm64': forGuest(arm64Guest, () => findKernel({ kernel: ARM64_KERNEL }, cache, progress)),
    make: installed('the C library for shims', 'make', ['make', '--version']),
    'module-build': forGuest('a bisection of its driver', async () => {
      const { release } = await debianKernel(SUITE, cache, progress);
      return buildTree(release, cache, progress);
    }),
    'pkg-config': small('the C library for shims, installed', 'pkgconf', () => onPath(['pkg-config', '--version'])),
    qemu: qemu(`${guest}, and QEMU's own virtio-iommu`, 'amd64'),
    'qemu-arm64': qemu(arm64Guest, 'arm64'),
    rustfmt: installed(rust, 'rustfmt', ['cargo', 'fmt', '--version']),
    setpriv: installed('shims whose harness is killed', 'util-linux', ['setpriv', '--pdeathsig', 'KILL', '--', 'true']),
  };
}
