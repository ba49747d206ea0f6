/**
 * Nothing that a guest does makes the machine throw, hang or grow. VIOMMUSPEC_STEPS says how many steps are tried in all;
 * a failure names the step, and the same seed leads there again.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { NEXT, type TinyRing, WRITE, INDIRECT } from '../virtqueue/fixtures/tiny-ring.ts';
import { isUsable, type PlainRing } from './fixtures/chain-oracle.ts';
import { Dice } from './fixtures/dice.ts';
import { HostileGuest } from './fixtures/hostile-guest.ts';
import { INDIRECT_DESC, TinyMachine, VERSION_1 } from './fixtures/tiny-machine.ts';

const STEPS = Number(process.env['VIOMMUSPEC_STEPS'] ?? 20_000);
const SEED = 5_13;

/** Look-ups of guest memory that one step may cause: some for each unit of work of a look, for each queue, twice. */
const LOOKUPS_MAX = 200_000;
const EVENTS_MAX = 60_000;
/** The heap after the first tenth of the steps and at the end differ by less. */
const GROWTH_MAX = 16 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

function heapInUse(): number {
  if (typeof collectGarbage === 'function') for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe(`a machine in front of a guest that does anything, ${STEPS} times`, () => {
  it('neither throws nor works without end nor grows', () => {
    const guest = new HostileGuest(new Dice(SEED));
    let heapAtFirst = 0;
    for (let step = 0; step < STEPS; step++) {
      guest.memory.findCount = 0;
      const says = stepOf(guest, step);
      if (guest.memory.findCount > LOOKUPS_MAX)
        expect.fail(`step ${step}, ${says}: ${guest.memory.findCount} look-ups`);
      if (step % 100 === 0) expect(guest.takeTrace().length).toBeLessThan(EVENTS_MAX);
      if (step === Math.floor(STEPS / 10)) heapAtFirst = heapInUse();
    }
    guest.stage();
    guest.takeTrace();
    expect(heapInUse() - heapAtFirst).toBeLessThan(GROWTH_MAX);
  }, 3_600_000);
});

function stepOf(guest: HostileGuest, step: number): string {
  try {
    return guest.step();
  } catch (error) {
    throw new Error(`step ${step} made the machine throw`, { cause: error });
  }
}

const TABLES_AT = [0x8000, 0x8100];
const QUEUE_SIZE = 64;
/** So few descriptors that chains meet themselves and each other. */
const DESCRIPTORS = 8;

/** A queue whose descriptors are drawn by lot, on a machine of its own. */
class RandomChains {
  readonly machine = new TinyMachine({ features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_INDIRECT_DESC'] });
  readonly #ring: TinyRing;
  readonly #dice: Dice;
  readonly #isIndirectNegotiated: boolean;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#isIndirectNegotiated = !dice.once(8);
    this.machine.start({ accept: VERSION_1 | (this.#isIndirectNegotiated ? INDIRECT_DESC : 0n), eventBuffers: 0 });
    this.#ring = this.machine.requestq!;
  }

  /** Draws tables and a head, and offers it; whether a device can use the chain. */
  offer(): boolean {
    for (const table of [this.#ring.desc, ...TABLES_AT]) {
      for (let index = 0; index < DESCRIPTORS; index++) this.#describe(index, table);
    }
    const head = this.#dice.below(DESCRIPTORS);
    const usable = isUsable(this.#plain, head);
    this.#ring.offer(head);
    this.machine.iommu.notify(0);
    return usable;
  }

  #describe(index: number, table: number): void {
    const dice = this.#dice;
    const isIndirect = dice.once(6);
    const length = isIndirect ? 16 * dice.below(DESCRIPTORS + 1) + (dice.once(8) ? 1 : 0) : dice.below(12) * 8;
    const addr = isIndirect ? BigInt(dice.pick(TABLES_AT)) : BigInt(0x9000 + dice.below(0x1000));
    const flags = (dice.once(2) ? NEXT : 0) | (index < DESCRIPTORS / 2 ? 0 : WRITE) | (isIndirect ? INDIRECT : 0);
    const next = dice.once(12) ? dice.below(1 << 16) : dice.once(4) ? dice.below(DESCRIPTORS) : index + 1;
    const far = dice.once(30) ? dice.value(8) : addr;
    const len = dice.once(30) ? Number(dice.value(4)) : length;
    this.#ring.describe(index, { addr: far, len, flags: dice.once(30) ? dice.below(8) : flags, next }, table);
  }

  get #plain(): PlainRing {
    const { ram } = this.machine;
    return {
      size: QUEUE_SIZE,
      ramLength: ram.byteLength,
      isIndirectNegotiated: this.#isIndirectNegotiated,
      desc: this.#ring.desc,
      at: (table, index) => ({
        addr: ram.getBigUint64(table + 16 * index, true),
        len: ram.getUint32(table + 16 * index + 8, true),
        flags: ram.getUint16(table + 16 * index + 12, true),
        next: ram.getUint16(table + 16 * index + 14, true),
      }),
    };
  }
}

describe(`${STEPS / 4} chains drawn by lot`, () => {
  it('are taken if they can be used, and else broken in a way that has a name and a sentence', () => {
    const dice = new Dice(SEED);
    let chains = new RandomChains(dice);
    const reasons = new Set<string>();
    for (let step = 0; step < STEPS / 4; step++) {
      if (step % 500 === 0) chains = new RandomChains(dice);
      const usable = chains.offer();
      const events = chains.machine.trace.filter(({ kind }) => kind === 'chain' || kind === 'ring-break');
      expect(events.map(({ kind }) => kind)).toEqual([usable ? 'chain' : 'ring-break']);
      for (const event of events) {
        if (event.kind !== 'ring-break') continue;
        reasons.add(event.reason);
        expect(event.says).toMatch(/\w+ .*\w+/);
      }
    }
    expect([...reasons].toSorted()).toEqual([
      'address-not-in-memory',
      'chain-length-overflow',
      'chain-loops',
      'descriptor-index-out-of-range',
      'indirect-empty',
      'indirect-length-not-multiple-of-16',
      'indirect-nested',
      'indirect-not-negotiated',
      'indirect-with-next',
      'writable-before-readable',
      'zero-length-descriptor',
    ]);
  }, 3_600_000);
});

it('a look at a ring whose entries all begin chains of all descriptors is over when it has done enough', () => {
  const size = 16_384;
  const [desc, avail, used] = [0x4_0000, 0x8_0000, 0xa_0000];
  const machine = new TinyMachine();
  const { iommu, ram } = machine;
  iommu.negotiate(VERSION_1);
  iommu.write(22, 2, 0);
  iommu.write(24, 2, size);
  for (const [at, address] of [desc, avail, used].entries()) iommu.write(32 + 8 * at, 4, address);
  iommu.write(28, 2, 1);
  iommu.status = 15;
  for (let index = 0; index < size; index++) {
    ram.setUint32(desc + 16 * index, 0x1000, true);
    ram.setUint32(desc + 16 * index + 8, 1, true);
    ram.setUint16(desc + 16 * index + 12, index < size - 1 ? NEXT : 0, true);
    ram.setUint16(desc + 16 * index + 14, index + 1, true);
  }
  ram.setUint16(avail + 2, size, true);
  iommu.notify(0);
  const events = machine.trace;
  expect(events.filter(({ kind }) => kind === 'chain')).toHaveLength(1);
  expect(ram.getUint16(used + 2, true)).toBe(1);
  expect(machine.model.hasHeldWork).toBe(true);
  machine.model.execute({ do: 'idle' });
  expect(ram.getUint16(used + 2, true)).toBe(2);
});
