import { describe, expect, it } from 'vitest';
import { attach, EVENT_IDX, map, TinyMachine, unmap, VERSION_1 } from '../machine/fixtures/tiny-machine.ts';
import { endpointId } from '../machine-setup.ts';

const DMA = endpointId('dma');
const OK = 0;
const RING_RESET = 1n << 40n;
const QUEUE_SELECT = 22;
const QUEUE_RESET = 58;

type Wanted = NonNullable<ConstructorParameters<typeof TinyMachine>[0]>;

/** A machine with the DMA engine attached to domain 1. */
function attached(wanted: Wanted = {}): TinyMachine {
  const machine = new TinyMachine(wanted);
  machine.start();
  machine.request(attach(1, DMA));
  return machine;
}

const faulty = (...faults: NonNullable<Wanted['faults']>): TinyMachine => attached({ faults });

const found = (machine: TinyMachine) =>
  machine.events('unannounced-buffers').map(({ queue, because, ring }) => [queue, because, ring.position]);

describe('requests', () => {
  it('are traced with their answers and numbered from 0', () => {
    const machine = new TinyMachine();
    machine.start();
    expect(machine.request(attach(1, DMA))).toBe(OK);
    expect(machine.request(map(1, 0x1000n, 0x1000n, 0x8000n))).toBe(OK);
    const { trace } = machine;
    expect(trace.filter(({ kind }) => kind === 'request')).toMatchObject([
      { id: 0, name: 'ATTACH', fields: { domain: 1, endpoint: DMA }, complete: true, writableLength: 4 },
      { id: 1, name: 'MAP', fields: { virt_start: 0x1000n, virt_end: 0x1fffn, phys_start: 0x8000n, flags: 3 } },
    ]);
    expect(trace.filter(({ kind }) => kind === 'completion')).toMatchObject([
      { id: 0, status: 0, usedLength: 4, bytes: '00000000' },
      { id: 1, status: 0, usedLength: 4, bytes: '00000000' },
    ]);
    expect(machine.fired.get('iommu')).toEqual([1, 1]);
  });

  it('of unknown type come back unwritten, and the trace shows what the driver had left there', () => {
    const machine = new TinyMachine();
    machine.start();
    const head = machine.submit(Uint8Array.of(0x77, 0, 0, 0));
    machine.iommu.notify(0);
    expect(machine.requestq?.takeUsed()).toEqual([{ id: head, len: 0 }]);
    const completion = machine.events('completion')[0];
    expect(completion).toMatchObject({ usedLength: 0, bytes: 'eeeeeeee' });
    expect(completion).not.toHaveProperty('status');
  });

  it.each([
    [[], { used: { id: 0, len: 4 }, completion: { name: 'ATTACH', status: 0 } }],
    [['refuses-split-framing'], { used: { id: 0, len: 0 }, completion: { name: 'ATTACH', usedLength: 0 } }],
  ] as const)('are read whatever their framing is, but not with %j', (faults, { used, completion }) => {
    const machine = new TinyMachine({ faults });
    machine.start();
    const bytes = attach(1, DMA);
    new Uint8Array(machine.ram.buffer).set(bytes, 0x7000);
    const ring = machine.requestq!;
    bytes.forEach((_, at) => ring.describe(at, { addr: BigInt(0x7000 + at), len: 1, flags: 1, next: at + 1 }));
    for (let at = 0; at < 4; at++) {
      ring.describe(20 + at, { addr: BigInt(0x7100 + at), len: 1, flags: at < 3 ? 3 : 2, next: 21 + at });
    }
    ring.offer(0);
    machine.iommu.notify(0);
    expect(ring.takeUsed()).toEqual([used]);
    expect(machine.events('completion')).toMatchObject([completion]);
  });

  it('go through the queue ten thousand times without a fault', () => {
    const machine = attached();
    let answered = 0;
    for (let page = 0n; page < 10_000n; page++) {
      if (machine.request(map(1, page << 12n, 0x1000n, 0x1000n)) === OK) answered++;
    }
    expect(answered).toBe(10_000);
  });

  it('of a driver with EVENT_IDX need no notification while the device asks for none', () => {
    const machine = new TinyMachine();
    machine.start({ accept: VERSION_1 | EVENT_IDX | 4n });
    machine.request(attach(1, DMA));
    expect(machine.requestq?.availEvent).toBe(1);
  });
});

