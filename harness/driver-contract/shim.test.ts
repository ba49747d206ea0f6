import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { HarnessError } from '../harness-error.ts';
import { DriverGone } from './driver-session.ts';
import { fakeIdentity, fakeMachine } from './fixtures/fake-machine.ts';
import type { PeerEvent } from '../scripted-transport/scripted-transport.ts';
import type { ShimManifest } from './manifest.ts';
import { shimDriver } from './shim.ts';

const manifest = (fixture: string): ShimManifest => ({
  identity: fakeIdentity(),
  command: process.execPath,
  args: [`${fixture}.mjs`],
  folder: fileURLToPath(new URL('fixtures', import.meta.url)),
  environment: { GREETING: 'hello' },
  deadlines: {},
});

/** Puts up fake machines and remembers the last one. */
function fakeMachines() {
  const seen = { directory: '', closed: () => 0, peer: (_event: PeerEvent) => {} };
  const openMachine = async ({ directory }: { directory: string }) => {
    const machine = fakeMachine();
    seen.directory = directory;
    seen.closed = () => machine.closed;
    const onPeer = (listener: (event: PeerEvent) => void): void => {
      seen.peer = listener;
    };
    return Object.assign(machine, { onPeer, sockets: new Map([['iommu', join(directory, 'iommu.sock')]]) });
  };
  return { seen, openMachine };
}

it('gives the shim a machine file in a private folder that goes with the session', async () => {
  const { seen, openMachine } = fakeMachines();
  const session = await shimDriver(manifest('tells-machine'), { openMachine }).open({ topology: 'plain' });
  expect((await stat(seen.directory)).mode & 0o777).toBe(0o700);
  const { values } = await session.command({ verb: 'start', args: {} });
  expect(values).toEqual({
    greeting: 'hello',
    machine: [
      `iommu transport=pci address=00:02.0 socket=${seen.directory}/iommu.sock`,
      `topology viot=${seen.directory}/viot.bin`,
    ],
    signature: 'VIOT',
  });
  await session.close();
  expect(existsSync(seen.directory)).toBe(false);
  expect(seen.closed()).toBe(1);
});

it('adds to the log what the transport had to refuse', async () => {
  const { seen, openMachine } = fakeMachines();
  const session = await shimDriver(manifest('tells-machine'), { openMachine }).open({ topology: 'plain' });
  seen.peer({ kind: 'connected', functionName: 'iommu', sentence: 'A client connected.' });
  seen.peer({ kind: 'refused', functionName: 'iommu', sentence: 'Region 9 does not exist.' });
  expect(session.takeLog()).toBe('vfio-user iommu: Region 9 does not exist.\n');
  await session.close();
});

it('leaves nothing behind when the shim does not come up', async () => {
  const { seen, openMachine } = fakeMachines();
  await expect(shimDriver(manifest('dies-on-start'), { openMachine }).open({ topology: 'plain' })).rejects.toThrow(
    DriverGone,
  );
  expect(existsSync(seen.directory)).toBe(false);
  expect(seen.closed()).toBe(1);
});

it('refuses a shim that understands no machine on offer', async () => {
  const mmioOnly = { ...manifest('obedient'), identity: { ...fakeIdentity(), transports: ['mmio'] as const } };
  await expect(shimDriver(mmioOnly).open({ topology: 'plain' })).rejects.toThrow(HarnessError);
});
