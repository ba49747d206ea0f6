/** Explores a driver: draws stories, lets all monitors judge them, and makes what they find as small as it gets. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Finding, Judged } from '../../reports/record/model.ts';
import type { DriverIdentity, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { unplayable } from '../runner/claims.ts';
import type { PlannedVariant } from '../runner/plan.ts';
import { Player } from '../runner/player.ts';
import { type CaseResult, outcomeOf } from '../scoring/judge-play.ts';
import type { Bounds } from './drawn-machine.ts';
import { Lots } from './lots.ts';
import { changedStory, drawnStory } from './mutation.ts';
import { causesIn } from './root-cause.ts';
import { shrunk } from './shrink.ts';
import { situationsOf } from './situations.ts';
import { plannedStory, type Story } from './story.ts';

/** A mistake, and the smallest story that shows it. */
export interface Find {
  readonly cause: string;
  readonly finding: Finding;
  readonly story: Story;
  /** The story in which it was met first, counted from 1. */
  readonly foundIn: number;
}

export interface ExplorerOptions {
  readonly driver: DriverUnderTest;
  readonly monitors: readonly Monitor[];
  readonly profile: ProfileName;
  readonly bounds: Bounds;
  readonly seed: number;
  /** Played before anything is drawn. */
  readonly corpus: readonly Story[];
  /** Whether a finding is of interest; those that are not are left alone. */
  readonly isWanted: (finding: Finding) => boolean;
  /** Asked before each story: whether to go on. */
  readonly goesOn: (played: number) => boolean;
  readonly observer: ExplorerObserver;
}

export interface ExplorerObserver {
  storyPlayed(played: number, situations: number): void;
  /** A story that has shown new situations, as it was drawn. */
  kept(story: Story): void;
  shrinking(finding: Finding): void;
  found(find: Find): void;
  /** It did not come again in a fresh session: something that was played before has a part in it, or chance. */
  unrepeated(finding: Finding, story: Story): void;
}

export interface Explored {
  readonly played: number;
  readonly finds: readonly Find[];
  /** How often each requirement was judged, and whether it always held. */
  readonly judged: readonly Judged[];
}

/** Plays of one shrinking. A guest takes a while over each. */
const ATTEMPTS = 600;
const ATTEMPTS_OF_SLOW = 150;

/** Explores until it is told to stop. Rejects with `HarnessError` if the driver cannot be met. */
export const explore = (options: ExplorerOptions): Promise<Explored> => new Explorer(options).explore();

class Explorer {
  readonly #options: ExplorerOptions;
  readonly #player: Player;
  readonly #lots: Lots;
  readonly #seen = new Set<string>();
  readonly #kept: Story[] = [];
  readonly #finds = new Map<string, Find>();
  readonly #unrepeated = new Set<string>();
  readonly #judged = new Map<string, Judged>();
  #played = 0;

  constructor(options: ExplorerOptions) {
    this.#options = options;
    this.#player = new Player(options.driver, options.monitors);
    this.#lots = new Lots(options.seed);
  }

  async explore(): Promise<Explored> {
    const { corpus, goesOn } = this.#options;
    try {
      const { identity } = await this.#player.sessions.in(this.#options.driver.homeTopology ?? 'plain');
      for (let next = 0; goesOn(this.#played); next++) {
        await nextTurn();
        await this.#tell(corpus[next] ?? this.#drawn(), identity);
      }
    } finally {
      await this.#player.sessions.close();
    }
    return {
      played: this.#played,
      finds: [...this.#finds.values()],
      judged: [...this.#judged.values()].toSorted((a, b) => (a.requirement < b.requirement ? -1 : 1)),
    };
  }

  #drawn(): Story {
    const { bounds, profile } = this.#options;
    const drawing = { lots: this.#lots, bounds, profile };
    const base = this.#lots.any(this.#kept);
    if (base === undefined || this.#lots.below(5) < 2) return drawnStory(drawing);
    return changedStory(base, this.#lots.any(this.#kept) ?? base, drawing);
  }

  async #tell(story: Story, identity: DriverIdentity): Promise<void> {
    const { observer, isWanted } = this.#options;
    const variant = this.#planned(story);
    if (unplayable(variant, identity) !== undefined) return;
    const result = await this.#player.play(variant, identity);
    this.#played++;
    const { findings, judged } = outcomeOf(result);
    this.#count(judged);
    if (this.#isNews(result, variant, judged)) {
      this.#kept.push(story);
      observer.kept(story);
    }
    observer.storyPlayed(this.#played, this.#seen.size);
    for (const [cause, finding] of causesIn(findings)) {
      if (this.#finds.has(cause) || this.#unrepeated.has(cause) || !isWanted(finding)) continue;
      await this.#pursue(cause, finding, story);
    }
  }

  #planned(story: Story): PlannedVariant {
    return plannedStory(story, { id: 'explore/story', title: 'A story that was drawn by lot' }, this.#options.profile);
  }

  #isNews({ trace }: CaseResult, variant: PlannedVariant, judged: readonly Judged[]): boolean {
    if (trace.length === 0) return false;
    const before = this.#seen.size;
    for (const situation of situationsOf(trace, this.#player.setupOf(variant), judged)) this.#seen.add(situation);
    return this.#seen.size > before;
  }

  #count(judged: readonly Judged[]): void {
    for (const { requirement, times, held } of judged) {
      const sum = this.#judged.get(requirement) ?? { requirement, times: 0, held: true };
      this.#judged.set(requirement, { requirement, times: sum.times + times, held: sum.held && held });
    }
  }

  /** Sees a finding again in front of a fresh driver, makes its story small, and sees that once more. */
  async #pursue(cause: string, finding: Finding, story: Story): Promise<void> {
    const { observer, driver, goesOn } = this.#options;
    observer.shrinking(finding);
    if ((await this.#shownAfresh(cause, story)) === undefined) {
      this.#unrepeated.add(cause);
      observer.unrepeated(finding, story);
      return;
    }
    const attempts = driver.startsSlowly === true ? ATTEMPTS_OF_SLOW : ATTEMPTS;
    const shows = async (smaller: Story): Promise<boolean> => {
      await nextTurn();
      return goesOn(this.#played) && (await this.#shown(cause, smaller)) !== undefined;
    };
    const small = await shrunk(story, shows, attempts);
    const isSame = small === story;
    const again = isSame ? undefined : await this.#shownAfresh(cause, small);
    const find =
      again === undefined
        ? { cause, finding, story, foundIn: this.#played }
        : { cause, finding: again, story: small, foundIn: this.#played };
    this.#finds.set(cause, find);
    observer.found(find);
  }

  async #shownAfresh(cause: string, story: Story): Promise<Finding | undefined> {
    await this.#player.sessions.end();
    return this.#shown(cause, story);
  }

  async #shown(cause: string, story: Story): Promise<Finding | undefined> {
    const { findings } = outcomeOf(await this.#player.play(this.#planned(story)));
    return causesIn(findings).get(cause);
  }
}
