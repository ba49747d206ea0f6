/** Boots the stock guest in front of the reference machine. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { needs } from '../../../scripts/test-tools/needs.ts';
import { LINUX_GUEST } from '../../../scripts/test-tools/tool-names.ts';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { Given } from '../../../cases/api/vocabulary.ts';
import type { TraceEvent } from '../../../reference-device/trace-events.ts';
import type { Answer, DriverSession } from '../../driver-contract/driver-session.ts';
import { linuxGuest } from './linux-guest.ts';

const BOOT_TIMEOUT_MS = 300_000;

let guest: DriverSession;

beforeAll(async () => {
  guest = await linuxGuest({}).open({ topology: 'plain' });
}, BOOT_TIMEOUT_MS);

afterAll(() => guest.close());

/** Says one command as a shim reads it. */
function say(line: string): Promise<Answer> {
  const [verb = '', ...words] = line.split(' ');
  return guest.command({ verb, args: Object.fromEntries(words.map((word) => word.split('=', 2))) });
}

async function stageAndStart(given: Given): Promise<Answer> {
  expect(await say('stop')).toMatchObject({ outcome: 'ok' });
  await guest.machine.execute({ do: 'stage', setup: machineOf(given) });
  return say('start');
}

const read = async (address: bigint): Promise<string | undefined> => {
  const reply = await guest.machine.execute({ do: 'dma', endpoint: 'dma', address, length: 4, access: 'read' });
  return reply.dma?.outcome === 'ok' ? reply.dma.bytes : reply.dma?.outcome;
};

const trace = async (): Promise<readonly TraceEvent[]> =>
  (await guest.machine.execute({ do: 'take-trace' })).trace ?? [];

const requestNames = (events: readonly TraceEvent[]): (string | undefined)[] =>
  events.flatMap((event) => (event.kind === 'request' ? [event.name] : []));

function lastAttachedDomain(events: readonly TraceEvent[]): unknown {
  const last = events.findLast((event) => event.kind === 'request' && event.name === 'ATTACH');
  return last?.kind === 'request' ? last.fields['domain'] : undefined;
}

describe('one boot', needs(...LINUX_GUEST), () => {
  test('says who it is', () => {
    expect(guest.identity).toMatchObject({ name: 'linux', lazyUnmap: false });
    expect(guest.identity.version).toMatch(/^\d+\.\d+/);
  });

  test('answers a verb that does not exist with SKIP', async () => {
    expect(await say('no-such-verb')).toMatchObject({ outcome: 'skip', reason: 'no such verb' });
  });

  test('probes and attaches the endpoint whose driver comes up, and lets it do transfers', async () => {
    expect(await stageAndStart({})).toMatchObject({ outcome: 'ok' });
    expect(requestNames(await trace())).toEqual(expect.arrayContaining(['PROBE', 'ATTACH', 'MAP']));
    expect(await say('io endpoint=rng length=200')).toMatchObject({ outcome: 'ok', values: { bytes: 200 } });
    expect(requestNames(await trace()).filter((name) => name === 'MAP').length).toBeGreaterThanOrEqual(3);
  });

  test('maps a buffer exactly where it is told, and takes the mapping away again', async () => {
    await stageAndStart({});
    expect(await say('attach endpoint=dma domain=d1')).toMatchObject({ outcome: 'ok' });
    const range = 'domain=d1 iova=0x7ff0000000 length=8192';
    expect(await say(`map ${range} access=r buffer=b1`)).toMatchObject({ outcome: 'ok' });
    expect(await say('poke buffer=b1 offset=0x1000 bytes=000012e5')).toMatchObject({ outcome: 'ok' });
    expect(await say('peek buffer=b1 offset=4096 length=4')).toMatchObject({ values: { bytes: '000012e5' } });
    expect(await read(0x7f_f000_1000n)).toBe('000012e5');
    expect(await say(`unmap ${range}`)).toMatchObject({ outcome: 'ok' });
    expect(await read(0x7f_f000_1000n)).toBe('fault');
    const fault = 'mapping endpoint=0x120 address=0x7ff0001000';
    expect(await say('faults')).toMatchObject({ outcome: 'ok', values: { faults: [fault] } });
    expect(await say('faults')).toMatchObject({ outcome: 'ok', values: { faults: [] } });
  });

  test('reports faults in every case, however many there were in the one before', async () => {
    for (let round = 0; round < 2; round++) {
      await stageAndStart({});
      await say('attach endpoint=dma domain=d1');
      for (let index = 0; index < 12; index++) await read(0x1000n * BigInt(index));
      const { faults } = (await say('faults')).values;
      expect(Array.isArray(faults) && faults.length).toBeGreaterThanOrEqual(10);
    }
  });

  test('puts two endpoints into one domain', async () => {
    await stageAndStart({ endpoints: { dma: {}, dma2: {} } });
    await say('attach endpoint=dma domain=d1');
    const domain = lastAttachedDomain(await trace());
    expect(await say('attach endpoint=dma2 domain=d1')).toMatchObject({ outcome: 'ok' });
    expect(lastAttachedDomain(await trace())).toBe(domain);
    expect(await say('detach endpoint=dma domain=d1')).toMatchObject({ outcome: 'ok' });
    expect(await say('map domain=d1 iova=0x1000 length=4096 access=rw buffer=b')).toMatchObject({ outcome: 'ok' });
  });

  test('tells the reserved regions that it was told', async () => {
    await stageAndStart({});
    const msi = { outcome: 'ok', values: { regions: ['0xfee00000 0xfeefffff msi'] } };
    expect(await say('regions endpoint=rng')).toMatchObject(msi);
    expect(await say('regions endpoint=dma')).toMatchObject(msi);
  });

  test('reads from the endpoint that is named, managed or not', async () => {
    await stageAndStart({ endpoints: { rng: {}, gap: {}, rng2: {} } });
    for (const endpoint of ['rng2', 'gap', 'rng']) {
      await trace();
      expect(await say(`io endpoint=${endpoint} length=64`)).toMatchObject({ outcome: 'ok' });
      const busy = (await trace()).flatMap((event) => (event.kind === 'dma' ? [event.endpoint] : []));
      expect(new Set(busy)).toEqual(new Set([endpoint]));
    }
  });

  test('does not start without MAP_UNMAP, keeps the endpoints waiting, and recovers', async () => {
    expect(await stageAndStart({ features: ['VIRTIO_F_VERSION_1'] })).toMatchObject({ outcome: 'not-ok' });
    expect((await trace()).filter((event) => event.kind === 'dma')).toEqual([]);
    expect(await say('io endpoint=rng')).toMatchObject({
      outcome: 'not-ok',
      reason: "the endpoint's driver is not up",
    });
    expect(await stageAndStart({})).toMatchObject({ outcome: 'ok' });
  });

  test('takes one endpoint down and leaves the other alone', async () => {
    await stageAndStart({ endpoints: { rng: {}, rng2: {} } });
    expect(await say('release endpoint=rng')).toMatchObject({ outcome: 'ok' });
    expect(await say('io endpoint=rng')).toMatchObject({ outcome: 'not-ok' });
    expect(await say('io endpoint=rng2')).toMatchObject({ outcome: 'ok' });
  });

  test.each([
    ['map domain=nowhere iova=0 length=4096 access=rw buffer=b', 'no endpoint is in that domain'],
    ['attach endpoint=rng2 domain=d1', 'the endpoint rng2 is not on the bus'],
    ['attach endpoint=nobody domain=d1', 'there is no endpoint nobody'],
    ['attach endpoint=dma', 'the argument domain is missing'],
    ['peek buffer=nothing offset=0 length=1', 'there is no buffer of that name'],
    ['io endpoint=rng length=lots', 'the argument length is no 64-bit number'],
  ])('refuses %j with a sentence', async (line, sentence) => {
    await stageAndStart({});
    expect(await say(line)).toMatchObject({ outcome: 'not-ok', reason: sentence });
  });
});

