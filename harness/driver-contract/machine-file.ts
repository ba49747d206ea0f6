/** The text file that tells a shim where its devices are; VERBS.md has its grammar. */
import { writeFile } from 'node:fs/promises';
import { IOMMU_BDF, isPciSlot, SLOTS } from '../../reference-device/machine/setup.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

/** The environment variable that names the file. */
export const MACHINE_VARIABLE = 'VIOMMUSPEC_MACHINE';

/** What a machine file says. Paths are absolute. */
export interface MachineDescription {
  /** vfio-user sockets by device: `iommu` and the names of the slots. */
  readonly sockets: ReadonlyMap<string, string>;
  /** File with the ACPI VIOT table. */
  readonly viotPath: string;
}

/** The machine file's text. Throws a `HarnessError` if a path has a blank in it, which the file cannot express. */
export function machineText(description: MachineDescription): string {
  const lines = [...description.sockets].map(([device, socket]) =>
    device === 'iommu'
      ? `iommu transport=pci address=${pciAddress(IOMMU_BDF)} socket=${path(socket)}`
      : endpointLine(device, path(socket)),
  );
  // The IOMMU first, whatever the order of the sockets.
  lines.sort((a, b) => Number(b.startsWith('iommu ')) - Number(a.startsWith('iommu ')));
  if (!lines[0]?.startsWith('iommu ')) throw new Error('assertion: the machine has no socket for its IOMMU');
  return `${[...lines, `topology viot=${path(description.viotPath)}`].join('\n')}\n`;
}

/** Writes the machine file, readable by its owner only. */
export async function writeMachineFile(file: string, description: MachineDescription): Promise<void> {
  await writeFile(file, machineText(description), { mode: 0o600, flag: 'wx' });
}

function endpointLine(device: string, socket: string): string {
  if (!isPciSlot(device)) throw new Error(`assertion: no slot is called ${device}`);
  const { kind, bdf } = SLOTS[device];
  return `endpoint name=${device} kind=${kind} address=${pciAddress(bdf)} socket=${socket}`;
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** `bb:dd.f` in hex, as people and lspci write it. */
function pciAddress(bdf: number): string {
  return `${hex(bdf >> 8)}:${hex((bdf >> 3) & 0x1f)}.${bdf & 7}`;
}

function path(file: string): string {
  if (/^[!-~]+$/.test(file)) return file;
  throw new HarnessError(`The path ${JSON.stringify(file)} has a blank or a special character in it.`, {
    exitCode: EXIT.usage,
    hint: 'Set TMPDIR to a folder whose path is plain ASCII without blanks.',
  });
}
