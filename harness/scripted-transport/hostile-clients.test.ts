import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ERRNO, libc } from './libc.ts';
import { MAX_REPORTED_REFUSALS, MAX_UNSENT_SIZE, max_dma_maps, max_msg_fds } from './limits.ts';
import { COMMAND, FLAG, Header, RegionAccess } from './messages.ts';
import { access, bytes, irqs, map, unmap, version } from './fixtures/payloads.ts';
import { BAR_SIZE, VENDOR_ID } from './fixtures/small-machine-registers.ts';
import { TestTransport } from './fixtures/test-transport.ts';
import { memoryFile, type VfioUserClient } from './fixtures/vfio-user-client.ts';

let bench: TestTransport;
beforeAll(async () => {
  bench = await TestTransport.open();
});
afterAll(() => bench.close());
beforeEach(() => bench.startAfresh());

const memory = memoryFile(8192).descriptor;
const eventfd = libc.eventfd(0, 0);

const everyDescriptor = (count: number): number[] => Array.from({ length: count }, () => eventfd);

interface Broken {
  readonly what: string;
  readonly raw?: boolean;
  /** What the client does before it waits for the server to hang up. */
  readonly act: (client: VfioUserClient) => void;
  readonly sentence: RegExp;
}

const BROKEN: readonly Broken[] = [
  {
    what: 'a command before VERSION',
    raw: true,
    act: (client) => client.sendRaw(client.message(COMMAND.DEVICE_RESET)),
    sentence: /command 13 came before VERSION/,
  },
  {
    what: 'another major version',
    raw: true,
    act: (client) => client.sendRaw(client.message(1, version(1, '{}\0'))),
    sentence: /another major version/,
  },
  {
    what: 'a size of 0',
    act: (client) => client.sendRaw(client.message(9, bytes(), { size: 0 })),
    sentence: /claims 0 bytes/,
  },
  {
    what: 'a size of 15',
    act: (client) => client.sendRaw(client.message(9, bytes(), { size: 15 })),
    sentence: /claims 15 bytes/,
  },
  {
    what: 'a size of 4 GiB',
    act: (client) => client.sendRaw(client.message(9, bytes(), { size: 0xffffffff })),
    sentence: /claims 4294967295 bytes/,
  },
  {
    what: 'a reply out of nowhere',
    act: (client) => client.sendRaw(client.message(11, bytes(), { flags: FLAG.REPLY })),
    sentence: /a reply to a command that was never given/,
  },
  {
    what: 'too many descriptors',
    act: (client) => client.sendRaw(client.message(8, irqs({})), everyDescriptor(max_msg_fds + 1)),
    sentence: /carries 9 descriptors/,
  },
  {
    what: 'the most descriptors that the kernel passes',
    act: (client) => client.sendRaw(client.message(8, irqs({})), everyDescriptor(253)),
    sentence: /carries 253 descriptors/,
  },
  {
    what: 'descriptors in dribs',
    act: (client) => {
      const message = client.message(8, irqs({}));
      for (let i = 0; i <= max_msg_fds; i++) client.sendRaw(message.subarray(i, i + 1), [eventfd]);
    },
    sentence: /carries 9 descriptors/,
  },
  { what: 'noise', act: (client) => client.sendRaw(new Uint8Array(4096).fill(0xa5)), sentence: /claims \d+ bytes/ },
];

test.for(BROKEN)('disconnects a client that sends $what', async ({ raw, act, sentence }) => {
  const client = bench.connect('iommu', raw ? 'raw' : 'negotiated');
  act(client);
  expect(client.receive()).toBeUndefined();
  expect((await bench.sentences('broken')).join()).toMatch(sentence);
  client.close();
  bench.expectUnharmed();
});

const BAD_VERSION_DATA: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['no terminating zero', '{}', /zero byte/],
  ['no JSON', '{"capabilities"\0', /not JSON/],
  ['no UTF-8', bytes(0x22, 0xff, 0x22, 0), /not JSON in UTF-8/],
  ['an array', '[]\0', /not a JSON object/],
  ['capabilities that are a number', '{"capabilities":1}\0', /capabilities is not/],
  ['deep nesting', `${'['.repeat(60000)}\0`, /not JSON/],
  ['too much', `"${'x'.repeat(70000)}"\0`, /bytes of version data/],
];

test.for(BAD_VERSION_DATA)(
  'refuses version data with %s, and lets the client try again',
  async ([, data, sentence]) => {
    const client = bench.connect('iommu', 'raw');
    expect(client.ask(COMMAND.VERSION, version(0, data))?.flags).toBe(FLAG.REPLY | FLAG.ERROR);
    expect((await bench.sentences('refused')).join()).toMatch(sentence);
    expect(client.negotiate({ __proto__: null, max_msg_fds: 1e308 })).toEqual({ capabilities: { max_msg_fds: 8 } });
    client.close();
  },
);

