/** The sessions of a run: the cases play in one, and the next ones may start meanwhile. */
import {
  type Described,
  descriptionKey,
  type DriverSession,
  type DriverUnderTest,
} from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';

interface Opening {
  readonly key: string;
  readonly session: Promise<DriverSession>;
}

/** A guest that waits takes memory and no time. */
const MOST_PREPARED = 3;

/** At most one session that is played in, and a few that are prepared. */
export class Sessions {
  readonly #driver: DriverUnderTest;
  #current: Opening | undefined;
  #prepared: readonly Opening[] = [];
  #isClosed = false;

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
    const prepared = this.#prepared.find((opening) => opening.key === key);
    this.#prepared = this.#prepared.filter((opening) => opening !== prepared);
    this.#current = prepared ?? this.#opening(described);
    return this.#current.session;
  }

  /** Starts the sessions that will be asked for next, one after the other, if the driver takes a while to start. */
  prepare(upcoming: readonly Described[]): void {
    if (this.#driver.startsSlowly !== true) return;
    for (const described of upcoming.slice(0, MOST_PREPARED)) {
      if (this.#prepared.some(({ key }) => key === descriptionKey(described))) continue;
      this.#prepared = [...this.#prepared, this.#opening(described, this.#prepared.at(-1))];
    }
  }

  /** Closes the current session; those that are prepared stay. */
  async end(): Promise<void> {
    const ended = this.#current;
    this.#current = undefined;
    await closed(ended);
  }

  /** Closes all. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const prepared = this.#prepared;
    this.#prepared = [];
    await Promise.all([this.end(), ...prepared.map(closed)]);
  }

  #opening(described: Described, after?: Opening): Opening {
    const session = after ? this.#openAfter(after, described) : this.#open(described);
    // Whoever asks for it hears why it failed; until then nobody has to.
    session.catch(() => {});
    return { key: descriptionKey(described), session };
  }

  #open({ topology, oddities }: Described): Promise<DriverSession> {
    return this.#driver.open(topology, oddities);
  }

  async #openAfter(after: Opening, described: Described): Promise<DriverSession> {
    await after.session.catch(() => {});
    if (this.#isClosed) throw new HarnessError('The run has ended.');
    return this.#open(described);
  }
}

/** What never opened needs no closing. */
async function closed(opening: Opening | undefined): Promise<void> {
  const session = await opening?.session.catch(() => undefined);
  await session?.close();
}
