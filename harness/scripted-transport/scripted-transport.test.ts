import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HarnessError } from '../harness-error.ts';
import { ERRNO, libc, nativeBlock } from './libc.ts';
import {
  COMMAND,
  CONFIG_SPACE_SIZE,
  DeviceInfo,
  DmaUnmap,
  FLAG,
  IRQ_SET,
  IrqInfo,
  RegionAccess,
  RegionInfo,
  SetIrqs,
  WriteMulti,
} from './messages.ts';
import { BAR_SIZE, REGISTER, VECTOR_COUNT, VENDOR_ID } from './fixtures/small-machine-registers.ts';
import { TestTransport } from './fixtures/test-transport.ts';
import { memoryFile, payloadOf, takeSignals } from './fixtures/vfio-user-client.ts';

let bench: TestTransport;
beforeAll(async () => {
  bench = await TestTransport.open();
});
afterAll(() => bench.close());
beforeEach(() => bench.startAfresh());

const u32 = (value: number): Uint8Array => new Uint8Array(new Uint32Array([value]).buffer);
const u64 = (value: bigint): Uint8Array => new Uint8Array(new BigUint64Array([value]).buffer);
/** One write of four bytes in a REGION_WRITE_MULTI. */
const writeOne = (offset: bigint, value: number): Uint8Array =>
  payloadOf(RegionAccess, { offset, region: 0, count: 4 }, new Uint8Array([...u32(value), 0, 0, 0, 0]));
const nonBlockingEventfd = (): number => libc.eventfd(0, 0o4000);
const MIB = 1n << 20n;

test('answers VERSION with those of its capabilities that the client named', () => {
  const client = bench.connect('iommu', 'raw');
  expect(client.negotiate({ max_msg_fds: 16, write_multiple: true, migration: { pgsize: 4096 } })).toEqual({
    capabilities: { max_msg_fds: 8, write_multiple: true },
  });
  client.close();
});

test('describes a PCI device with nine regions, of which BAR 0 and configuration space have a size', () => {
  const client = bench.connect();
  const info = client.ask(
    COMMAND.DEVICE_GET_INFO,
    payloadOf(DeviceInfo, { argsz: 16, flags: 0, num_regions: 0, num_irqs: 0 }),
  );
  expect(info && DeviceInfo.read(info.payload, 0)).toEqual({ argsz: 16, flags: 3, num_regions: 9, num_irqs: 3 });
  const sizes = Array.from({ length: 9 }, (_, index) => {
    const request = { argsz: 32, flags: 0, index, cap_offset: 0, size: 0n, offset: 0n };
    const reply = client.ask(COMMAND.DEVICE_GET_REGION_INFO, payloadOf(RegionInfo, request));
    return reply && Number(RegionInfo.read(reply.payload, 0).size);
  });
  expect(sizes).toEqual([BAR_SIZE, 0, 0, 0, 0, 0, 0, CONFIG_SPACE_SIZE, 0]);
  const counts = [0, 1, 2].map((index) => {
    const reply = client.ask(COMMAND.DEVICE_GET_IRQ_INFO, payloadOf(IrqInfo, { argsz: 16, flags: 0, index, count: 0 }));
    return reply && IrqInfo.read(reply.payload, 0).count;
  });
  expect(counts).toEqual([1, 0, VECTOR_COUNT]);
  client.close();
});

test('says without a report that a device has no error interrupt', async () => {
  const client = bench.connect();
  const request = { argsz: IrqInfo.size, flags: 0, index: 3, count: 0 };
  expect(client.ask(COMMAND.DEVICE_GET_IRQ_INFO, payloadOf(IrqInfo, request))?.error).toBe(ERRNO.EINVAL);
  client.close();
  expect((await bench.sentences('disconnected')).length).toBe(1);
  expect(bench.events).toEqual([]);
});

