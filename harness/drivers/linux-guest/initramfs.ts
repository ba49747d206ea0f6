/** The guest's whole file system: the agent as /init, the modules and the machine file. */
import { cpioArchive, type CpioEntry } from './cpio.ts';
import type { LoadableModule } from './kernel-modules.ts';

const MOUNT_POINTS = ['proc', 'sys', 'dev'];

/** The order of loading as the agent reads it: a file and its parameters a line. */
export const moduleOrder = (modules: readonly LoadableModule[]): string =>
  modules.map(({ name, parameters }) => `${name}.ko ${parameters}`.trimEnd()).join('\n');

const text = (path: string, content: string): CpioEntry => ({ path, kind: 'file', data: Buffer.from(content) });

/** The cpio archive with which the guest boots. `agent` is a static program, `machine` the contract's machine file. */
export function initramfs(agent: Uint8Array, machine: string, modules: readonly LoadableModule[]): Buffer {
  return cpioArchive([
    ...MOUNT_POINTS.map((path) => ({ path, kind: 'folder' }) as const),
    // The kernel opens it for /init before anything is mounted.
    { path: 'dev/console', kind: 'character-device', major: 5, minor: 1 },
    { path: 'init', kind: 'file', data: agent, executable: true },
    text('machine', machine),
    { path: 'modules', kind: 'folder' },
    text('modules/order', moduleOrder(modules)),
    ...modules.map(({ name, image }) => ({ path: `modules/${name}.ko`, kind: 'file', data: image }) as const),
  ]);
}
