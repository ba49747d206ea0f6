/** The text file that tells a shim where its devices are; VERBS.md has its grammar. */
import { writeFile } from 'node:fs/promises';
import {
  IOMMU_FUNCTIONS,
  type IommuName,
  isIommuFunction,
  isPciSlot,
  isSlotName,
  kindOf,
  type TopologyName,
  type Window,
  WINDOWS,
  type Windows,
} from '../../reference-device/machine-setup.ts';
import {
  type Described,
  describedWindows,
  type DescriptionForm,
  type IommuPlace,
  isExperimental,
  pciSlotsOf,
  slotBdf,
  TOPOLOGIES,
} from '../../reference-device/topology/topologies.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

/** The environment variable that names the file. */
export const MACHINE_VARIABLE = 'VIOMMUSPEC_MACHINE';

/** What a machine file says. Paths are absolute. */
export interface MachineDescription {
  /** vfio-user sockets by device: the places of IOMMUs (`iommu`, `iommu2`, `iommu-mmio`) and the names of the slots. */
  readonly sockets: ReadonlyMap<string, string>;
  /** The machine of `plain` if left out. */
  readonly described?: Described;
  /** How the driver is told of the topology; in the topology's own first form if left out. */
  readonly form?: DescriptionForm | undefined;
  /** File with the ACPI VIOT table or the device tree. */
  readonly descriptionPath: string;
  /** Where windows of registers are; `WINDOWS` if left out. */
  readonly windows?: Windows;
}

/** The machine file's text. Throws a `HarnessError` if a path has a blank in it, which the file cannot express. */
export function machineText(description: MachineDescription): string {
  const { sockets, described = { topology: 'plain' }, descriptionPath, windows = WINDOWS } = description;
  const { topology } = described;
  const { forms, iommus, bridge } = TOPOLOGIES[topology];
  const { form = forms[0] } = description;
  const places: readonly string[] = [...pciSlotsOf(topology), ...describedWindows(described)];
  const endpoints = [...sockets].filter(([device]) => places.includes(device) || !isPlace(device));
  const lines = [
    ...iommus.map(({ name, place }) => iommuLine(name, place, { sockets, windows })),
    ...(bridge ? [`bridge kind=pcie-to-pci address=${pciAddress(bridge.bdf)} bus=${bridge.bus}`] : []),
    ...endpoints.map(([device, socketPath]) => endpointLine(device, path(socketPath), { topology, windows })),
    ...(isExperimental(topology) ? [] : [`topology ${form}=${path(descriptionPath)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Writes the machine file, readable by its owner only. */
export async function writeMachineFile(file: string, description: MachineDescription): Promise<void> {
  await writeFile(file, machineText(description), { mode: 0o600, flag: 'wx' });
}

/** Whether a machine can have something there. */
const isPlace = (device: string): boolean => isIommuFunction(device) || device === 'iommu-mmio' || isSlotName(device);

/** The first IOMMU needs no name: shims that know of one only need not look at it. */
function iommuLine(
  name: IommuName,
  place: IommuPlace,
  { sockets, windows }: { sockets: ReadonlyMap<string, string>; windows: Windows },
): string {
  const socket = sockets.get(place);
  if (socket === undefined) throw new Error(`assertion: the machine has no socket for ${name}`);
  const named = name === 'iommu' ? '' : ` name=${name}`;
  const where = isIommuFunction(place)
    ? `transport=pci address=${pciAddress(IOMMU_FUNCTIONS[place].bdf)}`
    : windowPlace(windows[place]);
  return `iommu${named} ${where} socket=${path(socket)}`;
}

function endpointLine(
  device: string,
  socket: string,
  { topology, windows }: { topology: TopologyName; windows: Windows },
): string {
  if (!isSlotName(device)) throw new Error(`assertion: no slot is called ${device}`);
  const where = isPciSlot(device) ? `address=${pciAddress(slotBdf(device, topology))}` : windowPlace(windows[device]);
  return `endpoint name=${device} kind=${kindOf(device)} ${where} socket=${socket}`;
}

/** Where a window of registers lies, and which interrupt it raises. */
function windowPlace({ address, length, interrupt }: Window): string {
  return `transport=mmio address=0x${address.toString(16)} length=0x${length.toString(16)} interrupt=${interrupt}`;
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** `bb:dd.f` in hex, as people and lspci write it. */
export function pciAddress(bdf: number): string {
  return `${hex(bdf >> 8)}:${hex((bdf >> 3) & 0x1f)}.${bdf & 7}`;
}

function path(file: string): string {
  if (/^[!-~]+$/.test(file)) return file;
  throw new HarnessError(`The path ${JSON.stringify(file)} has a blank or a special character in it.`, {
    exitCode: EXIT.usage,
    hint: 'Set TMPDIR to a folder whose path is plain ASCII without blanks.',
  });
}
