/**
 * Who had to be told of new descriptors in a packed ring (2.8.10). Positions are counted in descriptors from the moment
 * the queue was enabled, so nothing wraps here.
 */

/** What the device asks for: every notification, none, or one when the descriptor at a position becomes available. */
type Wish = 'always' | 'never' | number;

const passes = (wish: Wish, from: number, until: number): boolean =>
  typeof wish === 'number' ? wish >= from && wish < until : wish === 'always';

export class PackedKicks {
  /** Both event suppression structures start zeroed, which asks for everything. */
  #wish: Wish = 'always';
  /**
   * What else was asked for since the last notification, by which the driver may have gone while the device changed its
   * mind: everything, or a position. Positions only grow, so that of several the first is passed first.
   */
  #askedAlways = false;
  #askedAt: number | undefined;
  /** The driver's position at the last notification. */
  #kickedAt = 0;
  #foundUntil = 0;

  /** Asks for every notification of what comes after `position`; the device has found by itself what lies before. */
  askAlways(position: number): void {
    this.#ask('always');
    this.#foundUntil = position;
  }

  /** packed/prose/may-suppress-kicks */
  askNever(): void {
    this.#ask('never');
  }

  /** Asks for a notification once the descriptor at `position` is available. */
  askAt(position: number): void {
    this.#ask(position);
  }

  #ask(wish: Wish): void {
    const before = this.#wish;
    this.#wish = wish;
    if (before === 'always') this.#askedAlways = true;
    else if (before !== 'never' && before >= this.#kickedAt) this.#askedAt ??= before;
  }

  /**
   * Judges a notification that finds the driver at `position`: whether it was asked for; undefined if it cannot be
   * told. One without anything new is allowed in a packed ring (2.8.16).
   */
  judge(position: number): boolean | undefined {
    const from = this.#kickedAt;
    const askedBefore = this.#askedAlways || passes(this.#askedAt ?? 'never', from, position);
    this.#begin(position);
    if (position === from) return undefined;
    if (passes(this.#wish, from, position)) return true;
    return askedBefore ? undefined : false;
  }

  #begin(position: number): void {
    this.#kickedAt = position;
    this.#askedAlways = false;
    this.#askedAt = undefined;
  }

  /** Whether the driver, now at `position`, should have notified and has not. Says so once. */
  isOverdue(position: number): boolean {
    const from = Math.max(this.#kickedAt, this.#foundUntil);
    this.#begin(position);
    return position > from && passes(this.#wish, from, position);
  }
}
