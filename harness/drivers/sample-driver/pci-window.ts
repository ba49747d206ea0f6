/** The way to a BAR through the capability PCI_CFG in configuration space (4.1.4.9), for BARs that have no addresses. */
import type { Width } from './bus-access.ts';
import type { DriverFaults } from './driver-faults.ts';

const CAP_BAR = 4;
const CAP_OFFSET = 8;
const CAP_LENGTH = 12;
const PCI_CFG_DATA = 16;

const ALL_ONES = 0xffff_ffffn;

/** Configuration space of the function. */
interface ConfigAccess {
  readConfig(offset: number, width: Width): number;
  writeConfig(offset: number, width: Width, value: number): void;
}

interface Place {
  readonly bar: number;
  readonly offset: number;
  readonly width: Width;
}

export class PciWindow {
  readonly #config: ConfigAccess;
  readonly #at: number;
  readonly #faults: DriverFaults;

  /** `capability` is where PCI_CFG lies in configuration space. */
  constructor(config: ConfigAccess, capability: number, faults: DriverFaults) {
    this.#config = config;
    this.#at = capability;
    this.#faults = faults;
  }

  /** A 64-bit register takes two reads. */
  read({ bar, offset, width }: Place): number {
    if (width === 8) {
      return this.read({ bar, offset, width: 4 }) + this.read({ bar, offset: offset + 4, width: 4 }) * 2 ** 32;
    }
    if (this.#faults.has('window-reads-whole-words') && width < 4 && offset % 4 === 2) {
      this.#aim(bar, offset, 4);
      return this.#config.readConfig(this.#at + PCI_CFG_DATA, 4) & (2 ** (8 * width) - 1);
    }
    this.#aim(bar, offset, width);
    return this.#config.readConfig(this.#at + PCI_CFG_DATA, width);
  }

  write({ bar, offset, width }: Place, value: number | bigint): void {
    const word = BigInt(value);
    if (width === 8) {
      this.write({ bar, offset, width: 4 }, word & ALL_ONES);
      this.write({ bar, offset: offset + 4, width: 4 }, word >> 32n);
      return;
    }
    this.#aim(bar, offset, width);
    this.#config.writeConfig(this.#at + PCI_CFG_DATA, width, Number(word & ALL_ONES));
  }

  #aim(bar: number, offset: number, length: number): void {
    this.#config.writeConfig(this.#at + CAP_BAR, 1, bar);
    this.#config.writeConfig(this.#at + CAP_OFFSET, 4, offset);
    if (!this.#faults.has('window-length-left')) this.#config.writeConfig(this.#at + CAP_LENGTH, 4, length);
    else if (length === 4) this.#config.writeConfig(this.#at + CAP_LENGTH, 4, 4);
  }
}