describe('other boots', needs(...LINUX_GUEST), () => {
  test(
    'is given up when the driver spins in front of a device that never answers',
    async () => {
      const session = await linuxGuest({}).open({ topology: 'plain' });
      try {
        const faults = [{ name: 'never-complete', request: 'ATTACH' }] as const;
        await session.machine.execute({ do: 'stage', setup: machineOf({ endpoints: { rng: {} }, faults }) });
        await expect(session.command({ verb: 'start', args: {} })).rejects.toThrow(
          `The driver did not answer "start": the guest's processor runs in a loop with interrupts off.`,
        );
      } finally {
        await session.close();
      }
    },
    BOOT_TIMEOUT_MS,
  );

  test(
    'ends with the words of a kernel that crashes, and leaves nothing behind',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'viommuspec-boot-'));
      vi.stubEnv('TMPDIR', folder);
      const opening = linuxGuest({ append: 'rdinit=/nothing' }).open({ topology: 'plain' });
      await expect(opening).rejects.toMatchObject({
        end: { how: 'crashed-elsewhere', says: expect.stringMatching(/^The guest's kernel crashed: Kernel panic/) },
      });
      vi.unstubAllEnvs();
      expect(readdirSync(folder).filter((name) => name.startsWith('viommuspec-'))).toEqual([]);
      rmSync(folder, { recursive: true });
    },
    BOOT_TIMEOUT_MS,
  );

  test(
    'drives an IOMMU in a window of registers, again after it was taken down',
    async () => {
      const session = await linuxGuest({}).open({ topology: 'mmio' });
      try {
        for (const endpoints of [{ rng: {} }, { dma: {} }]) {
          await session.machine.execute({ do: 'stage', setup: machineOf({ topology: 'mmio', endpoints }) });
          for (const verb of ['start', 'stop']) expect((await session.command({ verb, args: {} })).outcome).toBe('ok');
          const { trace = [] } = await session.machine.execute({ do: 'take-trace' });
          expect(requestNames(trace).includes('ATTACH')).toBe('rng' in endpoints);
          const [first] = trace.filter((event) => event.kind === 'register-read' && event.device === 'iommu');
          expect(first).toMatchObject({ structure: 'mmio', field: 'MagicValue' });
        }
      } finally {
        await session.close();
      }
    },
    BOOT_TIMEOUT_MS,
  );

  test(
    'says in its identity that it unmaps lazily',
    async () => {
      const lazy = await linuxGuest({ configuration: 'lazy' }).open({ topology: 'all-node-types' });
      try {
        expect(lazy.identity).toMatchObject({ lazyUnmap: true });
        expect(await lazy.command({ verb: 'start', args: {} })).toMatchObject({ outcome: 'ok' });
      } finally {
        await lazy.close();
      }
    },
    BOOT_TIMEOUT_MS,
  );
});
