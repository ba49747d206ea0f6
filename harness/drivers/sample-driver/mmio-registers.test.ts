import { describe, expect, it } from 'vitest';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaultName } from './driver-faults.ts';
import { openMmioIommu } from './mmio-registers.ts';
import type { PlatformWindow } from './platform.ts';

/** A window that remembers what is written, and what is done to it in which order. */
class Window implements PlatformWindow {
  readonly name = 'iommu';
  readonly address = 0xa00_0000;
  readonly log: string[] = [];
  readonly values = new Map<number, number>([
    [0x000, 0x7472_6976],
    [0x004, 2],
    [0x008, 23],
  ]);
  raised = 0;

  readRegister(offset: number, out: DataView): void {
    this.log.push(`r${offset.toString(16)}`);
    out.setUint32(0, this.values.get(offset) ?? 0, true);
  }

  writeRegister(offset: number, data: DataView): void {
    this.log.push(`w${offset.toString(16)}=${data.getUint32(0, true).toString(16)}`);
    this.values.set(offset, data.getUint32(0, true));
  }

  interrupts(): number {
    return this.raised;
  }
}

function opened(...faults: DriverFaultName[]): { window: Window; registers: DeviceRegisters } {
  const window = new Window();
  const registers = openMmioIommu(window, new Set(faults));
  if (typeof registers === 'string') throw new Error(registers);
  window.log.length = 0;
  return { window, registers };
}

describe('a window', () => {
  it.each([
    ['another MagicValue', 0x000, 0, ['r0']],
    ['Version 1', 0x004, 1, ['r0', 'r4']],
    ['DeviceID 0', 0x008, 0, ['r0', 'r4', 'r8']],
    ['another device', 0x008, 4, ['r0', 'r4', 'r8']],
  ])('with %s is left alone', (_, offset, value, looks) => {
    const window = new Window();
    window.values.set(offset, value);
    expect(openMmioIommu(window, new Set())).toBeTypeOf('string');
    expect(window.log).toEqual(looks);
  });
});

describe('registers of virtio-mmio', () => {
  it('are written in halves of 32 bits', () => {
    const { window, registers } = opened();
    registers.setQueueAddresses({ desc: 0x1_0000_1000n, driver: 0x2000n, device: 0x3000n });
    expect(window.log).toEqual(['w80=1000', 'w84=1', 'w90=2000', 'w94=0', 'wa0=3000', 'wa4=0']);
  });

  it('tell an interrupt once, and are told that it was handled', () => {
    const { window, registers } = opened();
    window.raised = 1;
    window.values.set(0x060, 0x8000_0003);
    expect([registers.queueInterrupts(undefined), registers.configInterrupts()]).toEqual([1, 1]);
    expect(window.log).toEqual(['r60', 'w64=3']);
  });

  it('stop a queue by QueueReady, which is read back', () => {
    const { window, registers } = opened();
    registers.stopQueue(1);
    expect(window.log).toEqual(['w30=1', 'w44=0', 'r44']);
  });

  it('give a queue that is in use no size', () => {
    const { window, registers } = opened();
    window.values.set(0x034, 64);
    expect(registers.queueSize).toBe(64);
    window.values.set(0x044, 1);
    expect(registers.queueSize).toBe(0);
  });
});
