/** The registers of the DMA engine, wherever a machine puts them. */
import { RegisterFile } from '../transport/register-file.ts';
import type { DmaPort } from './dma-port.ts';

/** Bytes that the registers and the buffer take up. */
export const DMA_ENGINE_BYTES = 0x1000;

const BUFFER_OFFSET = 0x100;
const BUFFER_BYTES = 0x100;

/** By which a driver knows that the engine is there. */
const MAGIC = 0x4e4f4445;

const COMMANDS: ReadonlyMap<bigint, 'read' | 'write'> = new Map([
  [1n, 'read'],
  [2n, 'write'],
]);

const STATUS_OK = 1;
const STATUS_FAULT = 2;

/**
 * Little-endian:
 * 0x00 iova (8 bytes) · 0x08 length (at most 256) · 0x0c command: 1 memory to buffer, 2 buffer to memory ·
 * 0x10 status of the last command: 1 done, 2 fault · 0x14 magic · 0x100 buffer (256 bytes).
 * A command is carried out before its write is over. An unknown command or length 0 changes nothing.
 */
export class DmaEngineRegisters {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #registers: RegisterFile;
  readonly #port: () => DmaPort | undefined;
  #iova = 0n;
  #length = 0;
  #status = 0;

  /** `port` gives the way to memory; undefined while there is no engine. */
  constructor(port: () => DmaPort | undefined) {
    this.#port = port;
    this.#registers = new RegisterFile([
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
    ]);
  }

  /** Name of the register at `offset`; '' if none starts there. */
  nameAt(offset: number): string {
    return this.#registers.at(offset)?.name ?? '';
  }

  reset(): void {
    this.#iova = 0n;
    this.#length = 0;
    this.#status = 0;
    this.#buffer.fill(0);
  }

  read(offset: number, out: DataView): void {
    this.#registers.read(offset, out);
    for (let at = 0; at < out.byteLength; at++) {
      const byte = this.#buffer[offset + at - BUFFER_OFFSET];
      if (byte !== undefined) out.setUint8(at, byte);
    }
  }

  write(offset: number, data: DataView): void {
    for (let at = 0; at < data.byteLength; at++) {
      const place = offset + at - BUFFER_OFFSET;
      if (place >= 0 && place < BUFFER_BYTES) this.#buffer[place] = data.getUint8(at);
    }
    this.#registers.write(offset, data);
  }

  #command(command: bigint): void {
    const access = COMMANDS.get(command);
    const length = Math.min(this.#length, BUFFER_BYTES);
    const port = this.#port();
    if (access === undefined || length === 0 || port === undefined) return;
    const data = this.#buffer.slice(0, length);
    const { outcome, bytes } = port.perform({ address: this.#iova, length, access, cause: 'guest', data });
    if (outcome === 'ok' && access === 'read') this.#buffer.set(bytes);
    this.#status = outcome === 'ok' ? STATUS_OK : STATUS_FAULT;
  }
}