describe('faults of completion', () => {
  it('zero-used-length returns the second MAP unwritten and does not carry it out', () => {
    const machine = faulty({ name: 'zero-used-length', request: 'MAP', nth: 2 });
    machine.request(map(1, 0x1000n, 0x1000n, 0x8000n));
    expect(machine.request(map(1, 0x2000n, 0x1000n, 0x8000n))).toBe(0xee);
    expect(machine.request(map(1, 0x2000n, 0x1000n, 0x8000n))).toBe(OK);
    expect(machine.events('completion').at(2)).toMatchObject({ usedLength: 0, fault: 'zero-used-length' });
  });

  it.each([
    ['short-used-length', 3],
    ['long-used-length', 68],
  ] as const)('%s reports %i bytes for an answer of 4', (name, usedLength) => {
    const machine = faulty({ name, request: 'MAP' });
    const head = machine.submit(map(1, 0x1000n, 0x1000n, 0x8000n));
    machine.iommu.notify(0);
    expect(machine.requestq?.takeUsed()).toEqual([{ id: head, len: usedLength }]);
    expect(machine.answered(head)).toBe(OK);
  });

  it('that are to strike during a verb count the requests that come while the driver is asked for it', () => {
    const machine = faulty(
      { name: 'zero-used-length', request: 'MAP', during: 'map', nth: 2 },
      { name: 'status-of-request', request: 'MAP', during: 'map', nth: 3, status: 8 },
    );
    const mapsWhile = (verb: string, count: number): void => {
      machine.model.execute({ do: 'record', event: { kind: 'verb', verb, args: {} } });
      for (let page = 1n; page <= count; page++) machine.request(map(1, page << 12n, 0x1000n, 0x8000n));
      machine.model.execute({ do: 'record', event: { kind: 'answer', verb, outcome: 'ok', values: {} } });
      machine.request(map(1, 0x8_0000n, 0x1000n, 0x8000n));
    };
    mapsWhile('attach', 2);
    mapsWhile('map', 1);
    mapsWhile('map', 2);
    const struck = machine.events('completion').flatMap(({ fault }, at) => (fault === undefined ? [] : [[at, fault]]));
    expect(struck).toEqual([
      [6, 'zero-used-length'],
      [7, 'status-of-request'],
    ]);
  });

  it('withhold-completion keeps an answer until the machine is idle', () => {
    const machine = faulty({ name: 'withhold-completion', request: 'MAP', nth: 1 });
    expect(machine.request(map(1, 0x1000n, 0x1000n, 0x8000n))).toBeUndefined();
    expect(machine.model.hasHeldWork).toBe(true);
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: true });
    expect(machine.requestq?.takeUsed()).toHaveLength(1);
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: false });
  });

  it('withhold-completion gives nothing back after a reset', () => {
    const machine = faulty({ name: 'withhold-completion', request: 'MAP' });
    machine.request(map(1, 0x1000n, 0x1000n, 0x8000n));
    machine.iommu.status = 0;
    const before = machine.requestq?.usedIdx;
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: false });
    expect(machine.requestq?.usedIdx).toBe(before);
  });

  it('hold-notifications answers, and interrupts when the machine is idle, once for all', () => {
    const machine = faulty({ name: 'hold-notifications' });
    machine.events('interrupt');
    machine.request(map(1, 0x1000n, 0x1000n, 0x8000n));
    machine.request(map(1, 0x3000n, 0x1000n, 0x8000n));
    expect(machine.events('interrupt')).toEqual([]);
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: true });
    expect(machine.events('interrupt')).toHaveLength(1);
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: false });
  });

  it('never-complete keeps an answer for ever', () => {
    const machine = faulty({ name: 'never-complete', request: 'UNMAP' });
    expect(machine.request(unmap(1, 0x1000n, 0x1000n))).toBeUndefined();
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: false });
  });

  it('reorder-completions returns what one look has found from last to first', () => {
    const machine = faulty('reorder-completions');
    const heads = [1n, 2n, 3n].map((page) => machine.submit(map(1, page << 12n, 0x1000n, 0x8000n)));
    machine.iommu.notify(0);
    expect(machine.requestq?.takeUsed().map(({ id }) => id)).toEqual(heads.toReversed());
  });

  it('spurious-interrupt fires once more for each completion', () => {
    const machine = faulty({ name: 'spurious-interrupt', request: 'MAP' });
    const before = machine.fired.get('iommu')?.length ?? 0;
    machine.request(map(1, 0x1000n, 0x1000n, 0x8000n));
    expect(machine.fired.get('iommu')?.slice(before)).toEqual([1, 1]);
    expect(
      machine
        .events('interrupt')
        .slice(-2)
        .map(({ because }) => because),
    ).toEqual(['queue', 'spurious']);
  });

  it('duplicate-used-entry and foreign-used-id put more on the used ring than there was', () => {
    const machine = faulty({ name: 'duplicate-used-entry', nth: 2 }, { name: 'foreign-used-id', nth: 3 });
    const twice = machine.submit(map(1, 0x1000n, 0x1000n, 0x8000n));
    machine.iommu.notify(0);
    expect(machine.requestq?.takeUsed().map(({ id }) => id)).toEqual([twice, twice]);
    const foreign = machine.submit(map(1, 0x2000n, 0x1000n, 0x8000n));
    machine.iommu.notify(0);
    expect(machine.requestq?.takeUsed().map(({ id }) => id)).toEqual([64, foreign]);
  });

  it('suppress-notifications lasts from the first request until the next one lies there unannounced', () => {
    const machine = faulty('suppress-notifications');
    expect(machine.model.execute({ do: 'idle' })).toEqual({ released: false });
    expect(machine.request(map(1, 0x1000n, 0x1000n, 0x8000n))).toBe(OK);
    expect([machine.model.execute({ do: 'idle' }), machine.requestq?.usedFlags]).toEqual([{ released: false }, 1]);
    machine.submit(map(1, 0x2000n, 0x1000n, 0x8000n));
    expect([machine.model.execute({ do: 'idle' }), machine.requestq?.usedFlags]).toEqual([{ released: true }, 0]);
    expect(machine.requestq?.takeUsed()).toHaveLength(1);
    machine.submit(map(1, 0x3000n, 0x1000n, 0x8000n));
    machine.model.execute({ do: 'look-at-queues' });
    expect(found(machine)).toEqual([[0, 'poll', 4]]);
  });
});

