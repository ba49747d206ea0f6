import { describe, expect, it } from 'vitest';
import { TinyMachine, tinySetup, VERSION_1 } from '../machine/fixtures/tiny-machine.ts';
import type { DeviceFaultName } from '../device-faults.ts';
import type { MmioWindow } from './mmio-window.ts';

const RING_RESET = 1n << 40n;
const MAGIC_VALUE = 0x000;
const VERSION = 0x004;
const QUEUE_READY = 0x044;
const QUEUE_NOTIFY = 0x050;
const INTERRUPT_STATUS = 0x060;
const INTERRUPT_ACK = 0x064;
const STATUS = 0x070;
const QUEUE_RESET = 0x0c0;
const CONFIG_GENERATION = 0x0fc;

class MmioDriver {
  readonly machine = new TinyMachine();
  readonly window: MmioWindow;

  constructor(faults: readonly DeviceFaultName[] = []) {
    const setup = tinySetup({
      features: ['VIRTIO_F_VERSION_1', 'VIRTIO_F_RING_RESET', 'VIRTIO_IOMMU_F_MAP_UNMAP'],
      faults,
    });
    this.machine.model.execute({ do: 'stage', setup: { ...setup, topology: 'mmio' } });
    this.window = this.machine.model.windows.get('iommu-mmio')!;
  }

  read(offset: number): number {
    const out = new DataView(new ArrayBuffer(4));
    this.window.readRegister(offset, out);
    return out.getUint32(0, true);
  }

  write(offset: number, value: number): void {
    const data = new DataView(new ArrayBuffer(4));
    data.setUint32(0, value, true);
    this.window.writeRegister(offset, data);
  }

  /** Up to DRIVER_OK, with a request queue at 0x1000. */
  start(): this {
    for (const status of [1, 3]) this.write(STATUS, status);
    for (const half of [0, 1]) {
      this.write(0x024, half);
      this.write(0x020, Number(((VERSION_1 | RING_RESET | 4n) >> BigInt(32 * half)) & 0xffff_ffffn));
    }
    this.write(STATUS, 11);
    this.write(0x030, 0);
    this.write(0x038, 64);
    for (const [at, address] of [0x1000, 0x1800, 0x1a00].entries()) this.write(0x080 + 0x10 * at, address);
    this.write(QUEUE_READY, 1);
    this.write(STATUS, 15);
    return this;
  }

  /** Puts a chain of one descriptor, which is too short for anything, into the queue. */
  offer(idx: number): void {
    const { ram } = this.machine;
    ram.setBigUint64(0x1000, 0x5000n, true);
    ram.setUint32(0x1008, 4, true);
    ram.setUint16(0x100c, 2, true);
    ram.setUint16(0x1802, idx, true);
    this.write(QUEUE_NOTIFY, 0);
  }

  get usedIdx(): number {
    return this.machine.ram.getUint16(0x1a02, true);
  }
}

describe('a window of virtio-mmio registers', () => {
  it('begins with the magic value and version 2', () => {
    const driver = new MmioDriver();
    expect([driver.read(MAGIC_VALUE), driver.read(VERSION)]).toEqual([0x7472_6976, 2]);
  });

  it('keeps the bit of each event until it is acknowledged, and no other', () => {
    const driver = new MmioDriver().start();
    expect(driver.read(INTERRUPT_STATUS)).toBe(0);
    driver.offer(1);
    expect([driver.read(INTERRUPT_STATUS), driver.read(INTERRUPT_STATUS)]).toEqual([1, 1]);
    driver.machine.model.execute({ do: 'change-config', config: { page_size_mask: 1n } });
    expect(driver.read(INTERRUPT_STATUS)).toBe(3);
    driver.write(INTERRUPT_ACK, 1);
    expect(driver.read(INTERRUPT_STATUS)).toBe(2);
    driver.write(INTERRUPT_ACK, 2);
    expect(driver.read(INTERRUPT_STATUS)).toBe(0);
  });

  it('clears InterruptStatus, QueueReady and QueueReset with a reset', () => {
    const driver = new MmioDriver().start();
    driver.offer(1);
    driver.write(STATUS, 0);
    expect([INTERRUPT_STATUS, QUEUE_READY, QUEUE_RESET].map((at) => driver.read(at))).toEqual([0, 0, 0]);
  });

  it('counts the generation up with every change of the configuration', () => {
    const driver = new MmioDriver().start();
    const before = driver.read(CONFIG_GENERATION);
    driver.machine.model.execute({ do: 'change-config', config: { page_size_mask: 1n } });
    expect(driver.read(CONFIG_GENERATION)).toBe(before + 1);
  });

  it('leaves a queue alone that is not ready', () => {
    const driver = new MmioDriver().start();
    driver.write(QUEUE_READY, 0);
    driver.offer(1);
    expect([driver.usedIdx, driver.read(QUEUE_READY)]).toEqual([0, 0]);
  });

  it('resets a queue on a 1 in QueueReset, and shows the end by 0 there and in QueueReady', () => {
    const driver = new MmioDriver().start();
    expect(driver.read(QUEUE_RESET)).toBe(0);
    driver.write(QUEUE_RESET, 1);
    expect([driver.read(QUEUE_RESET), driver.read(QUEUE_READY)]).toEqual([0, 0]);
    driver.offer(1);
    expect(driver.usedIdx).toBe(0);
  });

  it('shows 1 in QueueReset while the reset goes on', () => {
    const driver = new MmioDriver(['slow-queue-reset']).start();
    driver.write(QUEUE_RESET, 1);
    expect(driver.read(QUEUE_RESET)).toBe(1);
    const shown = Array.from({ length: 8 }, () => driver.read(QUEUE_RESET));
    expect(shown.at(-1)).toBe(0);
    expect(driver.read(QUEUE_READY)).toBe(0);
  });
});
