/** `config-changes-while-read`: another input_range until the driver is half-way through reading it. */
import type { IommuConfig } from '../machine-setup.ts';
import { Config } from '../wire/iommu.ts';

type InputRange = IommuConfig['input_range'];

/** Changes a bit in each half, so that a value put together from both readings is neither of the two. */
const DIFFERENCE = 0x0000_0001_0000_1000n;

const HALF_BYTES = 4;

export class ChangingConfig {
  readonly #settled: InputRange;
  readonly #change: (input_range: InputRange) => void;
  #lastHalf: number | undefined;
  #done = false;

  /** `settled` is what the driver has to go by in the end; `change` puts a range into the configuration. */
  constructor(settled: InputRange, change: (input_range: InputRange) => void) {
    this.#settled = settled;
    this.#change = change;
    change({ start: settled.start ^ DIFFERENCE, end: settled.end ^ DIFFERENCE });
  }

  /** To be called before a read. True if the read is for the second half, and the range has just changed. */
  beforeRead(offset: number, width: number): boolean {
    if (this.#done || width !== HALF_BYTES) return false;
    const { input_range_start, input_range_end } = Config.offsets;
    for (const low of [input_range_start, input_range_end]) {
      const high = low + HALF_BYTES;
      if (offset !== low && offset !== high) continue;
      const isSecond = this.#lastHalf === low + high - offset;
      this.#lastHalf = offset;
      if (isSecond) this.settle();
      return isSecond;
    }
    return false;
  }

  /** Puts the final range in place if that has not happened: a driver that never read it is bound by it nevertheless. */
  settle(): void {
    if (this.#done) return;
    this.#done = true;
    this.#change(this.#settled);
  }
}
