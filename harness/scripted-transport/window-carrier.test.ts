import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineOf } from '../../cases/api/default-machine.ts';
import { payloadOf, takeSignals, VfioUserClient } from './fixtures/vfio-user-client.ts';
import { EFD_CLOEXEC, EFD_NONBLOCK, libc } from './libc.ts';
import { COMMAND, DEVICE_FLAG, DeviceInfo, IRQ, IRQ_SET, IrqInfo, REGION, RegionAccess, SetIrqs } from './messages.ts';
import { openScriptedTransport, type ScriptedTransport } from './scripted-transport.ts';

const ADDRESS = 0x3000_0000;
const [COMMAND_REGISTER, BAR0, INTERRUPT_PIN] = [4, 0x10, 0x3d];
const MEMORY_AND_MASTER = 6;
const [STATUS, INTERRUPT_STATUS, INTERRUPT_ACK] = [0x070, 0x060, 0x064];
const CONFIG_CHANGED = 2;

/** Of the common configuration and of the ISR status of a function, in BAR 0. */
const [FEATURE_SELECT, FEATURE, DEVICE_STATUS, ISR] = [0x08, 0x0c, 0x14, 0x1000];

let directory: string;
let transport: ScriptedTransport;
let client: VfioUserClient;
let eventfd: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'viommuspec-'));
  transport = await openScriptedTransport({ directory, carried: new Map([['iommu-mmio', ADDRESS]]) });
  await transport.execute({ do: 'stage', setup: machineOf({ topology: 'mmio', endpoints: {} }) });
  client = new VfioUserClient(transport.sockets.get('iommu-mmio') ?? '');
  client.negotiate();
  eventfd = libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
});

afterEach(async () => {
  libc.close(eventfd);
  client.close();
  await transport.close();
  rmSync(directory, { recursive: true });
});

const word = (region: number, offset: number): number | undefined =>
  client.read(region, BigInt(offset), 4)?.payload.getUint32(RegionAccess.size, true);

function store(region: number, offset: number, value: number): void {
  client.write(region, BigInt(offset), new Uint8Array(new Uint32Array([value]).buffer));
}

function place(): void {
  store(REGION.CONFIG, BAR0, ADDRESS);
  store(REGION.CONFIG, COMMAND_REGISTER, MEMORY_AND_MASTER);
}

function setIrqs(flags: number, count = 1): void {
  const values = { argsz: SetIrqs.size, flags, index: IRQ.INTX, start: 0, count };
  const descriptors = (flags & IRQ_SET.DATA_EVENTFD) !== 0 ? [eventfd] : [];
  expect(client.ask(COMMAND.DEVICE_SET_IRQS, payloadOf(SetIrqs, values), descriptors)?.error).toBe(0);
}

const unmask = (): void => setIrqs(IRQ_SET.DATA_NONE | IRQ_SET.ACTION_UNMASK);

/** Brings the device so far that it interrupts when its configuration changes. */
function start(): void {
  for (const status of [0, 1, 3]) store(0, STATUS, status);
  store(0, 0x024, 1);
  store(0, 0x020, 1);
  for (const status of [11, 15]) store(0, STATUS, status);
}

const change = (probe_size: number) => transport.execute({ do: 'change-config', config: { probe_size } });

test('is a PCI function with a line and nothing else that interrupts', () => {
  const info = client.ask(
    COMMAND.DEVICE_GET_INFO,
    payloadOf(DeviceInfo, { argsz: 16, flags: 0, num_regions: 0, num_irqs: 0 }),
  );
  expect(info && DeviceInfo.read(info.payload, 0).flags).toBe(DEVICE_FLAG.PCI | DEVICE_FLAG.RESET);
  expect(word(REGION.CONFIG, INTERRUPT_PIN - 1)! >> 8).toBe(1);
  const counts = [IRQ.INTX, IRQ.MSIX].map((index) => {
    const reply = client.ask(COMMAND.DEVICE_GET_IRQ_INFO, payloadOf(IrqInfo, { argsz: 16, flags: 0, index, count: 0 }));
    return reply && IrqInfo.read(reply.payload, 0).count;
  });
  expect(counts).toEqual([1, 0]);
});

test('shows the window in its place alone, and no function from then on', () => {
  store(REGION.CONFIG, BAR0, 0xfebf_0000);
  store(REGION.CONFIG, COMMAND_REGISTER, MEMORY_AND_MASTER);
  expect([word(0, 0), word(REGION.CONFIG, 0)]).toEqual([0xffff_ffff, 0x00ee_1b36]);
  store(REGION.CONFIG, COMMAND_REGISTER, 0);
  place();
  expect([word(0, 0), word(REGION.CONFIG, 0)]).toEqual([0x7472_6976, 0xffff_ffff]);
});

test('interrupts once, and again when it is unmasked while the line is up', async () => {
  place();
  setIrqs(IRQ_SET.DATA_EVENTFD | IRQ_SET.ACTION_TRIGGER);
  start();
  await change(64);
  await change(128);
  expect(takeSignals(eventfd)).toBe(1n);
  // What came while the line was masked is told by the same line.
  unmask();
  expect(takeSignals(eventfd)).toBe(1n);
  expect(word(0, INTERRUPT_STATUS)).toBe(CONFIG_CHANGED);
  store(0, INTERRUPT_ACK, CONFIG_CHANGED);
  unmask();
  expect(takeSignals(eventfd)).toBe(0n);
  await change(64);
  expect(takeSignals(eventfd)).toBe(1n);
});

test('interrupts a client that comes to listen while the line is up', async () => {
  place();
  start();
  await change(64);
  setIrqs(IRQ_SET.DATA_EVENTFD | IRQ_SET.ACTION_TRIGGER);
  expect(takeSignals(eventfd)).toBe(1n);
});

test('a function of virtio-pci interrupts by INTx while MSI-X is off, until ISR is read', async () => {
  client.close();
  await transport.execute({ do: 'stage', setup: machineOf({ endpoints: {} }) });
  client = new VfioUserClient(transport.sockets.get('iommu') ?? '');
  client.negotiate();
  store(REGION.CONFIG, COMMAND_REGISTER, MEMORY_AND_MASTER);
  setIrqs(IRQ_SET.DATA_EVENTFD | IRQ_SET.ACTION_TRIGGER);
  const setStatus = (status: number) => client.write(0, BigInt(DEVICE_STATUS), Uint8Array.of(status));
  for (const status of [0, 1, 3]) setStatus(status);
  store(0, FEATURE_SELECT, 1);
  store(0, FEATURE, 1);
  for (const status of [11, 15]) setStatus(status);
  await change(64);
  expect(takeSignals(eventfd)).toBe(1n);
  unmask();
  expect(takeSignals(eventfd)).toBe(1n);
  expect(client.read(0, BigInt(ISR), 1)?.payload.getUint8(RegionAccess.size)).toBe(CONFIG_CHANGED);
  unmask();
  expect(takeSignals(eventfd)).toBe(0n);
});
