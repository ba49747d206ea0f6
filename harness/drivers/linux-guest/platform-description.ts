/** The files by which a guest is told of its IOMMU: an ACPI table, or the device tree of the whole machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { treeOfMachine } from '../../../reference-device/topology/device-tree.ts';
import { flattenedTree, type TreeNode } from '../../../reference-device/topology/flattened-tree.ts';
import type { Described } from '../../../reference-device/topology/topologies.ts';
import { viotTable } from '../../../reference-device/topology/viot.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { makeTemporaryFolder } from '../../temporary-folder.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';
import type { Program } from './debian-programs.ts';
import { treeDumpArguments } from './guest-command.ts';
import { carriedWindows, guestWindows } from './window-carriers.ts';
import { windowTable } from './window-table.ts';
import { readTree } from './tree-reader.ts';

const QEMU_TIMEOUT_MS = 60_000;

/** What is put into the guest's machine beside its devices, and how to tell it of a topology. */
export interface PlatformDescription {
  readonly option: '-acpitable' | '-dtb';
  /** What the files hold, of which the option takes one each. */
  readonly files: (described: Described) => readonly Uint8Array[];
}

/** How a guest of that architecture in `qemu` is told. Throws a `HarnessError` if QEMU does not say what its machine is. */
export async function platformDescription(architecture: Architecture, qemu: Program): Promise<PlatformDescription> {
  if (ARCHITECTURES[architecture].description === 'viot') return { option: '-acpitable', files: acpiTables };
  const machine = await machineTree(architecture, qemu);
  return {
    option: '-dtb',
    files: (described) => [flattenedTree(treeOfMachine(machine, described, guestWindows(architecture)))],
  };
}

/** The windows come in a table of their own, by which VIOT's nodes find them. */
function acpiTables(described: Described): Uint8Array[] {
  const windows = carriedWindows(described, 'amd64');
  return [viotTable(described, guestWindows('amd64')), ...(windows.length > 0 ? [windowTable(windows)] : [])];
}

/** The tree that QEMU would give the guest, which knows nothing of the functions behind our sockets. */
async function machineTree(architecture: Architecture, qemu: Program): Promise<TreeNode> {
  const folder = await makeTemporaryFolder();
  const file = join(folder.path, 'machine.dtb');
  try {
    const result = await execa(qemu.command, [...qemu.args, ...treeDumpArguments(architecture, file)], {
      reject: false,
      stdin: 'ignore',
      timeout: QEMU_TIMEOUT_MS,
    });
    const blob = await readFile(file).catch(() => undefined);
    if (blob !== undefined) return readTree(blob);
    const says = (result.stderr ?? '').trim().split('\n', 1).join() || result.shortMessage;
    throw new HarnessError(`QEMU does not say what its machine is: ${says}`, { exitCode: EXIT.driverDidNotStart });
  } finally {
    await folder.remove();
  }
}
