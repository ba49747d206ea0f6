/** Two drivers in the same story: where they first do different things, even where no rule is broken. */
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import type { DriverIdentity, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { unplayable } from '../runner/claims.ts';
import { meet } from '../runner/meeting.ts';
import { Player } from '../runner/player.ts';
import { shrunk } from './shrink.ts';
import { type SingleStep, type Step } from './step.ts';
import { plannedStory, type Story } from './story.ts';

export interface Difference {
  /** `map: ok, and refused`: what was asked, and what became of it in front of each. */
  readonly says: string;
  readonly story: Story;
}

/** Plays of both drivers to make one story small. */
const EFFORT = 300;

/** What steps need that are no verbs themselves. */
const VERBS_OF: Readonly<Partial<Record<SingleStep['do'], string>>> = {
  'put-in': 'plug',
  'take-out': 'unplug',
  'pull-iommu': 'lose-iommu',
};
const ACTS: readonly SingleStep['do'][] = ['dma', 'retry', 'need-reset'];

/** Compares two drivers story by story; each kind of difference is told once, by a small story. */
export class Comparison {
  readonly #drivers: readonly [DriverUnderTest, DriverUnderTest];
  readonly #players: readonly [Player, Player];
  readonly #profile: ProfileName;
  readonly #told = new Set<string>();
  #identities: readonly [DriverIdentity, DriverIdentity] | undefined;

  constructor(drivers: readonly [DriverUnderTest, DriverUnderTest], profile: ProfileName) {
    this.#drivers = drivers;
    this.#players = [new Player(drivers[0], []), new Player(drivers[1], [])];
    this.#profile = profile;
  }

  /** The first difference in that story, if it is of a new kind; as small as it has got when `signal` is aborted. */
  async difference(story: Story, signal: AbortSignal): Promise<Difference | undefined> {
    const common = await this.#common(story);
    const says = await this.#differs(common);
    if (says === undefined || this.#told.has(says)) return undefined;
    this.#told.add(says);
    let left = EFFORT;
    const shows = async (smaller: Story): Promise<boolean> => (await this.#differs(smaller)) === says;
    return { says, story: await shrunk(common, shows, () => left-- > 0 && !signal.aborted) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#players.map((player) => player.close()));
  }

  /** Without what one of the two cannot be asked for. */
  async #common({ machine, steps }: Story): Promise<Story> {
    const identities = await this.#met();
    const isKnown = (step: SingleStep): boolean =>
      ACTS.includes(step.do) ||
      identities.every(({ verbs }) => (verbs as string[]).includes(VERBS_OF[step.do] ?? step.do));
    const known = steps.flatMap((step): Step[] => {
      if (step.do !== 'repeat') return isKnown(step) ? [step] : [];
      const left = step.steps.filter(isKnown);
      return left.length === 0 ? [] : [{ ...step, steps: left }];
    });
    return { machine, steps: known };
  }

  async #met(): Promise<readonly [DriverIdentity, DriverIdentity]> {
    this.#identities ??= [await met(this.#players[0], this.#drivers[0]), await met(this.#players[1], this.#drivers[1])];
    return this.#identities;
  }

  async #differs(story: Story): Promise<string | undefined> {
    const identities = await this.#met();
    const variant = plannedStory(story, { id: 'explore/story', title: 'A story that was drawn by lot' }, this.#profile);
    if (identities.some((identity) => unplayable(variant, identity) !== undefined)) return undefined;
    const [one, other] = [await this.#players[0].play(variant), await this.#players[1].play(variant)];
    return firstDifference(outcomesOf(one.trace), outcomesOf(other.trace));
  }
}

const met = (player: Player, { homeTopology = 'plain' }: DriverUnderTest): Promise<DriverIdentity> =>
  meet(player.sessions.in({ topology: homeTopology }), 1);

interface Outcome {
  readonly asked: string;
  readonly outcome: string;
}

/** What became of every verb, and of every access that the story has asked for. */
const outcomesOf = (trace: readonly TraceEvent[]): Outcome[] =>
  trace.flatMap((event) => {
    if (event.kind === 'answer') return [{ asked: event.verb, outcome: event.outcome === 'ok' ? 'ok' : 'refused' }];
    if (event.kind !== 'dma' || event.cause !== 'harness') return [];
    return [{ asked: `${event.access} by an endpoint`, outcome: event.outcome }];
  });

function firstDifference(one: readonly Outcome[], other: readonly Outcome[]): string | undefined {
  for (const [at, { asked, outcome }] of one.entries()) {
    const there = other[at];
    if (there === undefined) return `${asked}: ${outcome}, and no answer`;
    if (there.asked !== asked) return undefined;
    if (there.outcome !== outcome) return `${asked}: ${outcome}, and ${there.outcome}`;
  }
  const next = other[one.length];
  return next && `${next.asked}: no answer, and ${next.outcome}`;
}
