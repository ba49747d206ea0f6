/** One of the two devices under comparison: carries out steps and says what could be noticed. */
import { Fault } from '../../reference-device/wire/iommu.ts';
import { featureNames } from '../../reference-device/wire/features.ts';
import { toHex } from '../../reference-device/wire/hex.ts';
import { STATUS } from '../../reference-device/wire/virtio.ts';
import { SubjectDied } from './bus.ts';
import { type Event, IommuDriver } from './iommu-driver.ts';
import type { FaultSeen, Observation } from './observations.ts';
import { BarSpace, placeBars } from './pci.ts';
import { readablePart, writableLengthOf } from './request-bytes.ts';
import {
  type DmaEndpoint,
  type DmaStep,
  type Given,
  type Scenario,
  type Step,
  TARGET,
  targetByte,
  USUAL_FEATURES,
} from './steps.ts';
import { type DmaEngines, ENGINE_HALF_BYTES, type TestMachine } from './test-machine.ts';

/** Room that each access has in an engine's half. */
const ACCESS_BYTES = 16;
/** Reads that one stretch can have: an engine remembers no more. */
export const READS_MAX = ENGINE_HALF_BYTES / ACCESS_BYTES;

const BYPASS_OFFSET = 36;
const CONFIG_BYTES = 40;
const USUAL_EVENTS = { count: 4, length: Fault.size };

const PATTERN = Uint8Array.from({ length: TARGET.length }, (_, at) => targetByte(TARGET.start + at));

/** A machine from one reset to the next. */
interface Rig {
  readonly machine: TestMachine;
  readonly driver: IommuDriver;
  readonly engines: DmaEngines;
}

/** Resets the machine and gives its functions their addresses. */
async function resetRig(machine: TestMachine): Promise<Rig> {
  await machine.reset();
  const { bus, endpointBdfs } = machine;
  const space = new BarSpace();
  const driver = await IommuDriver.find(bus, machine.iommuBdf, space);
  const a = await placeBars(bus, endpointBdfs.a, space);
  const b = await placeBars(bus, endpointBdfs.b, space);
  return { machine, driver, engines: machine.engines({ a, b }) };
}

export class Subject {
  readonly name: string;
  readonly #open: () => Promise<TestMachine>;
  #machine: TestMachine | undefined;
  #rig: Rig | undefined;
  #reads: { readonly endpoint: DmaEndpoint; readonly offset: number; readonly length: number }[] = [];
  #writeCount = 0;

  /** `open` is called whenever a machine is needed: at first, and when one has died. */
  constructor(name: string, open: () => Promise<TestMachine>) {
    this.name = name;
    this.#open = open;
  }

  /** A device as after power-on, with a driver that has started it as `scenario` says. */
  async begin(scenario: Pick<Scenario, 'given' | 'bypass'>): Promise<void> {
    this.#machine ??= await this.#open();
    const { driver, engines, machine } = await this.#letEverythingThrough();
    await engines.prepare();
    await machine.bus.writeMemory(TARGET.start, PATTERN);
    this.#reads = [];
    this.#writeCount = 0;
    await driver.writeConfig(BYPASS_OFFSET, 1, BigInt(scenario.bypass ?? 0));
    await this.#start(scenario.given);
  }

  /** Resets the machine, whereafter no endpoint is attached and the byte rules. */
  async #letEverythingThrough(): Promise<Rig> {
    if (this.#machine === undefined) throw new Error(`${this.name} has no machine`);
    const rig = await resetRig(this.#machine);
    this.#rig = rig;
    await this.#start({ events: { count: 0, length: 0 } });
    await rig.driver.writeConfig(BYPASS_OFFSET, 1, 1n);
    return rig;
  }

  #alive(): Rig {
    if (this.#rig === undefined) throw new Error(`${this.name} has no machine`);
    return this.#rig;
  }

  #start(given: Given = {}): Promise<boolean> {
    return this.#alive().driver.start(given.accept ?? USUAL_FEATURES, given.events ?? USUAL_EVENTS);
  }

  /** Carries out one step. A machine that dies of it is an observation, too; the next `begin` makes another. */
  perform(step: Step): Promise<Observation> {
    return this.#unlessItDies(() => this.#perform(step));
  }

