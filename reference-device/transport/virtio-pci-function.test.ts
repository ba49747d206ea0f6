import { beforeEach, describe, expect, it } from 'vitest';
import type { EventOf, TraceEvent, TraceKind } from '../trace-events.ts';
import { Trace } from '../trace.ts';
import { tinyMemory } from '../virtqueue/fixtures/tiny-ring.ts';
import { PhysicalQueueMemory, type QueueMemory } from '../virtqueue/queue-memory.ts';
import type { DeviceQueue } from './device-queue.ts';
import { DEVICE_CONFIG, ISR_STATUS, NOTIFY, TinyDriver, tinyHost } from './fixtures/tiny-driver.ts';
import type { VirtioDevice, VirtioTransport } from './virtio-device.ts';
import { VirtioPciFunction } from './virtio-pci-function.ts';

const VERSION_1 = 1n << 32n;
const RING_PACKED = 1n << 34n;
const RING_RESET = 1n << 40n;

/** Gives every buffer back at once. */
class EchoDevice implements VirtioDevice {
  readonly name = 'echo';
  offered = VERSION_1 | (1n << 29n);
  queueMaxSizes = [16, 0];
  readonly configFields = [{ offset: 0, width: 8, name: 'answer' }] as const;
  readonly log: string[] = [];
  transport: VirtioTransport | undefined;
  readonly #memory: QueueMemory;

  constructor(memory: QueueMemory) {
    this.#memory = memory;
  }

  connect(transport: VirtioTransport): void {
    this.transport = transport;
  }

  readConfig(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, offset + at);
  }

  writeConfig(offset: number, data: DataView): void {
    this.log.push(`config ${offset}+${data.byteLength}`);
  }

  queueMemory(): QueueMemory {
    return this.#memory;
  }

  objectsTo(): undefined {}

  onFeatures(accepted: bigint): void {
    this.log.push(`features ${accepted.toString(16)}`);
  }

  onQueueEnabled(queue: DeviceQueue): void {
    this.log.push(`enabled ${queue.index}`);
  }

  onQueueReset(queue: DeviceQueue): void {
    this.log.push(`queue reset ${queue.index}`);
  }

  onBuffers(queue: DeviceQueue): void {
    for (let chain = queue.popAvail(); chain !== undefined; chain = queue.popAvail())
      queue.addUsed(chain, chain.writableLength);
    this.transport?.interruptIfWanted(queue);
  }

  onReset(): void {
    this.log.push('reset');
  }
}

function staged() {
  const { memory, ram } = tinyMemory();
  const host = tinyHost(memory);
  const trace = new Trace();
  const pci = new VirtioPciFunction({ name: 'echo', deviceId: 23, classCode: 0x080600, configLength: 8 }, host, trace);
  const device = new EchoDevice(new PhysicalQueueMemory(memory));
  pci.stage(device);
  const driver = new TinyDriver(pci, ram);
  driver.switchOn();
  trace.take();
  const events = <K extends TraceKind>(kind: K): EventOf<K>[] =>
    trace.take().filter((event: TraceEvent): event is EventOf<K> & TraceEvent => event.kind === kind);
  return { host, trace, pci, device, driver, events };
}

let scene: ReturnType<typeof staged>;
beforeEach(() => {
  scene = staged();
});

it('shows queues of a length that no split ring has to those only who accepted RING_PACKED', () => {
  const { pci, device, driver } = scene;
  device.offered |= RING_PACKED;
  device.queueMaxSizes = [12, 3, 1, 0];
  pci.stage(device);
  const sizes = (): number[] =>
    device.queueMaxSizes.map((_, queue) => {
      driver.write(22, 2, queue);
      return driver.read(24, 2);
    });
  expect(sizes()).toEqual([8, 2, 1, 0]);
  driver.negotiate(VERSION_1 | RING_PACKED);
  expect(sizes()).toEqual([12, 3, 1, 0]);
  driver.negotiate(VERSION_1);
  expect(sizes()).toEqual([8, 2, 1, 0]);
});

