import { openSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ERRNO, libc } from './libc.ts';
import { max_msg_fds } from './limits.ts';
import { DeviceInfo, FLAG, IRQ_SET, RegionInfo, WriteMulti } from './messages.ts';
import { access, bytes, irqs, map, unmap, version } from './fixtures/payloads.ts';
import { BAR_SIZE } from './fixtures/small-machine-registers.ts';
import { TestTransport } from './fixtures/test-transport.ts';
import { memoryFile, payloadOf, resize } from './fixtures/vfio-user-client.ts';

let bench: TestTransport;
beforeAll(async () => {
  bench = await TestTransport.open();
});
afterAll(() => bench.close());
beforeEach(() => bench.startAfresh());

const memory = memoryFile(8192).descriptor;
const eventfd = libc.eventfd(0, 0);
const sparse = memoryFile(4096).descriptor;
resize(sparse, 2 ** 33);
const unwritable = openSync(process.execPath, 'r');

interface Refused {
  readonly what: string;
  readonly command: number;
  readonly payload?: () => Uint8Array;
  readonly descriptors?: () => number[];
  readonly errno: number;
  readonly sentence: RegExp;
}

const { EINVAL, EEXIST, ENOENT, ENOMEM, ENOTSUP, EACCES } = ERRNO;

const REFUSED: readonly Refused[] = [
  { what: 'an unknown command', command: 99, errno: ENOTSUP, sentence: /command 99 refused: unknown/ },
  { what: 'GET_REGION_IO_FDS', command: 6, errno: ENOTSUP, sentence: /regions have no descriptors/ },
  {
    what: 'VERSION twice',
    command: 1,
    payload: () => version(0, '{}\0'),
    errno: EINVAL,
    sentence: /agreed on already/,
  },
  {
    what: 'a short payload',
    command: 9,
    payload: () => bytes(1, 2, 3),
    errno: EINVAL,
    sentence: /has 3 bytes and not 16/,
  },
  {
    what: 'a read behind a BAR',
    command: 9,
    payload: () => access(0, BigInt(BAR_SIZE) - 2n, 4),
    errno: EINVAL,
    sentence: /outside region 0/,
  },
  {
    what: 'a read at the end of the address space',
    command: 9,
    payload: () => access(0, (1n << 64n) - 1n, 1),
    errno: EINVAL,
    sentence: /outside region 0/,
  },
  {
    what: 'a read of a region without size',
    command: 9,
    payload: () => access(3, 0n, 4),
    errno: EINVAL,
    sentence: /outside region 3/,
  },
  {
    what: 'a read of a region that does not exist',
    command: 9,
    payload: () => access(0xffffffff, 0n, 4),
    errno: EINVAL,
    sentence: /outside region 4294967295/,
  },
  {
    what: 'a read of 4 GiB',
    command: 9,
    payload: () => access(7, 0n, 0xffffffff),
    errno: EINVAL,
    sentence: /count is 4294967295/,
  },
  { what: 'a read of nothing', command: 9, payload: () => access(7, 0n, 0), errno: EINVAL, sentence: /count is 0/ },
  {
    what: 'a write with too little data',
    command: 10,
    payload: () => access(0, 0n, 8, bytes(1, 2)),
    errno: EINVAL,
    sentence: /count is 8, the data 2 bytes/,
  },
  {
    what: 'a write with too much data',
    command: 10,
    payload: () => access(0, 0n, 1, bytes(1, 2)),
    errno: EINVAL,
    sentence: /count is 1, the data 2 bytes/,
  },
  {
    what: 'more writes than were sent',
    command: 15,
    payload: () => payloadOf(WriteMulti, { wr_cnt: 1n << 63n }),
    errno: EINVAL,
    sentence: /0 fit into the message/,
  },
  {
    what: 'a write of 9 bytes in WRITE_MULTI',
    command: 15,
    payload: () => payloadOf(WriteMulti, { wr_cnt: 1n }, access(0, 0n, 9, new Uint8Array(8))),
    errno: EINVAL,
    sentence: /count is 9/,
  },
  {
    what: 'a region index of 9',
    command: 5,
    payload: () => payloadOf(RegionInfo, { argsz: 32, flags: 0, index: 9, cap_offset: 0, size: 0n, offset: 0n }),
    errno: EINVAL,
    sentence: /no region 9/,
  },
  {
    what: 'a small argsz',
    command: 4,
    payload: () => payloadOf(DeviceInfo, { argsz: 15, flags: 0, num_regions: 0, num_irqs: 0 }),
    errno: EINVAL,
    sentence: /argsz is 15/,
  },
  {
    what: 'a window that overlaps another',
    command: 2,
    payload: () => map({ address: 0x10000000n, size: 8192n }),
    errno: EEXIST,
    sentence: /overlaps the window at 0x10001000/,
  },
  {
    what: 'a window that is not whole pages',
    command: 2,
    payload: () => map({ size: 4097n }),
    errno: EINVAL,
    sentence: /whole pages/,
  },
  { what: 'an empty window', command: 2, payload: () => map({ size: 0n }), errno: EINVAL, sentence: /whole pages/ },
  {
    what: 'a window past the end of the address space',
    command: 2,
    payload: () => map({ address: (1n << 64n) - 4096n, size: 8192n }),
    errno: EINVAL,
    sentence: /past 2\^64/,
  },
  {
    what: 'a window that nobody may read',
    command: 2,
    payload: () => map({ flags: 2 }),
    errno: EINVAL,
    sentence: /flags 2/,
  },
  {
    what: 'a window behind the end of its file',
    command: 2,
    payload: () => map({ offset: 8192n }),
    descriptors: () => [memory],
    errno: EINVAL,
    sentence: /its file at 8192/,
  },
  {
    what: 'a window of a socket',
    command: 2,
    payload: () => map({}),
    descriptors: () => [eventfd],
    errno: EINVAL,
    sentence: /not a memory file/,
  },
  {
    what: 'a window with two descriptors',
    command: 2,
    payload: () => map({}),
    descriptors: () => [memory, memory],
    errno: EINVAL,
    sentence: /2 descriptors for one window/,
  },
  {
    what: 'a window of a file that cannot be written',
    command: 2,
    payload: () => map({}),
    descriptors: () => [unwritable],
    errno: EACCES,
    sentence: /cannot be mapped for reading and writing/,
  },
  {
    what: 'a window beyond 4 GiB of its file',
    command: 2,
    payload: () => map({ offset: 1n << 32n }),
    descriptors: () => [sparse],
    errno: ENOMEM,
    sentence: /beyond 4 GiB/,
  },
  {
    what: 'unmapping what is not mapped',
    command: 3,
    payload: () => unmap({}),
    errno: ENOENT,
    sentence: /no window of 4096 bytes at 0x0/,
  },
  {
    what: 'unmapping a part of a window',
    command: 3,
    payload: () => unmap({ address: 0x10001000n, size: 8192n }),
    errno: ENOENT,
    sentence: /no window of 8192 bytes/,
  },
  {
    what: 'an interrupt type of 5',
    command: 8,
    payload: () => irqs({ index: 5 }),
    errno: EINVAL,
    sentence: /no interrupt type 5/,
  },
  {
    what: 'vectors that do not exist',
    command: 8,
    payload: () => irqs({ start: 0xffffffff, count: 0xffffffff }),
    errno: EINVAL,
    sentence: /of 4/,
  },
  {
    what: 'fewer eventfds than vectors',
    command: 8,
    payload: () => irqs({ count: 2 }),
    descriptors: () => [eventfd],
    errno: EINVAL,
    sentence: /1 descriptor for 2 interrupts/,
  },
  {
    what: 'a file as an eventfd',
    command: 8,
    payload: () => irqs({}),
    descriptors: () => [memory],
    errno: EINVAL,
    sentence: /not an eventfd/,
  },
  {
    what: 'masking',
    command: 8,
    payload: () => irqs({ flags: IRQ_SET.DATA_NONE | IRQ_SET.ACTION_MASK }),
    errno: EINVAL,
    sentence: /masked/,
  },
  {
    what: 'two kinds of interrupt data',
    command: 8,
    payload: () => irqs({ flags: 0x27 }),
    errno: EINVAL,
    sentence: /more than one kind/,
  },
  {
    what: 'booleans that were not sent',
    command: 8,
    payload: () => irqs({ flags: 0x22, count: 4 }, bytes(1)),
    errno: EINVAL,
    sentence: /fewer than 4 booleans/,
  },
  {
    what: 'eventfds with a command that wants none',
    command: 9,
    payload: () => access(0, 0n, 0),
    descriptors: () => Array.from({ length: max_msg_fds }, () => eventfd),
    errno: EINVAL,
    sentence: /count is 0/,
  },
];

test.for(REFUSED)('refuses $what, and goes on', async ({ command, payload, descriptors, errno, sentence }) => {
  const client = bench.connect();
  client.map(0x10001000n, 4096n, [memory]);
  const reply = client.ask(command, payload?.(), descriptors?.());
  expect(reply).toMatchObject({ command, error: errno, flags: FLAG.REPLY | FLAG.ERROR });
  expect(reply?.payload.byteLength).toBe(0);
  expect((await bench.sentences('refused')).join()).toMatch(sentence);
  expect(client.read(7, 0n, 2)?.error).toBe(0);
  client.close();
  bench.expectUnharmed();
});
