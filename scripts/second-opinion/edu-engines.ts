/** DMA by QEMU's `edu` device (docs/specs/edu): a buffer of 4 KiB, and a timer of 100 ms between command and transfer. */
import type { Bus } from './bus.ts';
import type { QtestConnection } from './qtest-connection.ts';
import type { DmaEndpoint } from './steps.ts';
import { type DmaEngines, ENGINE_HALF_BYTES, outgoingByte } from './test-machine.ts';

const SOURCE = 0x80n;
const DESTINATION = 0x88n;
const COUNT = 0x90n;
const COMMAND = 0x98n;

const RUN = 1n;
const TO_MEMORY = 2n;

/** Where the buffer begins in the device's own addresses. */
const BUFFER = 0x4_0000n;
const BUFFER_BYTES = 2 * ENGINE_HALF_BYTES;
const TRANSFER_NS = 100_000_001;

/** Memory for filling and emptying the buffer. */
const SCRATCH_AT = 0x18_0000;

export class EduEngines implements DmaEngines {
  readonly #bus: Bus;
  readonly #qtest: QtestConnection;
  readonly #bases: Readonly<Record<DmaEndpoint, bigint>>;

  /** `bases` are the addresses of the BARs 0. */
  constructor(bus: Bus, qtest: QtestConnection, bases: Readonly<Record<DmaEndpoint, bigint>>) {
    this.#bus = bus;
    this.#qtest = qtest;
    this.#bases = bases;
  }

  async #transfer(endpoint: DmaEndpoint, source: bigint, destination: bigint, count: number, command: bigint) {
    const base = this.#bases[endpoint];
    await this.#bus.writeMmio(base + SOURCE, 8, source);
    await this.#bus.writeMmio(base + DESTINATION, 8, destination);
    await this.#bus.writeMmio(base + COUNT, 8, BigInt(count));
    await this.#bus.writeMmio(base + COMMAND, 4, command);
    await this.#qtest.say(`clock_step ${TRANSFER_NS}`);
    if ((await this.#bus.readMmio(base + COMMAND, 4)) & RUN)
      throw new Error('the edu device has not done its transfer');
  }

  async prepare(): Promise<void> {
    const content = Uint8Array.from({ length: BUFFER_BYTES }, (_, at) =>
      at < ENGINE_HALF_BYTES ? outgoingByte(at) : 0,
    );
    await this.#bus.writeMemory(SCRATCH_AT, content);
    for (const endpoint of ['a', 'b'] as const) {
      await this.#transfer(endpoint, BigInt(SCRATCH_AT), BUFFER, BUFFER_BYTES, RUN);
    }
  }

  write(endpoint: DmaEndpoint, iova: bigint, offset: number, length: number): Promise<void> {
    return this.#transfer(endpoint, BUFFER + BigInt(offset), iova, length, RUN | TO_MEMORY);
  }

  read(endpoint: DmaEndpoint, iova: bigint, offset: number, length: number): Promise<void> {
    return this.#transfer(endpoint, iova, BUFFER + BigInt(ENGINE_HALF_BYTES + offset), length, RUN);
  }

  async collect(endpoint: DmaEndpoint): Promise<Uint8Array> {
    await this.#bus.writeMemory(SCRATCH_AT, new Uint8Array(ENGINE_HALF_BYTES));
    const incoming = BUFFER + BigInt(ENGINE_HALF_BYTES);
    await this.#transfer(endpoint, incoming, BigInt(SCRATCH_AT), ENGINE_HALF_BYTES, RUN | TO_MEMORY);
    return this.#bus.readMemory(SCRATCH_AT, ENGINE_HALF_BYTES);
  }
}