  /** What the reads since `begin` have brought. Resets the device. */
  finish(): Promise<Observation> {
    return this.#unlessItDies(async () => {
      if (this.#reads.length === 0) return { of: 'reads', bytes: [] };
      const { engines } = await this.#letEverythingThrough();
      const halves = { a: await engines.collect('a'), b: await engines.collect('b') };
      const bytes = this.#reads.map(({ endpoint, offset, length }) =>
        toHex(halves[endpoint].subarray(offset, offset + length)),
      );
      return { of: 'reads', bytes };
    });
  }

  async #unlessItDies(act: () => Promise<Observation>): Promise<Observation> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof SubjectDied)) throw error;
      await this.close();
      return { of: 'death', lastWords: error.message };
    }
  }

  async #perform(step: Step): Promise<Observation> {
    const { driver, machine } = this.#alive();
    switch (step.do) {
      case 'request': {
        const readable = readablePart(step, machine.ids);
        const returned = await driver.request(readable, writableLengthOf(step), step.framing ?? 'two');
        return { of: 'request', ...returned, needsReset: await this.#needsReset() };
      }
      case 'dma':
        return this.#dma(step);
      case 'read-config':
        return this.#config(await driver.readConfig(step.offset, step.width));
      case 'write-config':
        await driver.writeConfig(step.offset, step.width, step.value);
        return this.#config(await driver.readConfig(step.offset, step.width));
      case 'restart':
        return { of: 'restart', accepted: await this.#start(step.given) };
      // 'look', the only one that is left
      default:
        return { of: 'look', facts: await this.#facts() };
    }
  }

  async #config(value: bigint): Promise<Observation> {
    return { of: 'config', value, needsReset: await this.#needsReset() };
  }

  async #needsReset(): Promise<boolean> {
    return ((await this.#alive().driver.status()) & STATUS.DEVICE_NEEDS_RESET) !== 0;
  }

  async #dma({ endpoint, access, iova, length }: DmaStep): Promise<Observation> {
    const { driver, engines } = this.#alive();
    if (length > ACCESS_BYTES) throw new RangeError(`an access of ${length} bytes`);
    if (access === 'read') {
      if (this.#reads.length === READS_MAX) throw new RangeError(`more than ${READS_MAX} reads in a stretch`);
      const offset = this.#reads.length * ACCESS_BYTES;
      this.#reads.push({ endpoint, offset, length });
      await engines.read(endpoint, iova, offset, length);
    } else {
      await engines.write(endpoint, iova, (this.#writeCount++ * ACCESS_BYTES) % ENGINE_HALF_BYTES, length);
    }
    const changes = access === 'read' ? [] : await this.#takeChanges();
    const faults = (await driver.takeEvents()).map((event) => this.#faultSeen(event));
    return { of: 'dma', changes, faults, needsReset: await this.#needsReset() };
  }

  /** What is not as it was in the target memory; it is put back, so that the same write shows again. */
  async #takeChanges(): Promise<string[]> {
    const { bus } = this.#alive().machine;
    const changes = changesBetween(PATTERN, await bus.readMemory(TARGET.start, TARGET.length));
    if (changes.length > 0) await bus.writeMemory(TARGET.start, PATTERN);
    return changes;
  }

  #faultSeen({ usedLength, bytes }: Event): FaultSeen {
    const whole = new Uint8Array(Fault.size);
    whole.set(bytes.subarray(0, Fault.size));
    const { reason, flags, endpoint, address } = Fault.over(whole);
    const [name = `ID ${endpoint}`] = Object.entries(this.#alive().machine.ids).find(([, id]) => id === endpoint) ?? [];
    const { offsets } = Fault;
    const reserved =
      toHex(whole.subarray(offsets.reserved, offsets.flags)) +
      toHex(whole.subarray(offsets.reserved1, offsets.address));
    return { usedLength, reason, flags, endpoint: name, address, reserved };
  }

  async #facts(): Promise<Record<string, string>> {
    const { driver, machine } = this.#alive();
    const identity = (offset: number, width: 2 | 4): Promise<number> =>
      machine.bus.readConfig(machine.iommuBdf, offset, width);
    const facts: Record<string, string> = {
      'PCI vendor': hex(await identity(0x00, 2)),
      'PCI device': hex(await identity(0x02, 2)),
      'PCI class code': hex((await identity(0x08, 4)) >>> 8),
      queues: String(await driver.numQueues()),
    };
    for (const [queue, size] of driver.queueSizes.entries()) facts[`size of queue ${queue}`] = String(size);
    for (const name of featureNames(await driver.offered())) facts[`offers ${name}`] = 'yes';
    for (let at = 0; at < CONFIG_BYTES; at++)
      facts[`configuration byte ${at}`] = String(await driver.readConfig(at, 1));
    return facts;
  }

  /** Ends the machine, if there is one. */
  async close(): Promise<void> {
    const machine = this.#machine;
    this.#machine = undefined;
    this.#rig = undefined;
    await machine?.close();
  }
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** Runs of bytes that differ, each as `address: bytes`. */
function changesBetween(before: Uint8Array, after: Uint8Array): string[] {
  const changes: string[] = [];
  for (let at = 0; at < after.length; at++) {
    if (before[at] === after[at]) continue;
    let until = at + 1;
    while (until < after.length && before[until] !== after[until]) until++;
    changes.push(`0x${(TARGET.start + at).toString(16)}: ${toHex(after.subarray(at, until))}`);
    at = until;
  }
  return changes;
}
