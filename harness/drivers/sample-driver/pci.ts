/** Configuration space of a PCI function, and the registers behind its BARs, by width. */
import { readThrough, type Width, writeThrough } from './bus-access.ts';
import type { DriverFaults } from './driver-faults.ts';
import { PciWindow } from './pci-window.ts';
import type { PlatformFunction } from './platform.ts';

const COMMAND = 0x04;
const COMMAND_MEMORY = 0x2;
const COMMAND_BUS_MASTER = 0x4;
const COMMAND_NO_INTX = 0x400;
const FIRST_BAR = 0x10;
const BARS = 6;
const STATUS = 0x06;
const STATUS_HAS_CAPABILITIES = 0x10;
const CAPABILITIES_POINTER = 0x34;
/** No list of capabilities can be longer in 256 bytes. */
const MOST_CAPABILITIES = 48;

/** One function as its driver uses it. */
export class PciDevice {
  readonly #function: PlatformFunction;
  readonly #faults: DriverFaults;
  /** Undefined as long as BARs can be reached. */
  #window: PciWindow | undefined;

  constructor(platformFunction: PlatformFunction, faults: DriverFaults) {
    this.#function = platformFunction;
    this.#faults = faults;
  }

  get name(): string {
    return this.#function.name;
  }

  /** From now on BARs are reached through the window whose capability lies at `capability`. */
  useWindow(capability: number): void {
    // How wide an access to its data is, the window says.
    const config = {
      readConfig: (offset: number, width: Width): number => this.#readConfigAtOnce(offset, width),
      writeConfig: (offset: number, width: Width, value: number): void => this.writeConfig(offset, width, value),
    };
    this.#window = new PciWindow(config, capability, this.#faults);
  }

  readConfig(offset: number, width: Width): number {
    if (!this.#faults.has('pci-config-by-bytes')) return this.#readConfigAtOnce(offset, width);
    return Array.from({ length: width }, (_, at) => this.#readConfigAtOnce(offset + at, 1) * 2 ** (8 * at)).reduce(
      (sum, part) => sum + part,
    );
  }

  #readConfigAtOnce(offset: number, width: Width): number {
    return readThrough(width, (out) => this.#function.readConfig(offset, out));
  }

  writeConfig(offset: number, width: Width, value: number): void {
    writeThrough(width, value, (data) => this.#function.writeConfig(offset, data));
  }

  readBar(bar: number, offset: number, width: Width): number {
    if (this.#window) return this.#window.read({ bar, offset, width });
    return readThrough(width, (out) => this.#function.readBar(bar, offset, out));
  }

  writeBar(bar: number, offset: number, width: Width, value: number | bigint): void {
    if (this.#window) {
      this.#window.write({ bar, offset, width }, value);
      return;
    }
    writeThrough(width, value, (data) => this.#function.writeBar(bar, offset, data));
  }

  lineInterrupts(): number {
    return this.#function.lineInterrupts();
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

  /** What systems do with a function before its driver comes. */
  explore(): void {
    if (this.#faults.has('reads-whole-pci-config')) for (let at = 0; at < 256; at += 4) this.readConfig(at, 4);
    if (this.#faults.has('sizes-bars')) for (let bar = 0; bar < BARS; bar++) this.#size(FIRST_BAR + 4 * bar);
    if (this.#faults.has('disables-line-interrupt')) {
      this.writeConfig(COMMAND, 2, this.readConfig(COMMAND, 2) | COMMAND_NO_INTX);
    }
  }

  /** Finds out how many bits of a BAR can be set, while nothing answers there. */
  #size(offset: number): void {
    const command = this.readConfig(COMMAND, 2);
    this.writeConfig(COMMAND, 2, command & ~COMMAND_MEMORY);
    const address = this.readConfig(offset, 4);
    this.writeConfig(offset, 4, 0xffff_ffff);
    this.readConfig(offset, 4);
    this.writeConfig(offset, 4, address);
    this.writeConfig(COMMAND, 2, command);
  }

  enableMemory(role: 'iommu' | 'endpoint'): void {
    if (this.#faults.has(role === 'iommu' ? 'no-memory-enable' : 'endpoint-no-memory-enable')) return;
    this.writeConfig(COMMAND, 2, this.readConfig(COMMAND, 2) | COMMAND_MEMORY);
  }

  enableBusMaster(role: 'iommu' | 'endpoint'): void {
    if (this.#faults.has(role === 'iommu' ? 'no-bus-master' : 'endpoint-no-bus-master')) return;
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
