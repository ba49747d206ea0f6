/**
 * The seam between a device model and a window of memory-mapped registers, beside `PciFunction`.
 * Its one interrupt line is vector 0 of its `FunctionHost`.
 */
export interface MmioWindow {
  /** Its place on the platform; the device inside may have another name. */
  readonly name: string;
  /** Length of the window in bytes. */
  readonly size: number;
  /** False: nothing answers, every read is all ones. */
  present: boolean;
  /** Whether the interrupt line is up. */
  readonly lineUp: boolean;

  /** Fills `out` from `offset` on; `out.byteLength` is the width of the access on the bus. What hits nothing reads 0. */
  readRegister(offset: number, out: DataView): void;
  writeRegister(offset: number, data: DataView): void;
  /** A reset of the window from outside, as when its carrier starts afresh. */
  reset(): void;
}
