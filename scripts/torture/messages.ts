/** Messages, descriptors and memory of vfio-user clients, to the device that runs serve. */
import { machineOf } from '../../cases/api/default-machine.ts';
import { COMMAND, Header, REGION, RegionAccess } from '../../harness/scripted-transport/messages.ts';
import { memoryFile, resize, VfioUserClient } from '../../harness/scripted-transport/fixtures/vfio-user-client.ts';
import { libc } from '../../harness/scripted-transport/libc.ts';
import { openWorkerMachine } from '../../harness/scripted-transport/worker-machine.ts';
import type { Lots } from '../../harness/explore/lots.ts';
import { makeTemporaryFolder } from '../../harness/temporary-folder.ts';
import { firstLine, type Torture } from './kind.ts';

const DEVICE = new URL('../../harness/scripted-transport/device-worker.ts', import.meta.url);
const VENDOR_ID = 0x1af4;
const MESSAGES_OF_A_CLIENT = 200;
const MEMORY_SIZE = 0x1_0000;
const COMMANDS: readonly [number, ...number[]] = [...(Object.values(COMMAND) as [number, ...number[]]), 0, 99];

export const messages: Torture = {
  name: 'messages',
  share: 4,
  async torture(count, lots, tell) {
    const folder = await makeTemporaryFolder();
    const machine = await openWorkerMachine(DEVICE, { directory: folder.path });
    const memory = memoryFile(MEMORY_SIZE).descriptor;
    const descriptors = [memory, libc.eventfd(0, 0)];
    const sockets = [...machine.sockets.values()];
    try {
      await machine.execute({ do: 'stage', setup: machineOf({}) });
      for (let done = 0; done < count; ) {
        const path = sockets[lots.below(sockets.length)] ?? '';
        done += harass(new VfioUserClient(path), Math.min(MESSAGES_OF_A_CLIENT, count - done), lots, descriptors);
        // What a client leaves behind is looked at when it is gone.
        resize(memory, MEMORY_SIZE);
        await machine.execute({ do: 'take-trace' });
        const says = unservedBy(machine.sockets.get('iommu') ?? '');
        if (says !== undefined) return tell(says);
      }
    } catch (error) {
      tell(firstLine(error));
    } finally {
      for (const descriptor of descriptors) libc.close(descriptor);
      await machine.close();
      await folder.remove();
    }
  },
};

/** Sends until the device hangs up; how many messages that were. */
function harass(client: VfioUserClient, most: number, lots: Lots, descriptors: readonly number[]): number {
  if (!lots.once(10)) client.negotiate();
  let sent = 0;
  let isOpen = true;
  while (isOpen && sent < most) {
    const payload = Uint8Array.from({ length: lots.below(lots.once(20) ? 5000 : 64) }, () =>
      lots.below(lots.once(2) ? 256 : 4),
    );
    const size = lots.once(50) ? { size: lots.below(2 ** 31) } : {};
    const flags = lots.once(8) ? { flags: lots.below(256) } : {};
    const message = client.message(lots.of(COMMANDS), payload, { ...size, ...flags });
    const passed = lots.once(3) ? descriptors.slice(lots.below(2), 1 + lots.below(2)) : [];
    const isCut = lots.once(100);
    isOpen = client.sendRaw(isCut ? message.subarray(0, Header.size + lots.below(4)) : message, passed) && !isCut;
    if (lots.once(200)) resize(descriptors[0] ?? -1, lots.below(2) * MEMORY_SIZE);
    sent++;
  }
  client.close();
  return sent;
}

/** Why the device serves nobody any more; undefined if it does. */
function unservedBy(path: string): string | undefined {
  const client = new VfioUserClient(path);
  try {
    client.negotiate();
    const vendor = client.read(REGION.CONFIG, 0n, 2)?.payload.getUint16(RegionAccess.size, true);
    return vendor === VENDOR_ID ? undefined : `the next client reads vendor ID ${vendor}`;
  } catch (error) {
    return `the next client is not served: ${firstLine(error)}`;
  } finally {
    client.close();
  }
}