test('carries reads of configuration space and accesses to BARs at the width of the request', () => {
  const client = bench.connect();
  expect(client.read(7, 0n, 2)?.payload.getUint16(RegionAccess.size, true)).toBe(VENDOR_ID);
  expect(client.write(0, 0x20n, u32(0x12345678))?.error).toBe(0);
  const reply = client.read(0, 0x21n, 2);
  expect(reply?.payload.byteLength).toBe(RegionAccess.size + 2);
  expect(reply?.payload.getUint16(RegionAccess.size, true)).toBe(0x3456);
  client.close();
});

test('does not answer a write with NO_REPLY, and carries it out before the next command', () => {
  const client = bench.connect();
  const access = payloadOf(RegionAccess, { offset: 0x20n, region: 0, count: 4 }, u32(7));
  client.sendRaw(client.message(COMMAND.REGION_WRITE, access, { flags: FLAG.NO_REPLY }));
  const reply = client.read(0, 0x20n, 4);
  expect(reply?.command).toBe(COMMAND.REGION_READ);
  expect(reply?.payload.getUint32(RegionAccess.size, true)).toBe(7);
  client.close();
});

test('carries out all writes of REGION_WRITE_MULTI', () => {
  const client = bench.connect();
  const writes = new Uint8Array([...writeOne(0x20n, 1), ...writeOne(0x24n, 2)]);
  const reply = client.ask(COMMAND.REGION_WRITE_MULTI, payloadOf(WriteMulti, { wr_cnt: 2n }, writes));
  expect(reply?.payload.getBigUint64(0, true)).toBe(2n);
  expect(client.read(0, 0x20n, 8)?.payload.getBigUint64(RegionAccess.size, true)).toBe(0x2_0000_0001n);
  client.close();
});

test('lets a function write to mapped memory until it is unmapped', () => {
  const client = bench.connect();
  const { descriptor, bytes } = memoryFile(Number(2n * MIB));
  expect(client.map(0x1000_0000n, MIB, [descriptor], { offset: MIB })?.error).toBe(0);
  client.write(0, BigInt(REGISTER.STORE), u64(0x1000_0010n));
  expect(new DataView(bytes.buffer).getUint32(Number(MIB) + 0x10, true)).toBe(0xfeedface);
  const unmap = { argsz: 24, flags: 0, address: 0x1000_0000n, size: MIB };
  const reply = client.ask(COMMAND.DMA_UNMAP, payloadOf(DmaUnmap, unmap));
  expect(reply && DmaUnmap.read(reply.payload, 0)).toEqual(unmap);
  client.write(0, BigInt(REGISTER.STORE), u64(0x1000_0010n));
  expect(client.read(0, BigInt(REGISTER.STORE), 1)?.payload.getUint8(RegionAccess.size)).toBe(0);
  libc.close(descriptor);
  client.close();
});

test('keeps a function from writing to memory that was mapped read-only or without a descriptor', () => {
  const client = bench.connect();
  const { descriptor, bytes } = memoryFile(Number(MIB));
  expect(client.map(0n, MIB, [descriptor], { flags: 1 })?.error).toBe(0);
  expect(client.map(MIB, MIB, [])?.error).toBe(0);
  for (const address of [0x10n, MIB + 0x10n]) {
    client.write(0, BigInt(REGISTER.STORE), u64(address));
    expect(client.read(0, BigInt(REGISTER.STORE), 1)?.payload.getUint8(RegionAccess.size)).toBe(0);
  }
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  libc.close(descriptor);
  client.close();
});

test('fires the eventfds of wired vectors, and says of the others that they are not', () => {
  const client = bench.connect();
  const eventfds = [nonBlockingEventfd(), nonBlockingEventfd()] as const;
  expect(client.wire(1, eventfds)?.error).toBe(0);
  const fire = (vector: number): number | undefined => {
    client.write(0, BigInt(REGISTER.FIRE), u32(vector));
    return client.read(0, BigInt(REGISTER.FIRE), 1)?.payload.getUint8(RegionAccess.size);
  };
  expect([fire(0), fire(1), fire(2), fire(3)]).toEqual([0, 1, 1, 0]);
  expect(eventfds.map(takeSignals)).toEqual([1n, 1n]);
  const disable = { argsz: 20, flags: IRQ_SET.DATA_NONE | IRQ_SET.ACTION_TRIGGER, index: 2, start: 0, count: 0 };
  expect(client.ask(COMMAND.DEVICE_SET_IRQS, payloadOf(SetIrqs, disable))?.error).toBe(0);
  expect(fire(1)).toBe(0);
  for (const eventfd of eventfds) libc.close(eventfd);
  client.close();
});