describe('configuration space', () => {
  it('identifies a modern virtio device', () => {
    const { driver } = scene;
    expect(driver.config(0, 4)).toBe(0x1057_1af4);
    expect(driver.config(8, 4)).toBe(0x0806_0001);
    expect(driver.config(6, 2)).toBe(0x10);
  });

  it('lists MSI-X and one capability of each virtio type, each of the length it says', () => {
    const { driver } = scene;
    const found = [];
    for (let at = driver.config(0x34, 1); at !== 0; at = driver.config(at + 1, 1)) {
      const id = driver.config(at, 1);
      found.push(id === 9 ? { type: driver.config(at + 3, 1), length: driver.config(at + 2, 1) } : { id });
    }
    expect(found).toEqual([
      { id: 0x11 },
      { type: 1, length: 16 },
      { type: 3, length: 16 },
      { type: 4, length: 16 },
      { type: 2, length: 20 },
      { type: 5, length: 20 },
    ]);
  });

  it('shows the size of its BARs when all ones are written, and keeps an address', () => {
    const { driver } = scene;
    driver.writeConfig(0x10, 4, 0xffff_ffff);
    driver.writeConfig(0x14, 4, 0xffff_ffff);
    driver.writeConfig(0x18, 4, 0xffff_ffff);
    expect([0x10, 0x14, 0x18].map((at) => driver.config(at, 4))).toEqual([0xffff_c000, 0xffff_f000, 0]);
    driver.writeConfig(0x10, 4, 0xfeb0_0000);
    expect(driver.config(0x10, 4)).toBe(0xfeb0_0000);
  });

  it('keeps identity and capabilities whatever is written, and traces every write', () => {
    const { driver, events } = scene;
    driver.writeConfig(0, 4, 0);
    driver.writeConfig(4, 2, 0xffff);
    expect(driver.config(0, 4)).toBe(0x1057_1af4);
    expect(driver.config(4, 2)).toBe(0x0546);
    expect(scene.pci.busMaster).toBe(true);
    expect(events('register-write').map(({ structure, field, width }) => ({ structure, field, width }))).toEqual([
      { structure: 'pci-config', field: '', width: 4 },
      { structure: 'pci-config', field: 'Command', width: 2 },
    ]);
  });

  it('gives access to registers through the PCI_CFG window', () => {
    const { driver } = scene;
    let window = driver.config(0x34, 1);
    while (driver.config(window + 3, 1) !== 5) window = driver.config(window + 1, 1);
    driver.writeConfig(window + 4, 1, 0);
    driver.writeConfig(window + 8, 4, 20);
    driver.writeConfig(window + 12, 4, 1);
    driver.writeConfig(window + 16, 1, 3);
    expect(driver.status).toBe(3);
    expect(driver.config(window + 16, 1)).toBe(3);
    driver.writeConfig(window + 8, 4, 0xffff_ffff);
    driver.writeConfig(window + 16, 1, 7);
    expect(driver.status).toBe(3);
  });

  it('reads all ones and takes no writes while nothing is staged', () => {
    const { driver, pci } = scene;
    pci.stage(undefined);
    expect([driver.config(0, 4), driver.status, driver.read(0, 4, 1)]).toEqual([0xffff_ffff, 0xff, 0xffff_ffff]);
    driver.status = 1;
    pci.stage(scene.device);
    expect(driver.status).toBe(0);
  });
});

