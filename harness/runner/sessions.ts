/** The sessions of a run: the cases play in one, and the next may start meanwhile. */
import type { TopologyName } from '../../reference-device/machine/setup.ts';
import type { DriverSession, DriverUnderTest } from '../driver-contract/driver-session.ts';

interface Opening {
  readonly topology: TopologyName;
  readonly session: Promise<DriverSession>;
}

/** At most one session that is played in and one that is prepared. */
export class Sessions {
  readonly #driver: DriverUnderTest;
  #current: Opening | undefined;
  #prepared: Opening | undefined;

  constructor(driver: DriverUnderTest) {
    this.#driver = driver;
  }

  /**
   * The session in front of `topology`: the current one if it fits, else a new one after the current one was closed.
   * Rejects with what `open` of the driver rejects with.
   */
  async in(topology: TopologyName): Promise<DriverSession> {
    if (this.#current?.topology === topology) return this.#current.session;
    await this.end();
    if (this.#prepared?.topology === topology) {
      this.#current = this.#prepared;
      this.#prepared = undefined;
    } else {
      this.#current = this.#opening(topology);
    }
    return this.#current.session;
  }

  /** Starts the session that will be asked for next, if the driver is one that takes a while to start. */
  prepare(topology: TopologyName): void {
    if (this.#driver.startsSlowly === true) this.#prepared ??= this.#opening(topology);
  }

  /** Closes the current session; one that is prepared stays. */
  async end(): Promise<void> {
    const ended = this.#current;
    this.#current = undefined;
    await closed(ended);
  }

  /** Closes both. */
  async close(): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    await Promise.all([this.end(), closed(prepared)]);
  }

  #opening(topology: TopologyName): Opening {
    const session = this.#driver.open(topology);
    // Whoever asks for it hears why it failed; until then nobody has to.
    session.catch(() => {});
    return { topology, session };
  }
}

/** What never opened needs no closing. */
async function closed(opening: Opening | undefined): Promise<void> {
  const session = await opening?.session.catch(() => undefined);
  await session?.close();
}
