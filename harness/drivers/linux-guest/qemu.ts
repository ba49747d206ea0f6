/** A QEMU that can put our devices into a machine: 10.1 or newer, with `vfio-user-pci`. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { reasonOf } from '../../../reports/words/system-reason.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import type { PackageSource } from './apt-configuration.ts';
import { OWN_PROGRAMS_HINT } from './apt-mirror.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';
import type { Progress } from './cache-folder.ts';
import { debianProgram, debianTools, type Program } from './debian-programs.ts';

const OLDEST = { major: 10, minor: 1 };

/** The version in what `--version` prints; undefined if there is none. */
export function qemuVersion(says: string): { readonly major: number; readonly minor: number } | undefined {
  const match = /QEMU emulator version (\d+)\.(\d+)/.exec(says);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

/** Why a QEMU that printed `says` for `--version` is no good, as the end of a sentence; undefined if it may be. */
export function whyTooOld(says: string): string | undefined {
  const version = qemuVersion(says);
  if (version === undefined) return 'it is not QEMU';
  const { major, minor } = version;
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined;
  return `it is QEMU ${major}.${minor}, older than ${OLDEST.major}.${OLDEST.minor}`;
}

/**
 * The QEMU to use: the user's `path` if given, a suitable one on PATH, or one from the mirror.
 * Throws a `HarnessError` if `path` is no good or none can be had.
 */
export async function findQemu(
  path: string | undefined,
  cache: string,
  progress: Progress,
  source: PackageSource = {},
): Promise<Program> {
  const { architecture = 'amd64' } = source;
  if (path !== undefined) {
    const own: Program = { command: path, args: [] };
    const unfit = (await whyUnfit(own)) ?? (await whyForeign(own, architecture));
    if (unfit === undefined) return own;
    throw new HarnessError(`${path} cannot be used: ${unfit}.`, {
      exitCode: EXIT.driverDidNotStart,
      hint: OWN_PROGRAMS_HINT,
    });
  }
  const onPath: Program = { command: ARCHITECTURES[architecture].emulator, args: [] };
  if ((await whyUnfit(onPath)) === undefined) return onPath;
  return qemuFromMirror(cache, progress, architecture, source);
}

async function qemuFromMirror(
  cache: string,
  progress: Progress,
  architecture: Architecture,
  source: PackageSource,
): Promise<Program> {
  const tools = await debianTools(cache, progress, source);
  const { command, args } = await debianProgram(tools, ARCHITECTURES[architecture].emulator);
  const firmware = ['usr/share/qemu', 'usr/share/seabios'].flatMap((folder) => ['-L', join(tools, 'root', folder)]);
  const program = { command, args: [...args, ...firmware] };
  const unfit = await whyUnfit(program);
  if (unfit === undefined) return program;
  throw new HarnessError(`The QEMU from the mirror cannot be used: ${unfit}.`, {
    exitCode: EXIT.driverDidNotStart,
    hint: OWN_PROGRAMS_HINT,
  });
}

const firstLine = (text = 'for an unknown reason'): string => text.split('\n', 1).join();

/** Why a QEMU is no good, as the end of a sentence; undefined if it is good. */
async function whyUnfit(program: Program): Promise<string | undefined> {
  const run = (...words: string[]) =>
    execa(program.command, [...program.args, ...words], { reject: false, stdin: 'ignore', timeout: 30_000 });
  const version = await run('--version');
  if (version.failed) {
    const { cause, shortMessage } = version;
    return `it does not start (${cause === undefined ? firstLine(shortMessage) : reasonOf(cause)})`;
  }
  const tooOld = whyTooOld(version.stdout);
  if (tooOld !== undefined) return tooOld;
  const device = await run('-device', 'vfio-user-pci,help');
  return device.failed ? 'it was built without vfio-user-pci' : undefined;
}

/** Why a QEMU is none for that architecture, as the end of a sentence; undefined if it is one. */
async function whyForeign({ command, args }: Program, architecture: Architecture): Promise<string | undefined> {
  const [machine] = ARCHITECTURES[architecture].machine.split(',');
  const { stdout } = await execa(command, [...args, '-machine', 'help'], { reject: false, stdin: 'ignore' });
  const isThere = stdout.split('\n').some((line) => line.startsWith(`${machine} `));
  return isThere ? undefined : `it has no machine '${machine}', which a guest for ${architecture} takes`;
}

/** True if this user may use KVM; whether it works in here only a trial can say. */
export const kvmIsOpen = (): Promise<boolean> =>
  access('/dev/kvm').then(
    () => true,
    () => false,
  );
