/** Explores a driver: draws stories, lets all monitors judge them, and makes what they find as small as it gets. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { machineOf } from '../../cases/api/default-machine.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { EndpointSetup, TopologyName } from '../../reference-device/machine-setup.ts';
import { machineObjection } from '../../reference-device/machine-validation.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Finding } from '../../reports/record/model.ts';
import type { Described, DriverIdentity, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { unplayable } from '../runner/claims.ts';
import { type Bounds, drawnDescription } from './drawn-machine.ts';
import type { Lots } from './lots.ts';
import { changedStory, drawnStory } from './mutation.ts';
import { causesIn } from './root-cause.ts';
import { shrunk } from './shrink.ts';
import { unrolled } from './step.ts';
import { plannedStory, type Story, weightOf } from './story.ts';
import { LocalStoryPlayer, type StoryPlayer, type Told } from './story-player.ts';
import { StoryPool } from './story-pool.ts';

/** A mistake, and the smallest story that shows it. */
export interface Find {
  readonly cause: string;
  readonly finding: Finding;
  readonly story: Story;
  /** The story in which it was met first, counted from 1. */
  readonly foundIn: number;
  /** It stands in the user's list: its story is as it was drawn. */
  readonly isExpected: boolean;
}

export interface ExplorerOptions {
  readonly driver: DriverUnderTest;
  /** What is found does not depend on how many there are; one in this process if left out. */
  readonly players?: readonly [StoryPlayer, ...StoryPlayer[]];
  readonly monitors: readonly Monitor[];
  readonly profile: ProfileName;
  readonly bounds: Bounds;
  /** Another one costs most drivers a new start, so that a few dozen stories are played in each. */
  readonly topologies: readonly [TopologyName, ...TopologyName[]];
  readonly lots: Lots;
  /** Played before anything is drawn. */
  readonly corpus: readonly Story[];
  /** Whether stories that judge this requirement are sought, and what is found of it is told. */
  readonly isWanted: (requirement: string) => boolean;
  readonly isExpected: (finding: Finding, driver: DriverIdentity) => boolean;
  /** Asked before each story: whether to go on. What is being made small is made so to the end. */
  readonly goesOn: (played: number) => boolean;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly observer: ExplorerObserver;
}

export interface ExplorerObserver {
  met(driver: DriverIdentity): void;
  played(story: Story, so: { readonly far: number; readonly situations: number }): Promise<void>;
  /** What played it is gone; `says` why, as a sentence. */
  lost(story: Story, says: string): void;
  /** A story that has shown new situations, as it was drawn. */
  kept(story: Story): void;
  shrinking(finding: Finding): void;
  found(find: Find): void;
  /** It did not come again in front of a fresh driver: something that was played before has a part in it, or chance. */
  unrepeated(finding: Finding, story: Story): void;
}

export interface Explored {
  readonly played: number;
  readonly finds: readonly Find[];
  /** Of each requirement that was judged, the smallest story that did. */
  readonly examples: ReadonlyMap<string, Story>;
}

const STORIES_TO_A_DESCRIPTION = 20;

/** A story is drawn by what is known of all but the last so many, which may be under way. */
const AHEAD = 16;

/**
 * Plays of one shrinking, a story of many commands counting as several. A guest takes a while over each; one that is lost has to be
 * waited for, and started anew.
 */
const EFFORT = 1500;
const COMMANDS_OF_A_PLAY = 50;
const EFFORT_OF_SLOW = 200;
const EFFORT_OF_LOSS = 20;

const effortOf = ({ steps }: Story): number => Math.max(1, [...unrolled(steps)].length / COMMANDS_OF_A_PLAY);

const MSI = 1;
const saysWhereInterruptsGo = ({ resvMem }: EndpointSetup): boolean => resvMem.some(({ subtype }) => subtype === MSI);

/** Explores until it is told to stop. Rejects with `DriverGone` or `HarnessError` if the driver cannot be met. */
export const explore = (options: ExplorerOptions): Promise<Explored> => new Explorer(options).explore();

class Explorer {
  readonly #options: ExplorerOptions;
  readonly #first: StoryPlayer;
  readonly #pool: StoryPool;
  readonly #situations = new Set<string>();
  readonly #kept: Story[] = [];
  readonly #finds = new Map<string, Find>();
  readonly #unrepeated = new Set<string>();
  readonly #examples = new Map<string, Story>();
  #played = 0;
  #nextKept = 0;
  #drawnCount = 0;
  /** After what was shown last. */
  #isDriverUsable = true;
  #described: Described = { topology: 'plain' };