test('reports a client that leaves in the middle of a header', async () => {
  const client = bench.connect();
  client.sendRaw(client.message(9).subarray(0, Header.size / 2), [eventfd]);
  client.close();
  expect(await bench.sentences('broken')).toEqual([
    'iommu: the client was disconnected: it left in the middle of a message.',
  ]);
  bench.expectUnharmed();
});

test('serves the other functions while one client has sent half a message', () => {
  const slow = bench.connect('iommu');
  const message = slow.message(COMMAND.REGION_READ, access(7, 0n, 2));
  slow.sendRaw(message.subarray(0, 20));
  const other = bench.connect('rng');
  expect(other.read(7, 0n, 2)?.error).toBe(0);
  slow.sendRaw(message.subarray(20));
  expect(slow.receive()?.payload.getUint16(RegionAccess.size, true)).toBe(VENDOR_ID);
  slow.close();
  other.close();
});

test('gives descriptors to the message that they came with, however the stream is cut', () => {
  const client = bench.connect();
  const read = client.message(COMMAND.REGION_READ, access(7, 0n, 2));
  const first = client.message(COMMAND.DMA_MAP, map({}));
  const second = client.message(COMMAND.DMA_MAP, map({ address: 4096n, offset: 4096n }));
  client.sendRaw(read);
  client.sendRaw(first, [memory]);
  client.sendRaw(second.subarray(0, 3));
  client.sendRaw(second.subarray(3, 30), [memory]);
  client.sendRaw(new Uint8Array([...second.subarray(30), ...read]));
  expect(Array.from({ length: 4 }, () => client.receive()).map((reply) => [reply?.command, reply?.error])).toEqual([
    [COMMAND.REGION_READ, 0],
    [COMMAND.DMA_MAP, 0],
    [COMMAND.DMA_MAP, 0],
    [COMMAND.REGION_READ, 0],
  ]);
  // Both windows are memory: mapping them again without a descriptor would be accepted if they were not windows at all.
  expect(client.map(0n, 8192n, [])?.error).toBe(ERRNO.EEXIST);
  client.close();
});

test('disconnects a client that does not read its replies, and serves others meanwhile', async () => {
  const greedy = bench.connect();
  const read = greedy.message(COMMAND.REGION_READ, access(0, 0n, BAR_SIZE));
  const batch = new Uint8Array(read.byteLength * 64);
  for (let i = 0; i < 64; i++) batch.set(read, i * read.byteLength);
  const enough = (2 * MAX_UNSENT_SIZE) / (64 * BAR_SIZE);
  for (let i = 0; i < enough && greedy.sendRaw(batch); i++);
  const other = bench.connect('rng');
  expect(other.read(7, 0n, 2)?.error).toBe(0);
  other.close();
  expect((await bench.sentences('broken')).join()).toMatch(/does not read its replies/);
  greedy.close();
  bench.expectUnharmed();
});

test('delivers all replies to a client that reads late', () => {
  const client = bench.connect();
  const count = Math.floor(MAX_UNSENT_SIZE / BAR_SIZE / 2);
  for (let i = 0; i < count; i++) client.sendRaw(client.message(COMMAND.REGION_READ, access(0, 0n, BAR_SIZE)));
  for (let i = 0; i < count; i++) expect(client.receive()?.payload.byteLength).toBe(RegionAccess.size + BAR_SIZE);
  client.close();
});

test('limits the number of windows', () => {
  const client = bench.connect();
  for (let i = 0; i < max_dma_maps; i++) expect(client.map(BigInt(i) * 4096n, 4096n, [memory])?.error).toBe(0);
  expect(client.map(1n << 40n, 4096n, [memory])?.error).toBe(ERRNO.ENOSPC);
  expect(client.ask(COMMAND.DMA_UNMAP, unmap({ flags: 2, size: 0n }))?.error).toBe(0);
  expect(client.map(1n << 40n, 4096n, [memory])?.error).toBe(0);
  client.close();
  bench.expectUnharmed();
});

test('reports only so many refusals of one client', async () => {
  const client = bench.connect();
  for (let i = 0; i < 100; i++) client.ask(99);
  client.close();
  await bench.transport.execute({ do: 'take-trace' });
  const sentences = await bench.sentences('refused');
  expect(sentences).toHaveLength(MAX_REPORTED_REFUSALS + 1);
  expect(sentences.at(-1)).toMatch(/further refused messages/);
});

test('answers errors of commands with NO_REPLY by silence', () => {
  const client = bench.connect();
  client.sendRaw(client.message(99, bytes(), { flags: FLAG.NO_REPLY }));
  expect(client.read(7, 0n, 2)?.command).toBe(COMMAND.REGION_READ);
  client.close();
});
