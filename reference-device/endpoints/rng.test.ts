import { describe, expect, it } from 'vitest';
import {
  ACCESS_PLATFORM,
  attach,
  INDIRECT_DESC,
  map,
  TinyMachine,
  unmap,
  VERSION_1,
} from '../machine/fixtures/tiny-machine.ts';
import { endpointId, type SlotName } from '../machine-setup.ts';
import { INDIRECT, type TinyRing, WRITE } from '../virtqueue/fixtures/tiny-ring.ts';

/** IOVAs lie this much above the memory they lead to. */
const SHIFT = 0x10_0000;
const RINGS_AT = 0x9000;
const BUFFER_AT = 0xa000;

interface Running {
  readonly machine: TinyMachine;
  readonly ring: TinyRing;
  readonly notify: () => void;
}

/** An entropy driver whose rings and buffer are mapped; without a `shift` it uses guest-physical addresses instead. */
function running(options: { slot?: SlotName; accepted?: bigint; shift?: number } = {}): Running {
  const { slot = 'rng', accepted = VERSION_1 | ACCESS_PLATFORM, shift = SHIFT } = options;
  const machine = new TinyMachine({ slots: [slot] });
  machine.start();
  machine.request(attach(1, endpointId(slot)));
  machine.request(map(1, BigInt(RINGS_AT + SHIFT), 0x1000n, BigInt(RINGS_AT)));
  machine.request(map(1, BigInt(BUFFER_AT + SHIFT), 0x1000n, BigInt(BUFFER_AT)));
  const driver = machine.driver(slot);
  driver.negotiate(accepted);
  const ring = driver.queue(0, RINGS_AT, 8, { vector: 0, shift });
  driver.status = 15;
  return { machine, ring, notify: () => driver.notify(0) };
}

const offerBuffer = (ring: TinyRing, address: number, len = 16): void => {
  ring.describe(0, { addr: BigInt(address), len, flags: WRITE });
  ring.offer(0);
};

/** The bytes that a new machine's device puts into a buffer. */
function filled(): string {
  const { machine, ring, notify } = running();
  offerBuffer(ring, BUFFER_AT + SHIFT);
  notify();
  expect(ring.takeUsed()).toEqual([{ id: 0, len: 16 }]);
  expect(machine.fired.get('rng')).toEqual([0]);
  return String(new Uint8Array(machine.ram.buffer, BUFFER_AT, 16));
}

describe('an entropy device behind the IOMMU', () => {
  it('fills buffers through its mappings, with bytes that are the same in every run', () => {
    const first = filled();
    expect(first).not.toBe(String(new Uint8Array(16)));
    expect(filled()).toBe(first);
  });

  it('tells of rings and buffers that it was given and has returned', () => {
    const { machine, ring, notify } = running();
    offerBuffer(ring, BUFFER_AT + SHIFT);
    notify();
    const { trace } = machine;
    expect(trace.filter(({ kind }) => kind === 'exposed')).toMatchObject([
      { what: 'ring', address: BigInt(ring.desc + SHIFT), length: 128, access: 'read', reachable: true },
      { what: 'ring', address: BigInt(ring.avail + SHIFT), length: 22, access: 'read', reachable: true },
      { what: 'ring', address: BigInt(ring.used + SHIFT), length: 70, access: 'write', reachable: true },
      { what: 'buffer', address: BigInt(BUFFER_AT + SHIFT), length: 16, access: 'write', accessPlatform: true },
    ]);
    expect(trace.filter(({ kind }) => kind === 'returned')).toMatchObject([{ address: BigInt(BUFFER_AT + SHIFT) }]);
    expect(trace.filter((event) => event.kind === 'dma' && event.outcome !== 'ok')).toEqual([]);
  });

  it('gives a buffer back empty if it was not mapped, and a fault is reported', () => {
    const { machine, ring, notify } = running();
    offerBuffer(ring, 0x50_0000);
    notify();
    expect(ring.takeUsed()).toEqual([{ id: 0, len: 0 }]);
    const { trace } = machine;
    expect(trace.find((event) => event.kind === 'exposed' && event.what === 'buffer')).toMatchObject({
      reachable: false,
    });
    expect(trace.filter(({ kind }) => kind === 'fault-report')).toMatchObject([
      { address: 0x50_0000n, delivered: true },
    ]);
  });

  it('stops if its rings are out of reach', () => {
    const { machine, ring, notify } = running();
    offerBuffer(ring, BUFFER_AT + SHIFT);
    machine.request(unmap(1, BigInt(RINGS_AT + SHIFT), 0x1000n));
    notify();
    notify();
    expect(machine.events('ring-break')).toMatchObject([{ device: 'rng', reason: 'ring-not-in-memory' }]);
  });

  it('uses addresses as they are if ACCESS_PLATFORM was not accepted', () => {
    const { machine, ring, notify } = running({ accepted: VERSION_1, shift: 0 });
    offerBuffer(ring, BUFFER_AT);
    notify();
    expect(ring.takeUsed()).toEqual([{ id: 0, len: 16 }]);
    const { trace } = machine;
    expect(trace.filter((event) => event.kind === 'dma' && !event.bypassed)).toEqual([]);
    expect(trace.find(({ kind }) => kind === 'exposed')).toMatchObject({ accessPlatform: false, reachable: true });
  });

  it('uses addresses as they are in the slot that the topology leaves out', () => {
    const { ring, notify } = running({ slot: 'gap', shift: 0 });
    offerBuffer(ring, BUFFER_AT);
    notify();
    expect(ring.takeUsed()).toEqual([{ id: 0, len: 16 }]);
  });

  it('insists on ACCESS_PLATFORM if it is told to', () => {
    const machine = new TinyMachine({ insistsOnAccessPlatform: true });
    expect(machine.driver('rng').negotiate(VERSION_1)).toBe(false);
    expect(machine.driver('rng').negotiate(VERSION_1 | ACCESS_PLATFORM)).toBe(true);
  });
});