describe('buffers that nobody has announced', () => {
  it('are found when the driver resets the device', () => {
    const machine = new TinyMachine();
    machine.start();
    machine.submit(map(1, 0x1000n, 0x1000n, 0x8000n));
    machine.iommu.status = 0;
    expect(found(machine)).toEqual([[0, 'reset', 1]]);
  });

  it('are found on eventq, too, when the driver resets that queue alone', () => {
    const machine = new TinyMachine({ features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_RING_RESET'] });
    machine.start({ accept: VERSION_1 | RING_RESET });
    machine.eventq!.offer(0);
    machine.iommu.write(QUEUE_SELECT, 2, 1);
    machine.iommu.write(QUEUE_RESET, 2, 1);
    expect(found(machine)).toEqual([[1, 'queue-reset', 3]]);
  });

  it('are those that the device has not found by itself, when it had a fault to report', () => {
    const machine = new TinyMachine();
    machine.start({ eventBuffers: 0 });
    for (const head of [0, 1]) {
      machine.eventq!.describe(head, { addr: BigInt(0x9000 + 32 * head), len: 24, flags: 2 });
      machine.eventq!.offer(head);
    }
    machine.model.execute({ do: 'dma', endpoint: 'dma', address: 0x10_0000n, length: 1, access: 'read' });
    machine.iommu.status = 0;
    expect(found(machine)).toEqual([]);
  });
});

describe('feature negotiation', () => {
  it('is refused by the faults that refuse it', () => {
    const never = new TinyMachine({ faults: ['refuse-features-ok'] });
    expect(never.iommu.negotiate(VERSION_1)).toBe(false);
    const insistent = new TinyMachine({
      features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_ACCESS_PLATFORM'],
      faults: ['refuse-features-ok-without-access-platform'],
    });
    expect(insistent.iommu.negotiate(VERSION_1)).toBe(false);
    expect(insistent.iommu.negotiate(VERSION_1 | (1n << 33n))).toBe(true);
  });

  it('shows foreign bits on request', () => {
    const plain = new TinyMachine();
    const foreign = new TinyMachine({ faults: ['offer-foreign-features'] });
    expect(foreign.iommu.offered & ~plain.iommu.offered).not.toBe(0n);
  });
});

describe('configuration', () => {
  it('is named field by field in the trace', () => {
    const machine = new TinyMachine();
    machine.iommu.read(0x2000 + 12, 4);
    machine.iommu.read(0x2000 + 36, 1);
    expect(machine.events('register-read').map(({ field }) => field)).toEqual(['input_range.start', 'bypass']);
  });

  it('can change between two halves of a read, which the generation shows', () => {
    const machine = new TinyMachine({ faults: ['config-changes-while-read'] });
    const read = (): number[] =>
      [21, 0x2000 + 16, 0x2000 + 20, 21].map((at) => machine.iommu.read(at, at === 21 ? 1 : 4));
    const [before, low, high, after] = read();
    expect(low).not.toBe(0xffff_ffff);
    expect(high).toBe(0xffff);
    expect(after).toBe(before! + 1);
    expect(read()).toEqual([after, 0xffff_ffff, 0xffff, after]);
    expect(machine.events('config-change')).toHaveLength(1);
  });

  it('changes at run time with a new generation and a notification', () => {
    const machine = new TinyMachine();
    machine.start();
    machine.iommu.write(16, 2, 3);
    machine.model.execute({ do: 'change-config', config: { probe_size: 128 } });
    expect(machine.iommu.read(0x2000 + 32, 4)).toBe(128);
    expect(machine.iommu.read(21, 1)).toBe(1);
    expect(machine.fired.get('iommu')).toEqual([3]);
  });
});

describe('fault records', () => {
  const access = { do: 'dma', endpoint: 'dma', address: 0x1234n, length: 4, access: 'read' } as const;

  it('go into an event buffer', () => {
    const machine = attached();
    machine.model.execute(access);
    expect(machine.eventq?.takeUsed()).toEqual([{ id: 0, len: 24 }]);
    const record = machine.eventBuffer(0);
    expect([record.getUint8(0), record.getUint32(8, true), record.getBigUint64(16, true)]).toEqual([2, DMA, 0x1234n]);
    expect(machine.events('fault-report')).toMatchObject([{ delivered: true, bufferLength: 32, endpoint: DMA }]);
    expect(machine.fired.get('iommu')?.at(-1)).toBe(2);
  });

  it('are lost without a driver, without a buffer and with too short a one', () => {
    const machine = new TinyMachine();
    machine.model.execute(access);
    machine.start({ eventBuffers: 0 });
    machine.model.execute(access);
    machine.start({ eventBuffers: 1, eventBufferLength: 23 });
    machine.model.execute(access);
    const reports = machine.events('fault-report');
    expect(reports.map(({ delivered }) => delivered)).toEqual([false, false, false]);
    expect(reports.map(({ bufferLength }) => bufferLength)).toEqual([undefined, undefined, 23]);
    expect(machine.eventq?.takeUsed()).toEqual([{ id: 0, len: 0 }]);
  });

  it('no-fault-reports takes no event buffer', () => {
    const machine = attached({ faults: ['no-fault-reports'] });
    machine.model.execute(access);
    expect(machine.eventq?.takeUsed()).toEqual([]);
    expect(machine.events('fault-report')).toEqual([]);
  });

  it('late-fault-records keeps what finds no buffer, until there is one', () => {
    const machine = new TinyMachine({ faults: ['late-fault-records'] });
    machine.start({ eventBuffers: 1 });
    machine.model.execute(access);
    machine.model.execute(access);
    expect(machine.events('fault-report')).toHaveLength(1);
    machine.eventq?.offer(0);
    machine.iommu.notify(1);
    expect(machine.events('fault-report').map(({ delivered }) => delivered)).toEqual([true]);
    expect(machine.eventq?.takeUsed()).toHaveLength(2);
  });

  it('truncated-fault-reports fills a buffer that is too short', () => {
    const machine = new TinyMachine({ faults: ['truncated-fault-reports'] });
    machine.start({ eventBuffers: 1, eventBufferLength: 23 });
    machine.model.execute(access);
    expect(machine.eventq?.takeUsed()).toEqual([{ id: 0, len: 23 }]);
  });

  it('empty-events returns the buffer with nothing in it', () => {
    const machine = attached({ faults: ['empty-events'] });
    machine.model.execute(access);
    expect(machine.eventq?.takeUsed()).toEqual([{ id: 0, len: 0 }]);
    expect(machine.events('fault-report')).toMatchObject([{ delivered: false, fault: 'empty-events' }]);
  });
});
