/** A shim with a machine in front of it: what `--driver <manifest>` means. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TopologyName } from '../../reference-device/machine/setup.ts';
import { viotTable } from '../../reference-device/topology/viot.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { Machine } from '../machine.ts';
import { openScriptedTransport, type ScriptedTransport } from '../scripted-transport/scripted-transport.ts';
import type { DriverSession, DriverUnderTest } from './driver-session.ts';
import { LogRing } from './log-ring.ts';
import { MACHINE_VARIABLE, writeMachineFile } from './machine-file.ts';
import type { ShimManifest } from './manifest.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';
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
    open: async (topology) => {
      refuseForeignMachine(manifest);
      const directory = await makeTemporaryFolder();
      try {
        return await openIn(directory, topology, manifest, options);
      } catch (error) {
        await rm(directory, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

async function openIn(
  directory: string,
  topology: TopologyName,
  manifest: ShimManifest,
  options: ShimDriverOptions,
): Promise<DriverSession> {
  const { openMachine = openScriptedTransport, onLog } = options;
  const viotPath = join(directory, 'viot.bin');
  const machineFile = join(directory, 'machine');
  await writeFile(viotPath, viotTable(topology), { mode: 0o600 });
  const machine = await openMachine({ directory });
  try {
    await writeMachineFile(machineFile, { sockets: machine.sockets, viotPath });
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
    machine: withFolder(machine, directory),
    identity: manifest.identity,
    deadlines: manifest.deadlines,
    extraLog: () => peerLog.take(),
    ...(onLog ? { onLog } : {}),
  });
}

/** `machine`, which takes its folder with it when it is closed. */
const withFolder = (machine: Machine, directory: string): Machine => ({
  execute: (command) => machine.execute(command),
  close: async () => {
    try {
      await machine.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
});

function refuseForeignMachine({ identity }: ShimManifest): void {
  const { transports, topologies } = identity;
  if (transports.includes('pci') && topologies.includes('viot')) return;
  throw new HarnessError(
    `The driver ${identity.name} understands ${transports.join(', ')} and ${topologies.join(', ')}, but shims are offered pci and viot only.`,
    { exitCode: EXIT.usage, hint: 'Teach the shim virtio-pci and the ACPI VIOT table, and name them in its manifest.' },
  );
}
