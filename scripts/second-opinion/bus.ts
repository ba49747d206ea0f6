/** What a driver sees of a machine, whoever plays the machine: PCI configuration space, MMIO and RAM. */

/** Bytes of one access. */
export type Width = 1 | 2 | 4 | 8;

/** Addresses are guest-physical; `bdf` is bus << 8 | device << 3 | function. */
export interface Bus {
  readConfig(bdf: number, offset: number, width: Width): Promise<number>;
  writeConfig(bdf: number, offset: number, width: Width, value: number): Promise<void>;
  readMmio(address: bigint, width: Width): Promise<bigint>;
  writeMmio(address: bigint, width: Width, value: bigint): Promise<void>;
  readMemory(address: number, length: number): Promise<Uint8Array>;
  writeMemory(address: number, bytes: Uint8Array): Promise<void>;
}

/** The device that is asked is gone: QEMU has aborted. Its last words are the message. */
export class SubjectDied extends Error {
  override readonly name = 'SubjectDied';
}
