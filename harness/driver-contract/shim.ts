/** A shim with a machine in front of it: what `--driver <manifest>` means. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TopologyName } from '../../reference-device/machine-setup.ts';
import { deviceTree } from '../../reference-device/topology/device-tree.ts';
import { formFor, formsOf, transportsOf } from '../../reference-device/topology/topologies.ts';
import { viotTable } from '../../reference-device/topology/viot.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { Machine } from '../machine.ts';
import { openScriptedTransport, type ScriptedTransport } from '../scripted-transport/scripted-transport.ts';
import type { Described, DriverSession, DriverUnderTest } from './driver-session.ts';
import { LogRing } from './log-ring.ts';
import { MACHINE_VARIABLE, writeMachineFile } from './machine-file.ts';
import type { ShimManifest } from './manifest.ts';
import { makeTemporaryFolder, type TemporaryFolder } from '../temporary-folder.ts';
import { openShim } from './shim-session.ts';

type MachineWithSockets = Pick<ScriptedTransport, 'execute' | 'close' | 'sockets' | 'onPeer'>;

export interface ShimDriverOptions {
  /** Gets the driver's log while it is written. */
  readonly onLog?: (text: string) => void;
  /** Puts up a machine whose sockets lie in `directory`; the scripted transport if left out. */
  readonly openMachine?: (options: { directory: string }) => Promise<MachineWithSockets>;
}

/**
 * The driver that `manifest` describes. Every session has a machine of its own, in a private folder that goes with it.
 * `open` rejects with `DriverGone` if the shim does not come up, and with a `HarnessError` if no machine can be
 * offered that it understands.
 */
export function shimDriver(manifest: ShimManifest, options: ShimDriverOptions = {}): DriverUnderTest {
  return {
    homeTopology: homeTopology(manifest),
    open: async (described) => {
      refuseForeignMachine(manifest, described);
      const folder = await makeTemporaryFolder();
      try {
        return await openIn(folder, described, manifest, options);
      } catch (error) {
        await folder.remove();
        throw error;
      }
    },
  };
}

async function openIn(
  folder: TemporaryFolder,
  described: Described,
  manifest: ShimManifest,
  options: ShimDriverOptions,
): Promise<DriverSession> {
  const { openMachine = openScriptedTransport, onLog } = options;
  const directory = folder.path;
  const form = formFor(described.topology, manifest.identity.topologies, described.oddities);
  const tree = form === 'device-tree' ? deviceTree(described) : undefined;
  const descriptionPath = join(directory, tree ? 'tree.dtb' : 'viot.bin');
  const machineFile = join(directory, 'machine');
  await writeFile(descriptionPath, tree ?? viotTable(described), { mode: 0o600 });
  const machine = await openMachine({ directory });
  try {
    await writeMachineFile(machineFile, { sockets: machine.sockets, described, form, descriptionPath });
  } catch (error) {
    await machine.close();
    throw error;
  }
  const peerLog = new LogRing();
  machine.onPeer(({ kind, functionName, sentence }) => {
    // A client that comes or goes is no news; one that is refused something is what a shim's author has to see.
    if (kind !== 'refused' && kind !== 'broken') return;
    const text = peerLog.append(`vfio-user ${functionName}: ${sentence}\n`);
    onLog?.(text);
  });
  return openShim({
    command: manifest.command,
    args: manifest.args,
    env: { ...manifest.environment, [MACHINE_VARIABLE]: machineFile },
    cwd: manifest.folder,
    machine: withFolder(machine, folder),
    identity: manifest.identity,
    deadlines: manifest.deadlines,
    extraLog: () => peerLog.take(),
    ...(onLog ? { onLog } : {}),
  });
}

/** `machine`, which takes its folder with it when it is closed. */
const withFolder = (machine: Machine, folder: TemporaryFolder): Machine => ({
  execute: (command) => machine.execute(command),
  close: async () => {
    try {
      await machine.close();
    } finally {
      await folder.remove();
    }
  },
});

/** What a shim may be met in, best first: most cases are played on PCI and VIOT. */
const HOMES: readonly TopologyName[] = ['plain', 'device-tree', 'mmio', 'device-tree-mmio', 'built-in-2019'];

function understands({ identity }: ShimManifest, { topology, oddities }: Described): boolean {
  const transports = [...transportsOf(topology)];
  return (
    transports.every((transport) => identity.transports.includes(transport)) &&
    formFor(topology, identity.topologies, oddities) !== undefined
  );
}

const homeTopology = (manifest: ShimManifest): TopologyName =>
  HOMES.find((topology) => understands(manifest, { topology })) ?? 'plain';

function refuseForeignMachine(manifest: ShimManifest, described: Described): void {
  if (understands(manifest, described)) return;
  const { topology, oddities } = described;
  const { name, transports, topologies } = manifest.identity;
  const transport = [...transportsOf(topology)].join(', ');
  const [form] = formsOf(topology, oddities);
  const known = `${transports.join(', ') || 'no transport'} and ${topologies.join(', ') || 'no topology'}`;
  throw new HarnessError(`The driver ${name} understands ${known}, but this machine has ${transport} and ${form}.`, {
    exitCode: EXIT.usage,
    hint: 'The manifest names at least one transport and one topology that the shim understands.',
  });
}
