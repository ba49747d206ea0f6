/** The reference machine in this thread as a bus: functions by their addresses, BARs as they have been programmed. */
import type { GuestMemory } from '../../reference-device/memory/guest-memory.ts';
import type { PciFunction } from '../../reference-device/transport/pci-function.ts';
import type { Bus, Width } from './bus.ts';

const BAR0 = 0x10;
/** All BARs of ours are 32-bit memory BARs without prefetch: the low four bits are no address. */
const ADDRESS_BITS = 0xffff_fff0;

interface Target {
  readonly pciFunction: PciFunction;
  readonly bar: number;
  readonly offset: number;
}

const bytesOf = (value: bigint, width: Width): DataView => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return new DataView(view.buffer, 0, width);
};

const valueOf = (view: DataView): bigint => {
  let value = 0n;
  for (let at = view.byteLength - 1; at >= 0; at--) value = (value << 8n) | BigInt(view.getUint8(at));
  return value;
};

/** An address that nobody decodes reads as all ones, as on a real bus, and a write to it goes nowhere. */
const nobody = (width: Width): bigint => (1n << BigInt(8 * width)) - 1n;

export class ModelBus implements Bus {
  readonly #functions: ReadonlyMap<number, PciFunction>;
  readonly #memory: GuestMemory;

  /** `functions` by their BDFs. */
  constructor(functions: ReadonlyMap<number, PciFunction>, memory: GuestMemory) {
    this.#functions = functions;
    this.#memory = memory;
  }

  #config(pciFunction: PciFunction, offset: number, width: Width): number {
    const view = new DataView(new ArrayBuffer(width));
    pciFunction.readConfig(offset, view);
    return Number(valueOf(view));
  }

  #decode(address: bigint): Target | undefined {
    for (const pciFunction of this.#functions.values()) {
      for (const [bar, size] of pciFunction.barSizes.entries()) {
        const base = BigInt((this.#config(pciFunction, BAR0 + 4 * bar, 4) & ADDRESS_BITS) >>> 0);
        const offset = address - base;
        if (offset >= 0n && offset < BigInt(size)) return { pciFunction, bar, offset: Number(offset) };
      }
    }
    return undefined;
  }

  async readConfig(bdf: number, offset: number, width: Width): Promise<number> {
    const pciFunction = this.#functions.get(bdf);
    return pciFunction === undefined ? Number(nobody(width)) : this.#config(pciFunction, offset, width);
  }

  async writeConfig(bdf: number, offset: number, width: Width, value: number): Promise<void> {
    this.#functions.get(bdf)?.writeConfig(offset, bytesOf(BigInt(value >>> 0), width));
  }

  async readMmio(address: bigint, width: Width): Promise<bigint> {
    const target = this.#decode(address);
    if (target === undefined) return nobody(width);
    const view = new DataView(new ArrayBuffer(width));
    target.pciFunction.readBar(target.bar, target.offset, view);
    return valueOf(view);
  }

  async writeMmio(address: bigint, width: Width, value: bigint): Promise<void> {
    const target = this.#decode(address);
    target?.pciFunction.writeBar(target.bar, target.offset, bytesOf(value, width));
  }

  async readMemory(address: number, length: number): Promise<Uint8Array> {
    const bytes = this.#memory.read(BigInt(address), length);
    if (bytes === undefined) throw new RangeError(`there is no RAM at ${address}`);
    return bytes;
  }

  async writeMemory(address: number, bytes: Uint8Array): Promise<void> {
    this.#memory.write(BigInt(address), bytes);
  }
}
