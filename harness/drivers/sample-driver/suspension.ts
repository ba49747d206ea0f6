/** Lets a running device rest, and go on again (3.4). */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { Platform } from './platform.ts';

const DRIVER_OK = 0x04;
const SUSPEND = 0x10;
const DEVICE_NEEDS_RESET = 0x40;
/** What a device that has been pulled out reads. */
const GONE = 0xff;
/** A device that has not done what it was told after so many looks never will. */
const MOST_LOOKS = 100;

/** What the driver orders by setting `bit`, and whether a status shows that the device has done it. */
interface Order {
  readonly bit: number;
  readonly isDone: (status: number) => boolean;
  readonly failure: string;
}

export class Suspension {
  readonly #registers: DeviceRegisters;
  readonly #platform: Platform;
  readonly #faults: DriverFaults;
  #isSuspended = false;
  /** device_status as last read or written. */
  #status = 0;

  constructor(registers: DeviceRegisters, platform: Platform, faults: DriverFaults) {
    this.#registers = registers;
    this.#platform = platform;
    this.#faults = faults;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Brings the device to rest. A sentence if it goes on, or asks for a reset. */
  begin(): string | undefined {
    const ownBitOnly = this.#faults.has('suspend-checks-own-bit-only');
    this.#status = this.#registers.status;
    const order: Order = {
      bit: SUSPEND,
      isDone: (status) => (status & SUSPEND) !== 0 && (ownBitOnly || (status & DRIVER_OK) === 0),
      failure: 'the device does not come to rest',
    };
    const problem = this.#carryOut(order, this.#faults.has('suspend-not-verified'));
    this.#isSuspended = problem === undefined;
    return problem;
  }

  /** Lets the device go on. A sentence if it stays at rest. */
  end(): string | undefined {
    const ownBitOnly = this.#faults.has('resume-checks-own-bit-only');
    const order: Order = {
      bit: DRIVER_OK,
      isDone: (status) => (status & DRIVER_OK) !== 0 && (ownBitOnly || (status & SUSPEND) === 0),
      failure: 'the device does not go on',
    };
    const problem = this.#carryOut(order, this.#faults.has('resume-not-awaited'));
    this.#isSuspended = problem !== undefined;
    return problem;
  }

  #carryOut({ bit, isDone, failure }: Order, believes: boolean): string | undefined {
    if (this.#status === GONE) return failure;
    this.#status |= bit;
    this.#registers.status = this.#status;
    if (believes) return undefined;
    for (let look = 0; look < MOST_LOOKS; look++) {
      this.#status = this.#registers.status;
      if (this.#status === GONE || (this.#status & DEVICE_NEEDS_RESET) !== 0) return failure;
      if (isDone(this.#status)) return undefined;
      this.#platform.wait();
    }
    return failure;
  }
}
