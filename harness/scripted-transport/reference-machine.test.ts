import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineOf } from '../../cases/api/default-machine.ts';
import { IOMMU_FUNCTIONS, SLOTS, WINDOWS } from '../../reference-device/machine-setup.ts';
import { memoryFile, payloadOf, takeSignals, VfioUserClient } from './fixtures/vfio-user-client.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, libc } from './libc.ts';
import {
  COMMAND,
  DEVICE_FLAG,
  DeviceInfo,
  IRQ_SET,
  IrqInfo,
  PLATFORM_IRQ,
  PLATFORM_REGION,
  REGION,
  RegionAccess,
  RegionInfo,
  SetIrqs,
} from './messages.ts';
import { openScriptedTransport, type ScriptedTransport } from './scripted-transport.ts';

let directory: string;
let transport: ScriptedTransport;
const clients: VfioUserClient[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'viommuspec-'));
  transport = await openScriptedTransport({ directory });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await transport.close();
  rmSync(directory, { recursive: true });
});

function connect(name: string): VfioUserClient {
  const client = new VfioUserClient(transport.sockets.get(name) ?? '');
  clients.push(client);
  client.negotiate();
  return client;
}

const word = (client: VfioUserClient, region: number, offset: number): number | undefined =>
  client.read(region, BigInt(offset), 4)?.payload.getUint32(RegionAccess.size, true);

function store(client: VfioUserClient, offset: number, value: number): void {
  const data = new DataView(new ArrayBuffer(4));
  data.setUint32(0, value, true);
  client.write(PLATFORM_REGION.WINDOW, BigInt(offset), new Uint8Array(data.buffer));
}

test('puts the reference machine behind one socket a function, and one a window', () => {
  expect([...transport.sockets.keys()]).toEqual([
    ...Object.keys(IOMMU_FUNCTIONS),
    ...Object.keys(SLOTS),
    ...Object.keys(WINDOWS),
  ]);
  // Nothing has been staged: nobody is there.
  expect(word(connect('iommu'), REGION.CONFIG, 0)).toBe(0xffff_ffff);
  expect(word(connect('iommu-mmio'), PLATFORM_REGION.WINDOW, 0)).toBe(0xffff_ffff);
});

test('a window is a platform device with one region and one interrupt', async () => {
  await transport.execute({ do: 'stage', setup: machineOf({ topology: 'mmio', endpoints: { platform: {} } }) });
  const client = connect('iommu-mmio');
  const info = client.ask(
    COMMAND.DEVICE_GET_INFO,
    payloadOf(DeviceInfo, { argsz: 16, flags: 0, num_regions: 0, num_irqs: 0 }),
  );
  expect(info && DeviceInfo.read(info.payload, 0)).toEqual({
    argsz: 16,
    flags: DEVICE_FLAG.PLATFORM | DEVICE_FLAG.RESET,
    num_regions: 1,
    num_irqs: 1,
  });
  const ask = { argsz: RegionInfo.size, flags: 0, index: 0, cap_offset: 0, size: 0n, offset: 0n };
  const region = client.ask(COMMAND.DEVICE_GET_REGION_INFO, payloadOf(RegionInfo, ask));
  expect(region && RegionInfo.read(region.payload, 0)).toMatchObject({ flags: 3, size: 0x1000n });
  expect(client.ask(COMMAND.DEVICE_GET_REGION_INFO, payloadOf(RegionInfo, { ...ask, index: 1 }))?.error).not.toBe(0);
  const irq = client.ask(COMMAND.DEVICE_GET_IRQ_INFO, payloadOf(IrqInfo, { argsz: 16, flags: 0, index: 0, count: 0 }));
  expect(irq && IrqInfo.read(irq.payload, 0)).toMatchObject({ count: 1 });
  expect([0, 4, 8].map((offset) => word(client, PLATFORM_REGION.WINDOW, offset))).toEqual([0x7472_6976, 2, 23]);
  expect(client.read(PLATFORM_REGION.WINDOW, 0x1000n, 4)?.error).not.toBe(0);
});

test('the interrupt of a window signals its eventfd', async () => {
  await transport.execute({ do: 'stage', setup: machineOf({ topology: 'mmio', endpoints: {} }) });
  const client = connect('iommu-mmio');
  const eventfd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const flags = IRQ_SET.DATA_EVENTFD | IRQ_SET.ACTION_TRIGGER;
  const values = { argsz: SetIrqs.size, flags, index: PLATFORM_IRQ.LINE, start: 0, count: 1 };
  expect(client.ask(COMMAND.DEVICE_SET_IRQS, payloadOf(SetIrqs, values), [eventfd])?.error).toBe(0);
  for (const status of [0, 1, 3]) store(client, 0x070, status);
  store(client, 0x024, 1);
  store(client, 0x020, 1);
  for (const status of [11, 15]) store(client, 0x070, status);
  await transport.execute({ do: 'change-config', config: { probe_size: 64 } });
  expect(takeSignals(eventfd)).toBe(1n);
  expect(word(client, PLATFORM_REGION.WINDOW, 0x060)).toBe(2);
  store(client, 0x064, 2);
  expect(word(client, PLATFORM_REGION.WINDOW, 0x060)).toBe(0);
  libc.close(eventfd);
});

test('a platform endpoint reaches memory of its client', async () => {
  const setup = machineOf({ topology: 'plain', endpoints: { platform: {} } });
  await transport.execute({ do: 'stage', setup });
  const client = connect('platform');
  const memory = memoryFile(4096);
  client.map(0x4000_0000n, 4096n, [memory.descriptor]);
  memory.bytes.set([0xef, 0xbe, 0xad, 0xde], 0x10);
  for (const [offset, value] of [
    [0, 0x4000_0010],
    [4, 0],
    [8, 4],
    [12, 1],
  ] as const)
    store(client, offset, value);
  expect(word(client, PLATFORM_REGION.WINDOW, 0x100)).toBe(0xdead_beef);
  libc.close(memory.descriptor);
});
