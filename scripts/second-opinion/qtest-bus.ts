/** A q35 machine in QEMU as a bus: ports 0xcf8 and 0xcfc for configuration space, qtest's own words for the rest. */
import type { Bus, Width } from './bus.ts';
import type { QtestConnection } from './qtest-connection.ts';

const CONFIG_ADDRESS = 0xcf8;
const CONFIG_DATA = 0xcfc;
const CONFIG_ENABLE = 0x8000_0000;

/** The letter by which qtest's words end. */
const LETTERS: Readonly<Record<Width, string>> = { 1: 'b', 2: 'w', 4: 'l', 8: 'q' };

export class QtestBus implements Bus {
  readonly #qtest: QtestConnection;

  constructor(qtest: QtestConnection) {
    this.#qtest = qtest;
  }

  async #selectConfig(bdf: number, offset: number): Promise<number> {
    const address = (CONFIG_ENABLE | (bdf << 8) | (offset & 0xfc)) >>> 0;
    await this.#qtest.say(`outl ${CONFIG_ADDRESS} ${address}`);
    return CONFIG_DATA + (offset & 3);
  }

  async readConfig(bdf: number, offset: number, width: Width): Promise<number> {
    const port = await this.#selectConfig(bdf, offset);
    return Number(await this.#qtest.say(`in${LETTERS[width]} ${port}`));
  }

  async writeConfig(bdf: number, offset: number, width: Width, value: number): Promise<void> {
    const port = await this.#selectConfig(bdf, offset);
    await this.#qtest.say(`out${LETTERS[width]} ${port} ${value >>> 0}`);
  }

  async readMmio(address: bigint, width: Width): Promise<bigint> {
    return BigInt(await this.#qtest.say(`read${LETTERS[width]} ${address}`));
  }

  async writeMmio(address: bigint, width: Width, value: bigint): Promise<void> {
    await this.#qtest.say(`write${LETTERS[width]} ${address} ${value}`);
  }

  async readMemory(address: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    return new Uint8Array(Buffer.from(await this.#qtest.say(`b64read ${address} ${length}`), 'base64'));
  }

  async writeMemory(address: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    await this.#qtest.say(`b64write ${address} ${bytes.length} ${Buffer.from(bytes).toString('base64')}`);
  }
}