  constructor(options: ExplorerOptions) {
    this.#options = options;
    const { driver, monitors, profile } = options;
    const { players = [new LocalStoryPlayer(driver, monitors, profile)] } = options;
    [this.#first] = players;
    this.#pool = new StoryPool(players);
  }

  async explore(): Promise<Explored> {
    const { driver, observer, lots } = this.#options;
    try {
      const identity = await this.#first.meet({ topology: driver.homeTopology ?? 'plain' }, lots.state);
      observer.met(identity);
      await this.#tellAll(identity);
    } finally {
      await this.#pool.close();
    }
    return { played: this.#played, finds: [...this.#finds.values()], examples: this.#examples };
  }

  /** Stories are taken note of in the order in which they were drawn, however many are played at once. */
  async #tellAll(identity: DriverIdentity): Promise<void> {
    const { goesOn } = this.#options;
    const ahead: { readonly story: Story; readonly told: Promise<Told> }[] = [];
    while (goesOn(this.#played)) {
      while (ahead.length < AHEAD && goesOn(this.#played + ahead.length)) {
        // A signal would otherwise never be heard.
        await nextTurn();
        const story = this.#next();
        if (this.#isPlayable(story, identity)) ahead.push({ story, told: this.#pool.tellInTurn(story) });
      }
      const next = ahead.shift();
      if (next) await this.#take(next.story, await next.told, identity);
    }
  }

  #next(): Story {
    return this.#options.corpus[this.#nextKept++] ?? this.#drawn();
  }

  #isPlayable(story: Story, identity: DriverIdentity): boolean {
    const variant = plannedStory(story, { id: 'explore/story', title: '' }, this.#options.profile);
    const { setup } = variant;
    if (machineObjection(setup) !== undefined || unplayable(variant, identity) !== undefined) return false;
    return identity.interruptsByProbe !== true || setup.endpoints.every(saysWhereInterruptsGo);
  }

  #drawn(): Story {
    const { bounds, profile, lots, topologies } = this.#options;
    const round = Math.floor(this.#drawnCount / STORIES_TO_A_DESCRIPTION);
    if (this.#drawnCount++ % STORIES_TO_A_DESCRIPTION === 0) {
      const topology = topologies[round % topologies.length] ?? 'plain';
      this.#described = topologies.length === 1 ? { topology } : drawnDescription(topology, lots);
    }
    const drawing = { lots, bounds, profile, described: this.#described };
    const base = lots.any(this.#kept);
    if (base === undefined || lots.below(5) < 2) return drawnStory(drawing);
    return changedStory(base, lots.any(this.#kept) ?? base, drawing);
  }

  async #take(story: Story, told: Told, identity: DriverIdentity): Promise<void> {
    const { observer, isWanted, isExpected } = this.#options;
    this.#played++;
    if (told.lost !== undefined) observer.lost(story, told.lost);
    this.#learn(story, told);
    await observer.played(story, { far: this.#played, situations: this.#situations.size });
    for (const [cause, finding] of causesIn(told.findings)) {
      if (this.#finds.has(cause) || this.#unrepeated.has(cause) || !isWanted(finding.requirement)) continue;
      if (isExpected(finding, identity))
        this.#found({ cause, finding, story, foundIn: this.#played, isExpected: true });
      else await this.#pursue(cause, finding, story);
    }
  }

  /** Keeps a story that shows something new. */
  #learn(story: Story, { judged, situations }: Told): void {
    const { isWanted, observer } = this.#options;
    const wanted = judged.filter(({ requirement }) => isWanted(requirement));
    if (situations.length === 0 || wanted.length === 0) return;
    const weight = weightOf(story);
    for (const { requirement } of wanted) {
      const known = this.#examples.get(requirement);
      if (known === undefined || weight < weightOf(known)) this.#examples.set(requirement, story);
    }
    const before = this.#situations.size;
    const shown = [...wanted.map(({ requirement }) => `judged ${requirement}`), ...situations];
    for (const situation of shown) this.#situations.add(situation);
    if (this.#situations.size === before) return;
    this.#kept.push(story);
    observer.kept(story);
  }

  /** Sees a finding again in front of a fresh driver, makes its story small, and sees that once more. */
  async #pursue(cause: string, finding: Finding, story: Story): Promise<void> {
    const { observer, driver, signal } = this.#options;
    observer.shrinking(finding);
    const again = await this.#shown(cause, story, true);
    if (again === undefined) {
      this.#unrepeated.add(cause);
      observer.unrepeated(finding, story);
      return;
    }
    let left = driver.startsSlowly === true ? EFFORT_OF_SLOW : EFFORT;
    const shows = async (smaller: Story): Promise<boolean> => {
      const isShown = (await this.#shown(cause, smaller, false)) !== undefined;
      left -= this.#isDriverUsable ? effortOf(smaller) : EFFORT_OF_LOSS;
      return isShown;
    };
    const small = await shrunk(story, shows, () => left > 0 && !signal.aborted);
    const smallAgain = small === story ? undefined : await this.#shown(cause, small, true);
    const shown = smallAgain === undefined ? { finding: again, story } : { finding: smallAgain, story: small };
    this.#found({ cause, ...shown, foundIn: this.#played, isExpected: false });
  }

  #found(find: Find): void {
    this.#finds.set(find.cause, find);
    this.#options.observer.found(find);
  }

  /** `isFresh`: in front of a driver that was started for it. */
  async #shown(cause: string, story: Story, isFresh: boolean): Promise<Finding | undefined> {
    if (machineObjection(machineOf(story.machine, this.#options.profile)) !== undefined) return undefined;
    const { findings, isDriverUsable } = await this.#pool.tellNow(story, isFresh);
    this.#isDriverUsable = isDriverUsable;
    return causesIn(findings).get(cause);
  }
}