describe('the common configuration', () => {
  it('keeps FEATURES_OK for a subset of the offer and clears it otherwise', () => {
    const { driver, device, events } = scene;
    expect(driver.offered).toBe(device.offered);
    expect(driver.negotiate(VERSION_1)).toBe(true);
    expect(driver.negotiate(VERSION_1 | 1n)).toBe(false);
    expect(events('features').map(({ accepted, kept }) => ({ accepted, kept }))).toEqual([
      { accepted: VERSION_1, kept: true },
      { accepted: VERSION_1 | 1n, kept: false },
    ]);
  });

  it('shows queue sizes, takes whatever is written instead, and has no third queue', () => {
    const { driver } = scene;
    const sizeAfter = (queue: number, written: number): number => {
      driver.write(22, 2, queue);
      driver.write(24, 2, written);
      return driver.read(24, 2);
    };
    expect(driver.read(18, 2)).toBe(2);
    expect([sizeAfter(0, 8), sizeAfter(0, 5), sizeAfter(0, 32), sizeAfter(0, 0)]).toEqual([8, 5, 32, 0]);
    expect([sizeAfter(1, 1), sizeAfter(2, 8), sizeAfter(0xffff, 8)]).toEqual([0, 0, 0]);
  });

  it('works with a size past the maximum, and not with none', () => {
    const { driver, events } = scene;
    driver.negotiate(VERSION_1);
    const ring = driver.queue(0, 0x1000, 32);
    ring.describe(0, { addr: 0x4000n, len: 12, flags: 2 });
    driver.status = 15;
    for (let round = 0; round < 40; round++) {
      ring.offer(0);
      driver.notify(0);
    }
    expect(ring.usedIdx).toBe(40);
    expect(events('queue-enabled')).toMatchObject([{ size: 32, maxSize: 16 }]);
    driver.negotiate(VERSION_1);
    driver.queue(0, 0x1000, 0);
    expect(driver.status).toBe(11 | 64);
    driver.status = 15;
    driver.notify(0);
    expect(events('queue-enabled')).toMatchObject([{ size: 0 }]);
  });

  it('answers NO_VECTOR to a vector outside the table', () => {
    const { driver } = scene;
    driver.write(16, 2, 3);
    expect(driver.read(16, 2)).toBe(3);
    driver.write(16, 2, 4);
    expect(driver.read(16, 2)).toBe(0xffff);
  });

  it('never disables a queue because of a write of 0', () => {
    const { driver } = scene;
    driver.negotiate(VERSION_1);
    driver.queue(0, 0x1000, 8);
    driver.write(28, 2, 0);
    expect(driver.read(28, 2)).toBe(1);
  });

  it('has queue_reset only if RING_RESET is offered', () => {
    const { driver, device, events, pci } = scene;
    driver.write(58, 2, 1);
    expect(events('register-write').at(-1)?.field).toBe('');
    device.offered |= RING_RESET;
    pci.stage(device);
    driver.negotiate(VERSION_1 | RING_RESET);
    driver.queue(0, 0x1000, 8);
    driver.write(58, 2, 1);
    expect(events('register-write').at(-1)).toMatchObject({ field: 'queue_reset', queue: 0 });
    expect([driver.read(28, 2), driver.read(58, 2), driver.read(24, 2)]).toEqual([0, 0, 16]);
    expect(device.log).toContain('queue reset 0');
  });

  it('resets everything on a status of 0', () => {
    const { driver, device } = scene;
    driver.negotiate(VERSION_1);
    driver.queue(0, 0x1000, 8, { vector: 1 });
    driver.write(16, 2, 1);
    driver.status = 15;
    driver.status = 0;
    driver.write(22, 2, 0);
    expect([driver.status, driver.read(28, 2), driver.read(26, 2), driver.read(16, 2)]).toEqual([0, 0, 0xffff, 0xffff]);
    expect(device.log.slice(-2)).toEqual(['reset', 'queue reset 0']);
  });
});

describe('accesses', () => {
  it('are traced with width, name and selected queue', () => {
    const { driver, events } = scene;
    driver.write(22, 2, 1);
    driver.read(36, 4);
    driver.read(DEVICE_CONFIG + 4, 4);
    driver.read(21, 2);
    expect(events('register-read')).toMatchObject([
      { structure: 'common', field: 'queue_desc', offset: 36, width: 4, value: 0n, queue: 1 },
      { structure: 'device', field: 'answer', offset: 4, width: 4, value: 0x0706_0504n },
      { structure: 'common', field: 'config_generation', offset: 21, width: 2, value: 0x0100n },
    ]);
  });

  it('of any offset and width do no harm', () => {
    const { pci } = scene;
    for (const bar of [0, 1, 2, 7, -1]) {
      for (const offset of [0, 1, 19, 0xfff, 0x1001, 0x2fff, 0x3ffe, 0x4000, 2 ** 40]) {
        for (const width of [0, 1, 3, 8, 64]) {
          pci.readBar(bar, offset, new DataView(new ArrayBuffer(width)));
          pci.writeBar(bar, offset, new DataView(new ArrayBuffer(width)));
          pci.readConfig(offset, new DataView(new ArrayBuffer(width)));
          pci.writeConfig(offset, new DataView(new ArrayBuffer(width)));
        }
      }
    }
    expect(scene.driver.config(0, 4)).toBe(0x1057_1af4);
  });
});

