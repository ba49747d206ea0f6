/** Explores a driver: draws stories, lets all monitors judge them, and makes what they find as small as it gets. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { EndpointSetup, TopologyName } from '../../reference-device/machine-setup.ts';
import { machineObjection } from '../../reference-device/machine-validation.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Finding, Judged } from '../../reports/record/model.ts';
import type { Described, DriverIdentity, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { unplayable } from '../runner/claims.ts';
import { meet } from '../runner/meeting.ts';
import type { PlannedVariant } from '../runner/plan.ts';
import { Player } from '../runner/player.ts';
import { type CaseResult, outcomeOf } from '../scoring/judge-play.ts';
import { type Bounds, drawnDescription } from './drawn-machine.ts';
import type { Lots } from './lots.ts';
import { changedStory, drawnStory } from './mutation.ts';
import { causesIn } from './root-cause.ts';
import { shrunk } from './shrink.ts';
import { situationsOf } from './situations.ts';
import { unrolled } from './step.ts';
import { plannedStory, type Story, weightOf } from './story.ts';

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
  played(story: Story, result: CaseResult, so: { readonly far: number; readonly situations: number }): Promise<void>;
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
  readonly #player: Player;
  readonly #situations = new Set<string>();
  readonly #kept: Story[] = [];
  readonly #finds = new Map<string, Find>();
  readonly #unrepeated = new Set<string>();
  readonly #examples = new Map<string, Story>();
  #played = 0;
  #drawnCount = 0;
  /** After what was shown last. */
  #isDriverUsable = true;
  #described: Described = { topology: 'plain' };

  constructor(options: ExplorerOptions) {
    this.#options = options;
    this.#player = new Player(options.driver, options.monitors);
  }

  async explore(): Promise<Explored> {
    const { corpus, goesOn, driver, observer } = this.#options;
    try {
      const opening = this.#player.sessions.in({ topology: driver.homeTopology ?? 'plain' });
      const identity = await meet(opening, this.#options.lots.state);
      observer.met(identity);
      for (let next = 0; goesOn(this.#played); next++) {
        // A driver in this process never waits for anything, and a signal would otherwise never be heard.
        await nextTurn();
        await this.#tell(corpus[next] ?? this.#drawn(), identity);
      }
    } finally {
      await this.#player.close();
    }
    return { played: this.#played, finds: [...this.#finds.values()], examples: this.#examples };
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

  async #tell(story: Story, identity: DriverIdentity): Promise<void> {
    const { observer, isWanted, isExpected } = this.#options;
    const variant = this.#planned(story);
    if (machineObjection(variant.setup) !== undefined || unplayable(variant, identity) !== undefined) return;
    if (identity.interruptsByProbe === true && !variant.setup.endpoints.every(saysWhereInterruptsGo)) return;
    this.#player.forget();
    const result = await this.#player.play(variant);
    this.#played++;
    const { findings, judged } = outcomeOf(result);
    this.#learn(story, variant, result, judged);
    await observer.played(story, result, { far: this.#played, situations: this.#situations.size });
    for (const [cause, finding] of causesIn(findings)) {
      if (this.#finds.has(cause) || this.#unrepeated.has(cause) || !isWanted(finding.requirement)) continue;
      if (isExpected(finding, identity))
        this.#found({ cause, finding, story, foundIn: this.#played, isExpected: true });
      else await this.#pursue(cause, finding, story);
    }
  }

  #planned(story: Story): PlannedVariant {
    return plannedStory(story, { id: 'explore/story', title: 'A story that was drawn by lot' }, this.#options.profile);
  }

  /** Keeps a story that shows something new. */
  #learn(story: Story, variant: PlannedVariant, { trace }: CaseResult, judged: readonly Judged[]): void {
    const { isWanted, observer } = this.#options;
    const wanted = judged.filter(({ requirement }) => isWanted(requirement));
    if (trace.length === 0 || wanted.length === 0) return;
    const weight = weightOf(story);
    for (const { requirement } of wanted) {
      const known = this.#examples.get(requirement);
      if (known === undefined || weight < weightOf(known)) this.#examples.set(requirement, story);
    }
    const before = this.#situations.size;
    for (const situation of situationsOf(trace, this.#player.setupOf(variant), wanted)) this.#situations.add(situation);
    if (this.#situations.size === before) return;
    this.#kept.push(story);
    observer.kept(story);
  }

  /** Sees a finding again in front of a fresh driver, makes its story small, and sees that once more. */
  async #pursue(cause: string, finding: Finding, story: Story): Promise<void> {
    const { observer, driver, signal } = this.#options;
    observer.shrinking(finding);
    const again = await this.#shownAfresh(cause, story);
    if (again === undefined) {
      this.#unrepeated.add(cause);
      observer.unrepeated(finding, story);
      return;
    }
    let left = driver.startsSlowly === true ? EFFORT_OF_SLOW : EFFORT;
    const shows = async (smaller: Story): Promise<boolean> => {
      await nextTurn();
      const isShown = (await this.#shown(cause, smaller)) !== undefined;
      left -= this.#isDriverUsable ? effortOf(smaller) : EFFORT_OF_LOSS;
      return isShown;
    };
    const small = await shrunk(story, shows, () => left > 0 && !signal.aborted);
    const smallAgain = small === story ? undefined : await this.#shownAfresh(cause, small);
    const shown = smallAgain === undefined ? { finding: again, story } : { finding: smallAgain, story: small };
    this.#found({ cause, ...shown, foundIn: this.#played, isExpected: false });
  }

  #found(find: Find): void {
    this.#finds.set(find.cause, find);
    this.#options.observer.found(find);
  }

  async #shownAfresh(cause: string, story: Story): Promise<Finding | undefined> {
    await this.#player.sessions.end();
    return this.#shown(cause, story);
  }

  async #shown(cause: string, story: Story): Promise<Finding | undefined> {
    const variant = this.#planned(story);
    if (machineObjection(variant.setup) !== undefined) return undefined;
    this.#player.forget();
    const result = await this.#player.play(variant);
    this.#isDriverUsable = result.driver === 'usable';
    return causesIn(outcomeOf(result).findings).get(cause);
  }
}
