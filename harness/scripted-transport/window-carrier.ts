/**
 * A window of registers as the only BAR of a PCI function, for a machine into which nothing but PCI functions can be put.
 * Whoever prepares the machine writes the window's address into the BAR and lets it answer; from then on the function is
 * absent to all that look at configuration space, so that nobody takes the window for anything but what the platform says.
 */
import type { MmioWindow } from '../../reference-device/transport/mmio-window.ts';
import { PciConfigSpace } from '../../reference-device/transport/pci-config.ts';
import type { PciFunction } from '../../reference-device/transport/pci-function.ts';

/** No driver looks for them. */
const IDENTITY = {
  vendor: 0x1b36,
  device: 0x00ee,
  classCode: 0xff0000,
  revision: 1,
  subsystemVendor: 0x1af4,
  subsystem: 0x1100,
  hasLine: true,
} as const;

const BAR0 = 0x10;

export class WindowCarrier implements PciFunction {
  readonly name: string;
  readonly barSizes: readonly number[];
  readonly msixVectorCount = 0;
  readonly window: MmioWindow;
  readonly #address: number;
  readonly #config: PciConfigSpace;

  /** `address`: where the platform says that the window is. */
  constructor(window: MmioWindow, address: number) {
    this.name = window.name;
    this.window = window;
    this.#address = address;
    this.barSizes = [window.size, 0, 0, 0, 0, 0];
    this.#config = new PciConfigSpace(IDENTITY, this.barSizes, []);
  }

  /** As a function, until the window is in its place. */
  get present(): boolean {
    return !(this.#config.memorySpace && this.#config.readU32(BAR0) === this.#address);
  }

  get lineUp(): boolean {
    return this.window.lineUp;
  }

  readConfig(offset: number, out: DataView): void {
    if (this.present) this.#config.read(offset, out);
    else fillOnes(out);
  }

  writeConfig(offset: number, data: DataView): void {
    if (this.present) this.#config.write(offset, data);
  }

  /** Elsewhere than in its place nothing answers. */
  readBar(_bar: number, offset: number, out: DataView): void {
    if (this.present) fillOnes(out);
    else this.window.readRegister(offset, out);
  }

  writeBar(_bar: number, offset: number, data: DataView): void {
    if (!this.present) this.window.writeRegister(offset, data);
  }

  reset(): void {
    this.#config.reset();
    this.window.reset();
  }
}

function fillOnes(out: DataView): void {
  for (let at = 0; at < out.byteLength; at++) out.setUint8(at, 0xff);
}
