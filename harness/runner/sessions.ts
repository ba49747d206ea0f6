/** The sessions of a job: the variants play in one after the other. */
import {
  type Described,
  descriptionKey,
  type DriverSession,
  type DriverUnderTest,
} from '../driver-contract/driver-session.ts';

/** At most one session at a time. */
export class Sessions {
  readonly #driver: DriverUnderTest;
  #current: { readonly key: string; readonly session: Promise<DriverSession> } | undefined;

  constructor(driver: DriverUnderTest) {
    this.#driver = driver;
  }

  /**
   * The session in front of a machine that is `described` so: the current one if it fits, else a new one after the current one was closed.
   * Rejects with what `open` of the driver rejects with.
   */
  async in(described: Described): Promise<DriverSession> {
    const key = descriptionKey(described);
    if (this.#current?.key === key) return this.#current.session;
    await this.end();
    this.#current = { key, session: this.#driver.open(described) };
    return this.#current.session;
  }

  /** Closes the current session. */
  async end(): Promise<void> {
    const ended = this.#current;
    this.#current = undefined;
    // What never opened needs no closing.
    const session = await ended?.session.catch(() => undefined);
    await session?.close();
  }
}
