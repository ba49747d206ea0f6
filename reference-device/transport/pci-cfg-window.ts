/** The capability PCI_CFG (4.1.4.9): a window in configuration space that leads to any place in a BAR. */
import type { Access } from '../trace-events.ts';
import type { PciCapability, PciConfigSpace } from './pci-config.ts';
import { PCI_CFG_DATA_BYTES, PCI_CFG_FIELDS, placeOf } from './virtio-capabilities.ts';

/** Where the window leads. */
interface Target {
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
}

/** What is behind the window. */
export interface WindowBacking {
  read(bar: number, offset: number, out: DataView): void;
  write(bar: number, offset: number, data: DataView): void;
  /** pci_cfg_data was accessed. Not called before the driver has aimed the window: bus code reads all of configuration space. */
  accessed(access: Target & { readonly access: Access; readonly inside: boolean }): void;
}

const WIDTHS: readonly number[] = [1, 2, 4];
const STRUCTURES: ReadonlySet<string> = new Set(['COMMON_CFG', 'NOTIFY_CFG', 'ISR_CFG', 'DEVICE_CFG']);

export class PciCfgWindow {
  readonly #config: PciConfigSpace;
  readonly #barSizes: readonly number[];
  readonly #backing: WindowBacking;
  #places: readonly Target[] = [];
  #aimed = false;

  constructor(config: PciConfigSpace, barSizes: readonly number[], backing: WindowBacking) {
    this.#config = config;
    this.#barSizes = barSizes;
    this.#backing = backing;
  }

  /** The capabilities that are shown from now on, before a driver that has not aimed the window yet. */
  set structures(capabilities: readonly PciCapability[]) {
    this.#places = capabilities.filter(({ name = '' }) => STRUCTURES.has(name)).map(placeOf);
    this.#aimed = false;
  }

  /** Offset of the capability in configuration space; 0 if it is not shown. */
  get #at(): number {
    return this.#config.capabilityNamed('PCI_CFG');
  }

  /** Whether an access of `width` bytes at `offset` touches pci_cfg_data. */
  hasData(offset: number, width: number): boolean {
    const data = this.#at + PCI_CFG_FIELDS.data;
    return this.#at > 0 && offset < data + PCI_CFG_DATA_BYTES && offset + width > data;
  }

  /** The driver has written `width` bytes at `offset`. */
  noteWrite(offset: number, width: number): void {
    const from = this.#at + PCI_CFG_FIELDS.bar;
    const until = this.#at + PCI_CFG_FIELDS.data;
    if (this.#at > 0 && offset < until && offset + width > from) this.#aimed = true;
  }

  /** pci/device/pci-cfg-cap/read-through */
  readThrough(): void {
    const target = this.#target;
    this.#tell('read', target);
    if (!this.#isUsable(target)) return;
    const bytes = new Uint8Array(target.length);
    this.#backing.read(target.bar, target.offset, new DataView(bytes.buffer));
    this.#config.store(this.#at + PCI_CFG_FIELDS.data, bytes);
  }

  /** pci/device/pci-cfg-cap/write-through */
  writeThrough(): void {
    const target = this.#target;
    this.#tell('write', target);
    if (!this.#isUsable(target)) return;
    const bytes = new DataView(new ArrayBuffer(target.length));
    this.#config.read(this.#at + PCI_CFG_FIELDS.data, bytes);
    this.#backing.write(target.bar, target.offset, bytes);
  }

  get #target(): Target {
    return {
      bar: this.#config.readU16(this.#at + PCI_CFG_FIELDS.bar) & 0xff,
      offset: this.#config.readU32(this.#at + PCI_CFG_FIELDS.offset),
      length: this.#config.readU32(this.#at + PCI_CFG_FIELDS.length),
    };
  }

  /** Nothing happens unless it is a 1, 2 or 4 byte window into one of our BARs. */
  #isUsable({ bar, offset, length }: Target): boolean {
    return offset + length <= (this.#barSizes[bar] ?? 0) && WIDTHS.includes(length);
  }

  #tell(access: Access, target: Target): void {
    if (!this.#aimed) return;
    const { bar, offset, length } = target;
    const inside = this.#places.some(
      (place) => place.bar === bar && offset >= place.offset && offset + length <= place.offset + place.length,
    );
    this.#backing.accessed({ access, ...target, inside });
  }
}