const retry = (machine: TinyMachine) =>
  machine.model.execute({ do: 'retry-addresses', endpoint: 'rng', label: 'again' }).retried ?? [];

describe('addresses once given', () => {
  it('are tried again, first and last byte, without changing what lies there now', () => {
    const { machine, ring, notify } = running();
    offerBuffer(ring, BUFFER_AT + SHIFT);
    notify();
    machine.ram.setUint8(BUFFER_AT, 0x5a);
    expect(retry(machine)).toEqual([
      { address: BigInt(BUFFER_AT + SHIFT), access: 'write', outcome: 'ok' },
      { address: BigInt(BUFFER_AT + SHIFT + 15), access: 'write', outcome: 'ok' },
    ]);
    expect(machine.ram.getUint8(BUFFER_AT)).toBe(0x5a);
    machine.request(unmap(1, BigInt(BUFFER_AT + SHIFT), 0x1000n));
    expect(retry(machine).map(({ outcome }) => outcome)).toEqual(['fault', 'fault']);
    expect(machine.events('dma').filter(({ label }) => label === 'again')).toHaveLength(4);
  });

  it('include the rings once the device is reset, and none of those in use', () => {
    const { machine, ring } = running();
    expect(retry(machine)).toEqual([]);
    machine.driver('rng').status = 0;
    expect(retry(machine).map(({ address }) => address)).toContain(BigInt(ring.used + SHIFT));
    expect(retry(machine)).toHaveLength(6);
  });

  it('are forgotten when a new machine is staged', () => {
    const { machine } = running();
    machine.driver('rng').status = 0;
    machine.start();
    const other = new TinyMachine({ slots: ['rng'] });
    expect(retry(other)).toEqual([]);
  });
});

it('counts an indirect table among the memory it was given', () => {
  const { machine, ring, notify } = running({ accepted: VERSION_1 | ACCESS_PLATFORM | INDIRECT_DESC });
  const table = BUFFER_AT + 0x100;
  ring.describe(0, { addr: BigInt(table + SHIFT), len: 16, flags: INDIRECT });
  ring.describe(0, { addr: BigInt(BUFFER_AT + SHIFT), len: 16, flags: WRITE }, table);
  ring.offer(0);
  notify();
  expect(ring.takeUsed()).toEqual([{ id: 0, len: 16 }]);
  expect(machine.events('returned')).toMatchObject([
    { address: BigInt(table + SHIFT), length: 16, access: 'read' },
    { address: BigInt(BUFFER_AT + SHIFT), length: 16, access: 'write' },
  ]);
});
