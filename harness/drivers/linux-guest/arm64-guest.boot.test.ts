/** Boots the stock arm64 guest in front of a machine that a device tree describes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../../scripts/test-tools/needs.ts';
import { ARM64_GUEST } from '../../../scripts/test-tools/tool-names.ts';
import { machineOf } from '../../../cases/api/default-machine.ts';
import type { Given } from '../../../cases/api/vocabulary.ts';
import { describedId } from '../../../reference-device/topology/topologies.ts';
import type { TraceEvent } from '../../../reference-device/trace-events.ts';
import type { Answer, DriverSession } from '../../driver-contract/driver-session.ts';
import { linuxGuest } from './linux-guest.ts';

const BOOT_TIMEOUT_MS = 300_000;

const driver = linuxGuest({ kernel: 'trixie:arm64' });
let guest: DriverSession;

beforeAll(async () => {
  guest = await driver.open({ topology: 'offset-ids' });
}, BOOT_TIMEOUT_MS);

afterAll(() => guest.close());

/** Says one command as a shim reads it. */
function say(line: string): Promise<Answer> {
  const [verb = '', ...words] = line.split(' ');
  return guest.command({ verb, args: Object.fromEntries(words.map((word) => word.split('=', 2))) });
}

async function stageAndStart(endpoints: NonNullable<Given['endpoints']>): Promise<Answer> {
  expect(await say('stop')).toMatchObject({ outcome: 'ok' });
  const setup = machineOf({ topology: 'offset-ids', endpoints });
  await guest.machine.execute({ do: 'stage', setup: driver.machineFor?.(setup) ?? setup });
  return say('start');
}

const read = async (address: bigint) =>
  (await guest.machine.execute({ do: 'dma', endpoint: 'dma', address, length: 4, access: 'read' })).dma;

const trace = async (): Promise<readonly TraceEvent[]> =>
  (await guest.machine.execute({ do: 'take-trace' })).trace ?? [];

const attachedIds = (events: readonly TraceEvent[]): unknown[] =>
  events.flatMap((event) => (event.kind === 'request' && event.name === 'ATTACH' ? [event.fields['endpoint']] : []));

describe('the arm64 guest', needs(...ARM64_GUEST), () => {
  test('says who it is, and that it reads device trees alone', () => {
    expect(guest.identity).toMatchObject({ name: 'linux', topologies: ['device-tree'], interruptsByProbe: true });
    expect(guest.identity.version).toMatch(/arm64/);
  });

  test('attaches endpoints by the IDs of iommu-map, and leaves those in its gaps alone, which work', async () => {
    expect(await stageAndStart({ rng: {}, gap: {}, rng2: {} })).toMatchObject({ outcome: 'ok' });
    const ids = [describedId('rng', 'offset-ids'), describedId('rng2', 'offset-ids')];
    expect(new Set(attachedIds(await trace()))).toEqual(new Set(ids));
    for (const endpoint of ['rng', 'gap', 'rng2']) {
      expect(await say(`io endpoint=${endpoint} length=200`)).toMatchObject({ outcome: 'ok', values: { bytes: 200 } });
    }
  });

  test('maps a buffer exactly where it is told, and takes the mapping away again', async () => {
    await stageAndStart({ dma: {} });
    expect(await say('attach endpoint=dma domain=d1')).toMatchObject({ outcome: 'ok' });
    const range = 'domain=d1 iova=0x7ff0000000 length=4096';
    expect(await say(`map ${range} access=r buffer=b1`)).toMatchObject({ outcome: 'ok' });
    expect(await say('poke buffer=b1 offset=0 bytes=000012e5')).toMatchObject({ outcome: 'ok' });
    expect(await read(0x7f_f000_0000n)).toMatchObject({ outcome: 'ok', bytes: '000012e5' });
    expect(await say(`unmap ${range}`)).toMatchObject({ outcome: 'ok' });
    expect(await read(0x7f_f000_0000n)).toMatchObject({ outcome: 'fault' });
  });

  test('is told of the doorbell of its own interrupt controller', async () => {
    await stageAndStart({ rng: {} });
    expect(await say('regions endpoint=rng')).toMatchObject({ values: { regions: ['0x8090000 0x809ffff msi'] } });
  });
});