function running(vector = 2) {
  const { driver } = scene;
  driver.negotiate(VERSION_1);
  const ring = driver.queue(0, 0x1000, 8, { vector });
  ring.describe(0, { addr: 0x4000n, len: 12, flags: 2 });
  ring.offer(0);
  return ring;
}

describe('notifications', () => {
  it('before DRIVER_OK are traced and nothing else', () => {
    const ring = running();
    scene.driver.notify(0);
    expect(ring.takeUsed()).toEqual([]);
    expect(scene.events('notification')).toMatchObject([
      { queue: 0, width: 2, value: 0, deviceStatus: 11, ring: { position: 1, flags: 0, event: 0 } },
    ]);
  });

  it("make the device use buffers and interrupt by the queue's vector", () => {
    const ring = running();
    scene.driver.status = 15;
    scene.driver.notify(0);
    expect(ring.takeUsed()).toEqual([{ id: 0, len: 12 }]);
    expect(scene.host.fired).toEqual([2]);
    expect(scene.events('interrupt')).toMatchObject([{ vector: 2, because: 'queue' }]);
  });

  it('go by the place that was written, and to no queue where there is none', () => {
    running();
    scene.driver.write(NOTIFY + 4, 2, 0);
    scene.driver.write(NOTIFY + 2, 2, 0);
    scene.driver.write(NOTIFY + 8, 2, 0);
    const events = scene.trace.take();
    expect(events.filter(({ kind }) => kind === 'notification')).toMatchObject([{ queue: 1, value: 0, offset: 4 }]);
    expect(events.filter((event) => event.kind === 'register-write' && event.structure === 'notify')).toHaveLength(2);
  });

  it('of a queue without a vector set the ISR status only, which a read clears', () => {
    running(0xffff);
    scene.driver.status = 15;
    scene.driver.notify(0);
    expect(scene.host.fired).toEqual([]);
    expect([scene.driver.read(ISR_STATUS, 1), scene.driver.read(ISR_STATUS, 1)]).toEqual([1, 0]);
  });

  it('that were forgotten are found when the device looks by itself', () => {
    const ring = running();
    scene.driver.status = 15;
    scene.pci.core?.pollQueues();
    expect(scene.events('unannounced-buffers')).toMatchObject([
      { queue: 0, because: 'poll', deviceStatus: 15, ring: { position: 1 } },
    ]);
    expect(ring.takeUsed()).toHaveLength(1);
  });

  it('tell a live driver of a ring that has become unusable', () => {
    const ring = running();
    scene.driver.write(16, 2, 1);
    scene.driver.status = 15;
    ring.jumpTo(100);
    scene.driver.notify(0);
    expect(scene.driver.status).toBe(15 | 64);
    expect(scene.host.fired).toEqual([1]);
    scene.driver.notify(0);
    expect(scene.events('ring-break')).toMatchObject([{ reason: 'available-index-jumped' }]);
  });

  it('end with a poll that has popped 8192 descriptors, and go on when the machine is idle', () => {
    const ring = running();
    scene.driver.status = 15;
    const { core } = scene.pci;
    const queue = core?.queue(0);
    queue?.beginPoll();
    for (let taken = 0; taken < 8192; taken++) {
      ring.offer(0);
      queue?.popAvail();
    }
    expect(core?.hasUnfinishedPolls).toBe(true);
    expect(core?.continuePolls()).toBe(true);
    expect(core?.hasUnfinishedPolls).toBe(false);
  });
});

