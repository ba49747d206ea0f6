/** How much of the page's size is left, so that what nobody may want to read takes what the rest leaves. */

/** What a row of a quiet case weighs, in all runs seen; bytes. */
const ROW_SIZE = 160;
/** And what stands around its rows. */
const FRAME_SIZE = 300;
/** Fewer rows tell nothing. */
const ROWS_MIN = 6;
/** More rows of a quiet case are worth neither the room nor the time. */
const ROWS_MAX = 24;
/** Where there is so much room for each quiet case, it gets everything. */
const PLENTY = 60_000;

/** How much a case shows. */
export interface CaseDetail {
  /** Rows of the sequence diagram. */
  readonly rows: number;
  /** Characters of the driver's log. */
  readonly driverLog: number;
  /** Whether there is a picture of the machine over time. */
  readonly timeline: boolean;
  /** Whether quiet events are shown, and bytes also of messages that prove nothing. */
  readonly full: boolean;
}

export class Allowance {
  #left: number;
  #quietCount: number;

  /** `size` in bytes, for what quiet cases show beyond their verdicts; `quietCount` is how many will ask for it. */
  constructor(size: number, quietCount: number) {
    this.#left = size;
    this.#quietCount = quietCount;
  }

  spend(source: string): void {
    this.#left -= Buffer.byteLength(source);
  }

  /** What the next quiet case may show, if those after it are to show as much. */
  next(): CaseDetail {
    const share = this.#left / Math.max(1, this.#quietCount--);
    if (share >= PLENTY) return { rows: 100, driverLog: 4000, timeline: true, full: true };
    const rows = Math.floor((share - FRAME_SIZE) / ROW_SIZE);
    return {
      rows: rows < ROWS_MIN ? 0 : Math.min(ROWS_MAX, rows),
      driverLog: rows > 10 ? 500 : 0,
      timeline: false,
      full: false,
    };
  }
}
