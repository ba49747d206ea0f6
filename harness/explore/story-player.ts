/** Plays stories in front of a driver: in this process, or in one of their own. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Finding, Judged } from '../../reports/record/model.ts';
import type { Described, DriverIdentity, DriverUnderTest } from '../driver-contract/driver-session.ts';
import type { Job } from '../runner/job.ts';
import { Player } from '../runner/player.ts';
import { outcomeOf } from '../scoring/judge-play.ts';
import { situationsOf } from './situations.ts';
import { plannedStory, type Story } from './story.ts';

/** What came of a story, as plain data. */
export interface Told {
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  /** What else it has brought about; nothing if nothing happened. */
  readonly situations: readonly string[];
  readonly isDriverUsable: boolean;
  /** Why nothing is known, as a sentence. */
  readonly lost?: string;
}

/** One story at a time: whoever asks waits for the answer. */
export interface StoryPlayer {
  meet(described: Described, seed: number): Promise<DriverIdentity>;
  /** `isFresh`: in front of a driver that was started for it. */
  tell(story: Story, isFresh: boolean): Promise<Told>;
  close(): Promise<void>;
}

export class LocalStoryPlayer implements StoryPlayer {
  readonly #player: Player;
  readonly #profile: ProfileName;

  constructor(driver: DriverUnderTest, monitors: readonly Monitor[], profile: ProfileName) {
    this.#player = new Player(driver, monitors);
    this.#profile = profile;
  }

  meet(described: Described, seed: number): Promise<DriverIdentity> {
    return this.#player.meet(described, seed);
  }

  async tell(story: Story, isFresh: boolean): Promise<Told> {
    // A driver in this process never waits for anything, and a signal would otherwise never be heard.
    await nextTurn();
    if (isFresh) await this.#player.sessions.end();
    this.#player.forget();
    const variant = plannedStory(story, { id: 'explore/story', title: 'A story that was drawn by lot' }, this.#profile);
    const result = await this.#player.play(variant);
    const { findings, judged } = outcomeOf(result);
    const { trace, driver } = result;
    const situations = trace.length === 0 ? [] : [...situationsOf(trace, this.#player.setupOf(variant))];
    return { findings, judged, situations, isDriverUsable: driver === 'usable' };
  }

  close(): Promise<void> {
    return this.#player.close();
  }
}

interface Question {
  readonly story: Story;
  readonly isFresh: boolean;
}

/** The end in the process that plays. */
export const storyJob = (player: StoryPlayer): Job => ({
  meet: (described, seed) => player.meet(described, seed),
  play: () => Promise.reject(new Error('assertion: a job that tells stories was asked for a variant')),
  ask: (question) => {
    const { story, isFresh } = question as Question;
    return player.tell(story, isFresh);
  },
  close: () => player.close(),
});

/** The end in the process that explores: what kills or blocks the other one costs a story. */
export const storyPlayerIn = (job: Job): StoryPlayer => ({
  meet: (described, seed) => job.meet(described, seed),
  tell: async (story, isFresh) => {
    const answer = await job.ask?.({ story, isFresh } satisfies Question);
    if (typeof answer !== 'string') return answer as Told;
    return { findings: [], judged: [], situations: [], isDriverUsable: false, lost: answer };
  },
  close: () => job.close(),
});
