/** Configuration space of a PCI function, and the registers behind its BARs, by width. */
import type { PlatformFunction } from './platform.ts';

export type Width = 1 | 2 | 4 | 8;

const COMMAND = 0x04;
const COMMAND_MEMORY = 0x2;
const COMMAND_BUS_MASTER = 0x4;
const STATUS = 0x06;
const STATUS_HAS_CAPABILITIES = 0x10;
const CAPABILITIES_POINTER = 0x34;
/** No list of capabilities can be longer in 256 bytes. */
const MOST_CAPABILITIES = 48;

const scratch = new ArrayBuffer(8);
const VIEWS: Readonly<Record<Width, DataView>> = {
  1: new DataView(scratch, 0, 1),
  2: new DataView(scratch, 0, 2),
  4: new DataView(scratch, 0, 4),
  8: new DataView(scratch, 0, 8),
};

/** The number that was read, little-endian; a 64-bit one loses digits and is used for its side effect only. */
function numberIn(view: DataView, width: Width): number {
  if (width === 1) return view.getUint8(0);
  if (width === 2) return view.getUint16(0, true);
  if (width === 4) return view.getUint32(0, true);
  return Number(view.getBigUint64(0, true));
}

function putNumber(view: DataView, width: Width, value: number | bigint): void {
  if (width === 1) view.setUint8(0, Number(value));
  else if (width === 2) view.setUint16(0, Number(value), true);
  else if (width === 4) view.setUint32(0, Number(value), true);
  else view.setBigUint64(0, BigInt(value), true);
}

/** One function as its driver uses it. */
export class PciDevice {
  readonly #function: PlatformFunction;

  constructor(platformFunction: PlatformFunction) {
    this.#function = platformFunction;
  }

  get name(): string {
    return this.#function.name;
  }

  readConfig(offset: number, width: Width): number {
    this.#function.readConfig(offset, VIEWS[width]);
    return numberIn(VIEWS[width], width);
  }

  writeConfig(offset: number, width: Width, value: number): void {
    putNumber(VIEWS[width], width, value);
    this.#function.writeConfig(offset, VIEWS[width]);
  }

  readBar(bar: number, offset: number, width: Width): number {
    this.#function.readBar(bar, offset, VIEWS[width]);
    return numberIn(VIEWS[width], width);
  }

  writeBar(bar: number, offset: number, width: Width, value: number | bigint): void {
    putNumber(VIEWS[width], width, value);
    this.#function.writeBar(bar, offset, VIEWS[width]);
  }

  interrupts(vector: number): number {
    return this.#function.interrupts(vector);
  }

  /** Whether anything answers. */
  isPresent(): boolean {
    return this.readConfig(0, 2) !== 0xffff;
  }

  vendorAndDevice(): readonly [number, number] {
    return [this.readConfig(0, 2), this.readConfig(2, 2)];
  }

  enableMemory(): void {
    this.writeConfig(COMMAND, 2, this.readConfig(COMMAND, 2) | COMMAND_MEMORY);
  }

  enableBusMaster(): void {
    this.writeConfig(COMMAND, 2, this.readConfig(COMMAND, 2) | COMMAND_BUS_MASTER);
  }

  disableBusMaster(): void {
    this.writeConfig(COMMAND, 2, this.readConfig(COMMAND, 2) & ~COMMAND_BUS_MASTER);
  }

  /** Offsets of the capabilities with their ids, in the order of the list. */
  capabilities(): { readonly id: number; readonly offset: number }[] {
    const found: { id: number; offset: number }[] = [];
    if ((this.readConfig(STATUS, 2) & STATUS_HAS_CAPABILITIES) === 0) return found;
    let offset = this.readConfig(CAPABILITIES_POINTER, 1) & 0xfc;
    while (offset >= 0x40 && found.length < MOST_CAPABILITIES) {
      found.push({ id: this.readConfig(offset, 1), offset });
      offset = this.readConfig(offset + 1, 1) & 0xfc;
    }
    return found;
  }
}
