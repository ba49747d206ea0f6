/** A PCI function that reads and writes memory on command, for want of a real device that does so at chosen addresses. */
import type { SlotName } from '../machine/setup.ts';
import type { Trace } from '../trace-events.ts';
import { BasicPciFunction } from '../transport/basic-pci-function.ts';
import type { FunctionHost } from '../transport/pci-function.ts';
import { type Register, RegisterFile } from '../transport/register-file.ts';
import { DmaPort, type TranslationService } from './dma-port.ts';

const IDENTITY = {
  vendor: 0x1b36,
  device: 0x00ed,
  classCode: 0xff0000,
  revision: 1,
  subsystemVendor: 0x1af4,
  subsystem: 0x1100,
} as const;

const REGISTER_BYTES = 0x1000;
const BUFFER_OFFSET = 0x100;
const BUFFER_BYTES = 0x100;

/** By which a driver knows that the function is there. */
const MAGIC = 0x4e4f4445;

const COMMANDS: ReadonlyMap<bigint, 'read' | 'write'> = new Map([
  [1n, 'read'],
  [2n, 'write'],
]);

const STATUS_OK = 1;
const STATUS_FAULT = 2;

/**
 * BAR 0, little-endian:
 * 0x00 iova (8 bytes) · 0x08 length (at most 256) · 0x0c command: 1 memory to buffer, 2 buffer to memory ·
 * 0x10 status of the last command: 1 done, 2 fault · 0x14 magic · 0x100 buffer (256 bytes).
 * A command is carried out before its write is over. An unknown command or length 0 changes nothing.
 */
export class DmaEngineFunction extends BasicPciFunction {
  readonly #slot: SlotName;
  readonly #endpointId: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #registers: RegisterFile;
  #port: DmaPort | undefined;
  #iova = 0n;
  #length = 0;
  #status = 0;

  constructor(slot: SlotName, endpointId: number, host: FunctionHost, trace: Trace) {
    super({ name: slot, identity: IDENTITY, registerBytes: REGISTER_BYTES, capabilities: [], host, trace });
    this.#slot = slot;
    this.#endpointId = endpointId;
    this.#registers = new RegisterFile(this.#table());
  }

  #table(): Register[] {
    return [
      { offset: 0x00, width: 8, name: 'iova', read: () => this.#iova, write: (value) => (this.#iova = value) },
      {
        offset: 0x08,
        width: 4,
        name: 'length',
        read: () => this.#length,
        write: (value) => (this.#length = Number(value)),
      },
      { offset: 0x0c, width: 4, name: 'command', write: (value) => this.#command(value) },
      { offset: 0x10, width: 4, name: 'status', read: () => this.#status },
      { offset: 0x14, width: 4, name: 'magic', read: () => MAGIC },
    ];
  }

  /** The way to memory; undefined while the slot is empty. */
  get port(): DmaPort | undefined {
    return this.#port;
  }

  /** Puts the engine in, reset, behind `iommu` if there is one; or takes it out. */
  stage(present: boolean, iommu: TranslationService | undefined): void {
    this.present = present;
    this.resetRegisters();
    this.#port = present
      ? new DmaPort({
          endpoint: this.#slot,
          endpointId: this.#endpointId,
          memory: this.host.memory,
          trace: this.trace,
          iommu,
          busMaster: () => this.busMaster,
        })
      : undefined;
  }

  protected override resetRegisters(): void {
    this.#iova = 0n;
    this.#length = 0;
    this.#status = 0;
    this.#buffer.fill(0);
  }

  protected override readRegisters(offset: number, out: DataView): void {
    this.#registers.read(offset, out);
    for (let at = 0; at < out.byteLength; at++) {
      const byte = this.#buffer[offset + at - BUFFER_OFFSET];
      if (byte !== undefined) out.setUint8(at, byte);
    }
    this.#traceRegister('register-read', offset, out);
  }

  protected override writeRegisters(offset: number, data: DataView): void {
    this.#traceRegister('register-write', offset, data);
    for (let at = 0; at < data.byteLength; at++) {
      const place = offset + at - BUFFER_OFFSET;
      if (place >= 0 && place < BUFFER_BYTES) this.#buffer[place] = data.getUint8(at);
    }
    this.#registers.write(offset, data);
  }

  #traceRegister(kind: 'register-read' | 'register-write', offset: number, data: DataView): void {
    const field = this.#registers.at(offset)?.name ?? '';
    this.traceAccess(kind, { device: this.name, structure: 'endpoint', field, offset }, data);
  }

  #command(command: bigint): void {
    const access = COMMANDS.get(command);
    const length = Math.min(this.#length, BUFFER_BYTES);
    if (access === undefined || length === 0 || this.#port === undefined) return;
    const data = this.#buffer.slice(0, length);
    const { outcome, bytes } = this.#port.perform({ address: this.#iova, length, access, cause: 'guest', data });
    if (outcome === 'ok' && access === 'read') this.#buffer.set(bytes);
    this.#status = outcome === 'ok' ? STATUS_OK : STATUS_FAULT;
  }
}