const enable = (bits: number): void => {
  const { driver } = scene;
  driver.writeConfig(driver.config(0x34, 1) + 2, 2, bits);
};

describe('MSI-X', () => {
  it('goes by enable, masks and pending bits once the driver has written the table', () => {
    const { driver, pci, host } = scene;
    driver.write(16 * 1, 4, 0xfee0_0000, 1);
    const config = (): void => pci.core?.configChanged('test', true);
    driver.negotiate(VERSION_1);
    driver.write(16, 2, 1);
    driver.status = 15;
    config();
    expect(host.fired).toEqual([]);
    enable(0x8000);
    config();
    expect(host.fired).toEqual([]);
    expect(driver.read(0x800, 1, 1)).toBe(2);
    driver.write(16 + 12, 4, 0, 1);
    expect(host.fired).toEqual([1]);
    expect(driver.read(0x800, 1, 1)).toBe(0);
    enable(0xc000);
    config();
    expect(host.fired).toEqual([1]);
    enable(0x8000);
    expect(host.fired).toEqual([1, 1]);
  });

  it("leaves the decision to the carrier while the table is the carrier's", () => {
    const { driver, pci, host } = scene;
    driver.negotiate(VERSION_1);
    driver.write(16, 2, 0);
    driver.status = 15;
    pci.core?.configChanged('test', true);
    expect(host.fired).toEqual([0]);
    expect(driver.read(21, 1)).toBe(1);
  });
});

describe('without Memory Space Enable', () => {
  it('BARs read all ones and take no writes, which the trace shows', () => {
    const { driver, events } = scene;
    driver.writeConfig(4, 2, 4);
    driver.status = 3;
    driver.write(0, 4, 0xfee0_0000, 1);
    expect([driver.status, driver.read(0, 4, 1)]).toEqual([0xff, 0xffff_ffff]);
    expect(events('unanswered-access').map(({ access, bar, offset, width }) => [access, bar, offset, width])).toEqual([
      ['write', 0, 20, 1],
      ['write', 1, 0, 4],
      ['read', 0, 20, 1],
      ['read', 1, 0, 4],
    ]);
    driver.switchOn();
    expect(driver.status).toBe(0);
  });

  it('the PCI_CFG window still leads to the registers', () => {
    const { driver } = scene;
    driver.writeConfig(4, 2, 0);
    let window = driver.config(0x34, 1);
    while (driver.config(window + 3, 1) !== 5) window = driver.config(window + 1, 1);
    driver.writeConfig(window + 8, 4, 20);
    driver.writeConfig(window + 12, 4, 1);
    driver.writeConfig(window + 16, 1, 3);
    expect(driver.config(window + 16, 1)).toBe(3);
  });
});

describe('without Bus Master Enable', () => {
  it('a queue is not looked at until it is set, and no message goes out', () => {
    const { driver, host, pci, events } = scene;
    driver.writeConfig(4, 2, 2);
    driver.negotiate(VERSION_1);
    driver.write(16, 2, 0);
    const ring = driver.queue(0, 0x1000, 16, { vector: 1 });
    driver.status = 15;
    ring.describe(0, { addr: 0x5000n, len: 8, flags: 2 });
    ring.offer(0);
    driver.notify(0);
    pci.core?.pollQueues();
    pci.core?.configChanged('test', true);
    expect([ring.takeUsed(), host.fired]).toEqual([[], []]);
    expect(events('unserved-queue')).toMatchObject([{ device: 'echo', queue: 0 }]);
    driver.switchOn();
    expect([ring.takeUsed(), host.fired]).toEqual([[{ id: 0, len: 8 }], [1]]);
  });
});

it('a function reset empties configuration space and resets the device', () => {
  const { driver, pci, events } = scene;
  driver.writeConfig(4, 2, 6);
  driver.status = 3;
  pci.reset();
  expect([driver.config(4, 2), driver.status]).toEqual([0, 0xff]);
  driver.switchOn();
  expect(driver.status).toBe(0);
  expect(events('reset').at(-1)?.cause).toBe('function');
});
