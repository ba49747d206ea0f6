/**
 * Which available buffer notifications were due (2.7.10, 2.8.10). A driver decides by what it reads after it has made
 * buffers available, and the device may have found these and have asked for something else by the time the notification
 * comes; so what has been asked for since the last one counts as well.
 */
import type { EventOf } from '../api/index.ts';
import type { QueueLife } from './queue-lives.ts';
import type { RingPositions } from './ring-positions.ts';

type Observed = EventOf<'notification'> | EventOf<'notification-suppression'> | EventOf<'unannounced-buffers'>;
type RingState = EventOf<'unannounced-buffers'>['ring'];

/**
 * `due`: came, and had to. `needless`: came though it was at no time asked for. `withheld`: buffers were made available
 * while the device asked for silence, and none came. `missing`: had to come, and never came.
 */
export interface JudgedNotification {
  readonly what: 'due' | 'needless' | 'withheld' | 'missing';
  readonly at: Observed;
}

/** What the features negotiated make of a ring. */
export interface RingRules {
  readonly packed: boolean;
  readonly eventIdx: boolean;
  readonly positions: RingPositions;
}

/** What the device asks for: every notification, none, or one when the buffer at a position becomes available. */
type Wish = 'always' | 'never' | number;

/** A wish, undefined where what stands there means nothing, and where the driver was when the device wrote it. */
interface Ask {
  readonly wish: Wish | undefined;
  readonly since: number;
}

const DEVICE_NEEDS_RESET = 64;

/** flags of a Device Event Suppression structure (2.8.10). */
const PACKED_WISHES: readonly Wish[] = ['always', 'never'];
const AT_DESCRIPTOR = 2;

/** What stands in memory; undefined if it means nothing. */
function wishOf({ flags, event }: RingState, { packed, eventIdx }: RingRules): Wish | undefined {
  if (packed) return (flags & 3) === AT_DESCRIPTOR && eventIdx ? event : PACKED_WISHES[flags & 3];
  return eventIdx ? event : (flags & 1) === 0 ? 'always' : 'never';
}

/** Judges what can be told of one life of a queue; what cannot is left out. */
export function judgedNotifications({ events }: QueueLife, rules: RingRules): readonly JudgedNotification[] {
  const judge = new NotificationJudge(rules);
  for (const event of events) {
    if (event.kind === 'notification') judge.notification(event);
    else if (event.kind === 'notification-suppression') judge.suppression(event);
    else if (event.kind === 'unannounced-buffers') judge.unannounced(event);
  }
  return judge.judged;
}

class NotificationJudge {
  readonly judged: JudgedNotification[] = [];
  readonly #rules: RingRules;
  /** Undefined as long as nothing is known of it. */
  #ask: Ask | undefined;
  /** What was asked for at some time since the last notification; `always` where that is not known. */
  #asked: Wish[] = ['always'];
  /** Where the driver was at the last notification; and at that, or when the device last polled the queue. */
  #notifiedAt: number;
  #knownAt: number;
  #notifications = 0;
  /** How many can have been asked for until `#ask` came, however late they are. */
  #requested = 0;
  /** None has come since the device wrote what it asks for. */
  #isSilent = true;
  /** None came before this event, and it would have been needless; one may still be on the way. */
  #silence: EventOf<'notification-suppression'> | undefined;
  /** One has come of which it cannot be told what it was for. */
  #isLost = false;

  constructor(rules: RingRules) {
    this.#rules = rules;
    this.#notifiedAt = rules.positions.start;
    this.#knownAt = rules.positions.start;
  }

  #say(what: JudgedNotification['what'], at: Observed): void {
    this.judged.push({ what, at });
  }

  notification(event: EventOf<'notification'>): void {
    const { ring } = event;
    this.#notifications++;
    this.#isSilent = false;
    if (this.#silence !== undefined && ring !== undefined && ring.position !== this.#silence.ring.position) {
      this.#say('withheld', this.#silence);
    }
    this.#silence = undefined;
    this.#isLost ||= ring === undefined;
    if (ring === undefined) return;
    const { position } = ring;
    const ask = this.#askIn(ring);
    const isDue = this.#isCalledFor(ask, position);
    const mayBeLate =
      ask === undefined ||
      this.#asked.some((wish) => this.#isPassed(wish, position)) ||
      this.#notifications <= this.#requestedBy(ask, position);
    this.#beginAt(position);
    if (isDue) this.#say('due', event);
    else if (!mayBeLate) this.#say('needless', event);
  }

  suppression(event: EventOf<'notification-suppression'>): void {
    const { ring } = event;
    const before = this.#ask ?? { wish: undefined, since: this.#rules.positions.start };
    const wish = wishOf(ring, this.#rules);
    if (before.wish === 'never' && before.since !== ring.position && this.#isSilent) this.#silence = event;
    // What is asked for once more after it has been passed has been asked for once.
    if (typeof wish !== 'number' || wish !== before.wish) this.#requested = this.#requestedBy(before, ring.position);
    this.#ask = { wish, since: ring.position };
    this.#asked.push(wish ?? 'always');
    this.#knownAt = ring.position;
    this.#isSilent = true;
    this.#isLost = false;
  }

  unannounced(event: EventOf<'unannounced-buffers'>): void {
    const { ring, deviceStatus } = event;
    const ask = this.#askIn(ring);
    const isMissing = this.#isCalledFor(ask, ring.position);
    const wasWithheld = ask?.wish === 'never' && this.#isSilent;
    this.#beginAt(ring.position);
    if ((deviceStatus & DEVICE_NEEDS_RESET) !== 0) return;
    if (wasWithheld) this.#say('withheld', event);
    else if (isMissing) this.#say('missing', event);
  }

  /** Counts from here on what the next notification is for. */
  #beginAt(position: number): void {
    this.#notifiedAt = position;
    this.#knownAt = position;
    this.#asked = [this.#ask?.wish ?? 'always'];
  }

  /** What the device asks for by what `ring` says; undefined if that is not what it has written, or means nothing. */
  #askIn(ring: RingState): Ask | undefined {
    const wish = wishOf(ring, this.#rules);
    if (this.#isLost || wish === undefined) return undefined;
    if (this.#ask === undefined) {
      // As the driver has left it, and nobody has touched it since.
      this.#ask = { wish, since: this.#rules.positions.start };
      this.#asked = [wish];
    }
    return this.#ask.wish === wish ? this.#ask : undefined;
  }

  /**
   * Whether a driver at `position` certainly has to notify. Of buffers that it had made available before the device asked
   * for the one before them, it may have judged by what had been asked for until then.
   */
  #isCalledFor(ask: Ask | undefined, position: number): boolean {
    if (ask === undefined || position === this.#knownAt) return false;
    return ask.wish === 'always' || (ask.wish === ask.since && ask.wish === this.#knownAt);
  }

  /** Whether a driver at `position` has made available since it last notified what it was to notify of. */
  #isPassed(wish: Wish, position: number): boolean {
    if (typeof wish !== 'number') return wish === 'always';
    const { distance } = this.#rules.positions;
    return distance(this.#notifiedAt, wish) < distance(this.#notifiedAt, position);
  }

  /** How many notifications can have been asked for, `ask` included, when the driver is at `position`: one for each buffer, or one. */
  #requestedBy({ wish, since }: Ask, position: number): number {
    const { distance, round } = this.#rules.positions;
    if (wish === 'never') return this.#requested;
    if (typeof wish !== 'number') return this.#requested + distance(since, position);
    const beyond = distance(wish, position);
    return this.#requested + (beyond > 0 && beyond < round / 2 ? 1 : 0);
  }
}
