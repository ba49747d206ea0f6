/** Counting in slices: a pause of our own process (a busy or sleeping machine) uses up one slice at most. */
const SLICES = 20;

/**
 * Calls `expired` once `timeoutMs` have passed in which this process ran, unless `stop` comes first.
 * What had arrived by then is read before `expired` is called, so that our own lateness is never the driver's.
 */
export class Patience {
  #left = SLICES;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #sliceMs: number;
  readonly #expired: () => void;

  constructor(timeoutMs: number, expired: () => void) {
    this.#sliceMs = Math.max(1, timeoutMs / SLICES);
    this.#expired = expired;
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#left--;
      if (this.#left > 0) this.#wait();
      // Timers run before input is read, immediates after it.
      else setImmediate(() => this.#stopped || this.#expired());
    }, this.#sliceMs);
  }
}

/** Whether `promise` is fulfilled within `timeoutMs` of our own running time. It must not reject. */
export function within(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const patience = new Patience(timeoutMs, () => resolve(false));
    void promise.then(() => {
      patience.stop();
      resolve(true);
    });
  });
}