test('goes on when an eventfd is full', () => {
  const client = bench.connect();
  const full = libc.eventfd(0, 0);
  client.wire(0, [full]);
  const most = nativeBlock(8);
  most.view.setBigUint64(0, 0xffff_ffff_ffff_fffen, true);
  libc.write(full, most.address, 8);
  client.write(0, BigInt(REGISTER.FIRE), u32(0));
  expect(client.read(7, 0n, 2)?.error).toBe(0);
  libc.close(full);
  client.close();
});

test('resets the function, and forgets memory and interrupts, when the next client connects', () => {
  const first = bench.connect();
  const { descriptor } = memoryFile(4096);
  const eventfd = nonBlockingEventfd();
  first.map(0n, 4096n, [descriptor]);
  first.wire(0, [eventfd]);
  first.write(0, 0x20n, u32(1));
  first.close();
  const second = bench.connect();
  expect(second.read(0, 0x20n, 4)?.payload.getUint32(RegionAccess.size, true)).toBe(0);
  second.write(0, BigInt(REGISTER.STORE), u64(0n));
  expect(second.read(0, BigInt(REGISTER.STORE), 1)?.payload.getUint8(RegionAccess.size)).toBe(0);
  second.write(0, BigInt(REGISTER.FIRE), u32(0));
  expect(takeSignals(eventfd)).toBe(0n);
  for (const each of [descriptor, eventfd]) libc.close(each);
  second.close();
});

test('lets held work go when nothing has happened for a while', async () => {
  const client = bench.connect();
  const released = (): number | undefined =>
    client.read(0, BigInt(REGISTER.RELEASED), 4)?.payload.getUint32(RegionAccess.size, true);
  const before = released() ?? 0;
  client.write(0, BigInt(REGISTER.HOLD), u32(1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(released()).toBe(before + 1);
  client.close();
});

test('answers commands of the owner while clients are connected', async () => {
  const client = bench.connect();
  const dma = { do: 'dma', endpoint: 'rng', address: 1n << 63n, length: 1, access: 'read' } as const;
  const replies = await Promise.all([bench.transport.execute(dma), bench.transport.execute({ do: 'take-trace' })]);
  expect(replies).toEqual([{ dma: { outcome: 'ok', bytes: '8000000000000000' } }, { trace: [] }]);
  client.close();
});

test('tells its owner who connects and leaves', async () => {
  bench.connect('rng').close();
  expect(await bench.sentences('disconnected', 'rng')).toEqual(['rng: the client left.']);
});

test.for(['command', 'register'] as const)(
  'turns a defect of the machine, met by a %s, into a HarnessError',
  async (by) => {
    const doomed = await TestTransport.open();
    if (by === 'register') doomed.connect().write(0, BigInt(REGISTER.DEFECT), u32(0));
    const outcome = doomed.transport.execute({ do: by === 'command' ? 'need-reset' : 'take-trace' });
    await expect(outcome).rejects.toThrow(HarnessError);
    await expect(outcome).rejects.toMatchObject({
      message: 'The reference device failed: the machine has a defect',
      exitCode: 3,
    });
    await doomed.close();
  },
);

test('looks at no queues once a client has left, with whose memory the rings have gone', async () => {
  const look = () => bench.transport.execute({ do: 'look-at-queues' });
  const iommu = bench.connect('iommu');
  const rng = bench.connect('rng');
  // What the machine says to any command.
  expect(await look()).toEqual({ trace: [] });
  rng.close();
  expect(await bench.sentences('disconnected', 'rng')).toHaveLength(1);
  expect(await look()).toEqual({});
  iommu.close();
});
