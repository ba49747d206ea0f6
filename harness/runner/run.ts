/** A whole run: opens sessions, plays the plan, writes the log, and says how it went. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import { TOPOLOGIES, transportsOf } from '../../reference-device/topology/topologies.ts';
import type { Described, DriverIdentity, DriverUnderTest } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import type {
  CaseJudged,
  CaseStarted,
  Footer,
  Header,
  LogEvent,
  RequirementRow,
  Shard,
} from '../../reports/record/model.ts';
import { partOf } from '../../reports/record/shard.ts';
import { ExpectationBook } from '../scoring/expectations.ts';
import { footerOf } from '../scoring/footer.ts';
import { type CaseResult, outcomeOf, unplayed } from '../scoring/judge-play.ts';
import { isDraft, type Revision, requirementSet } from '../scoring/requirement-set.ts';
import { catalogueDigest, judgedRequirements } from './catalogue-facts.ts';
import { allVariants, oneOfEachCase, type PlannedVariant } from './plan.ts';
import { unplayable } from './claims.ts';
import type { Job, Played } from './job.ts';
import { isWorthASecond, Share } from './share.ts';

export interface RunOptions {
  readonly driver: Pick<DriverUnderTest, 'homeTopology' | 'startsSlowly'>;
  /** Those that play; each has a driver of its own. The log does not show how many there are. */
  readonly jobs: readonly [Job, ...Job[]];
  readonly driverFaults: readonly string[];
  readonly catalogue: readonly Case[];
  readonly monitors: readonly Monitor[];
  readonly plan: readonly PlannedVariant[];
  /** The part of `plan` that is played here; all of it if left out. */
  readonly shard?: Shard;
  /** Whether one variant of each case is enough: the first of `plan` that the driver can be taken through. Goes without `shard`. */
  readonly quick?: boolean;
  /** How the device is where a case does not say; `spec` if left out. */
  readonly profile?: ProfileName;
  readonly revision: Revision;
  readonly seed: number;
  /** What is expected of a driver, once it has said who it is. */
  readonly expectations: (driver: DriverIdentity) => ExpectationBook;
  /** The command that plays this run again. */
  readonly command: string;
  /** The one command that repeats the variant with this id. */
  readonly repeat: (id: string) => string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly log: (event: LogEvent) => void;
  readonly observer: RunObserver;
  /** Aborted by SIGINT: the run ends after what is under way was given up, and still closes its log. */
  readonly signal: AbortSignal;
}

/** Hears of progress; draws nothing into the log. */
export interface RunObserver {
  started(total: number, identity: DriverIdentity): void;
  caseStarted(id: string): void;
  caseJudged(judged: CaseJudged): void;
}

/** The driver lost in so many cases in a row, or so many that did not even come up: something is broken beyond the cases. */
const LOSSES_MAX = 5;

/**
 * Runs the plan to its end, or as far as it can, and returns the log's footer.
 * Rejects with `HarnessError` only before the first case (the driver did not start, or does not honour the contract).
 */
export async function run(options: RunOptions): Promise<Footer> {
  return new Run(options).play();
}

/** A variant of the plan, and what has become of it until now. */
interface Turn {
  readonly planned: PlannedVariant;
  /** Known once it has begun. */
  setup?: MachineSetup;
  isStarted?: boolean;
  /** Known once it is over, and gone again when it is written down. */
  ended?: { readonly result: CaseResult; readonly driver?: Played['driver']; readonly durationMs: number };
}

class Run {
  readonly #options: RunOptions;
  #plan: readonly PlannedVariant[];
  #part: readonly PlannedVariant[];
  readonly #startedAtMs = Date.now();
  readonly #judged: CaseJudged[] = [];
  /** In the order of the plan, those that are not written down. */
  #turns: Turn[] = [];
  #isOver = false;
  /** Cases in a row in which the driver was lost, and how often in a row there was none. */
  readonly #lostIn = new Set<Case>();
  #absences = 0;
  #rows: readonly RequirementRow[] = [];
  #expectations = new ExpectationBook([]);

  constructor(options: RunOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#part = partOf(options.plan, options.shard);
  }

  async play(): Promise<Footer> {
    const { driver, jobs, observer, signal } = this.#options;
    const giveUp = (): void => void this.#close();
    signal.addEventListener('abort', giveUp);
    try {
      if (this.#part.length === 0)
        throw new HarnessError('There is nothing to run.', { exitCode: EXIT.nothingExercised });
      const home = this.#home();
      const [first, ...others] = jobs;
      const meanwhile = others.map((job) => this.#startMeanwhile(job, home));
      const identity = await first.meet(home, this.#options.seed);
      const isPlayable = (planned: PlannedVariant): boolean => unplayable(planned, identity) === undefined;
      if (this.#options.quick === true) this.#part = this.#plan = oneOfEachCase(this.#plan, isPlayable);
      this.#expectations = this.#options.expectations(identity);
      this.#writeHeader(identity);
      observer.started(this.#part.length, identity);
      this.#turns = this.#part.map((planned) => turnOf(planned, identity));
      const share = new Share(this.#part.filter(isPlayable), driver.startsSlowly === true);
      this.#write();
      const starts = [Promise.resolve(home), ...meanwhile];
      await Promise.all(jobs.map(async (job, index) => this.#work(job, share, await starts[index])));
      this.#writeRest();
      return this.#writeFooter();
    } finally {
      signal.removeEventListener('abort', giveUp);
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#options.jobs.map((job) => job.close()));
  }

  /** A machine that the driver understands, to meet it in: who it is says which variants it can play. */
  #home(): Described {
    const { driver } = this.#options;
    const home = driver.homeTopology ?? 'plain';
    const known = transportsOf(home);
    const first = this.#part
      .filter(({ setup: { oddities = [] } }) => oddities.length === 0)
      .map(({ setup }) => setup.topology)
      .find(
        (name) =>
          TOPOLOGIES[home].forms.every((form) => TOPOLOGIES[name].forms.includes(form)) &&
          TOPOLOGIES[name].iommus.length === 1 &&
          TOPOLOGIES[name].bridge === undefined &&
          [...transportsOf(name)].every((transport) => known.has(transport)),
      );
    return { topology: first ?? home };
  }

  /** A driver that starts slowly does so beside the first one where both will play in front of that machine: in that it stands then. */
  async #startMeanwhile(job: Job, home: Described): Promise<Described | undefined> {
    if (this.#options.driver.startsSlowly !== true || !isWorthASecond(this.#part, home)) return undefined;
    try {
      await job.meet(home, this.#options.seed);
      return home;
    } catch (error) {
      // Who the driver is, the first one says; this one is started again when it is to play.
      if (error instanceof HarnessError) return undefined;
      throw error;
    }
  }

  /** Plays with one job until nothing is left for it. */
  async #work(job: Job, share: Share, home: Described | undefined): Promise<void> {
    const turns = new Map(this.#turns.map((turn) => [turn.planned, turn]));
    let described = home;
    for (;;) {
      // An in-process driver never waits for anything, and a signal would otherwise never be heard.
      await nextTurn();
      const planned = this.#isOver ? undefined : share.next(described);
      const turn = planned && turns.get(planned);
      if (!turn) return;
      await this.#playOne(job, turn);
      described = turn.planned.setup;
    }
  }

  async #playOne(job: Job, turn: Turn): Promise<void> {
    const startedAtMs = performance.now();
    this.#options.observer.caseStarted(turn.planned.id);
    const result = await job.play(turn.planned, (setup) => {
      turn.setup = setup;
      this.#write();
    });
    // What an interruption has cut short says nothing.
    if (this.#options.signal.aborted) return;
    // A process can be killed before it has told of the machine.
    turn.setup ??= turn.planned.setup;
    turn.ended = { result, driver: result.driver, durationMs: performance.now() - startedAtMs };
    this.#write();
  }

  /** Writes down what is known, in the order of the plan, up to the first variant that is not over. */
  #write(): void {
    while (!this.#isOver) {
      const [turn] = this.#turns;
      if (turn) this.#writeTurn(turn);
      if (!turn?.ended) return;
      this.#turns.shift();
      this.#noteLoss(turn);
      if (this.#isHopeless()) void this.#close();
    }
  }

  /** After an interruption, what was over by then behind a variant that was not. */
  #writeRest(): void {
    if (!this.#options.signal.aborted) return;
    for (const turn of this.#turns.filter(({ ended }) => ended)) this.#writeTurn(turn);
  }

  #writeTurn(turn: Turn): void {
    const { log, observer } = this.#options;
    const { planned, setup, ended } = turn;
    if (setup && turn.isStarted !== true) {
      log(caseStarted(planned, setup));
      turn.isStarted = true;
    }
    if (!ended) return;
    const { result, durationMs } = ended;
    if (result.trace.length > 0) log({ event: 'trace', id: planned.id, events: [...result.trace] });
    const judged = this.#judgedEvent(planned, result, durationMs);
    log(judged);
    this.#judged.push(judged);
    observer.caseJudged(judged);
  }

  /** One case can cost the driver's life in each of its variants, and a device that means harm in any case. */
  #noteLoss({ planned: { case: entry, survival }, ended }: Turn): void {
    const driver = ended?.driver;
    if (driver === undefined) return;
    this.#absences = driver === 'absent' ? this.#absences + 1 : 0;
    if (driver === 'usable') this.#lostIn.clear();
    else if (survival !== 'platform/robustness/survives-hostile') this.#lostIn.add(entry);
  }

  #isHopeless(): boolean {
    return this.#lostIn.size >= LOSSES_MAX || this.#absences >= LOSSES_MAX;
  }

  #judgedEvent({ id, case: entry }: PlannedVariant, result: CaseResult, durationMs: number): CaseJudged {
    const { findings, judged, ...outcome } = outcomeOf(result);
    const draft = isDraft(entry, this.#options.revision);
    const expected = draft
      ? draftExpectation(outcome)
      : this.#expectations.cover({ ...outcome, id, findings: [...findings] });
    const { offered, taken } = result.uses;
    return {
      event: 'verdict',
      id,
      ...outcome,
      findings: [...findings],
      judged: draft ? [] : [...judged],
      ...(result.endpoints && result.endpoints.length > 0 && { endpoints: [...result.endpoints] }),
      ...(offered.length > 0 && { offered: [...offered], taken: [...taken] }),
      ...(expected && { expected: { reason: expected.reason, ...(expected.link && { link: expected.link }) } }),
      ...(draft && { draft }),
      driverLog: result.driverLog,
      repeat: this.#options.repeat(id),
      durationMs: Math.round(durationMs * 10) / 10,
    };
  }

  #writeHeader(identity: DriverIdentity): void {
    const { catalogue, monitors, shard, profile, revision, seed, command, tool, driverFaults, log } = this.#options;
    const { entries } = this.#expectations;
    const judged = judgedRequirements(catalogue, monitors);
    this.#rows = requirementSet(revision, identity, judged);
    const header: Header = {
      event: 'header',
      format: 1,
      tool: { ...tool },
      catalogue: {
        cases: catalogue.length,
        variants: allVariants(catalogue).length,
        digest: catalogueDigest(catalogue, monitors),
      },
      requirementSet: revision,
      driver: {
        name: identity.name,
        version: identity.version,
        configuration: identity.configuration,
        faults: [...driverFaults],
        lazyUnmap: identity.lazyUnmap,
        passthrough: identity.passthrough ?? false,
        topologies: [...identity.topologies],
      },
      ...(profile !== undefined && profile !== 'spec' && { profile }),
      seed,
      command,
      startedAt: new Date(this.#startedAtMs).toISOString(),
      plan: this.#plan.map(({ id }) => id),
      ...(shard && { shard }),
      ...(entries.length > 0 && { expectations: [...entries] }),
      requirements: [...this.#rows],
    };
    log(header);
  }

  #writeFooter(): Footer {
    const { shard, signal, log } = this.#options;
    const footer = footerOf({
      rows: this.#rows,
      judged: this.#judged,
      complaints: this.#expectations.complaints(),
      planned: this.#part.map(({ id }) => id),
      interrupted: signal.aborted,
      isShard: shard !== undefined,
      durationMs: Date.now() - this.#startedAtMs,
    });
    log(footer);
    return footer;
  }
}

/** What a draft finds is told as what its author expects, since it is nobody's failure yet. */
function draftExpectation({ verdict, says }: Pick<CaseJudged, 'verdict' | 'says'>): CaseJudged['expected'] {
  return verdict === 'fail' ? { reason: `draft, not scored: ${says}` } : undefined;
}

/** What the driver says that it cannot do is over before it begins. */
function turnOf(planned: PlannedVariant, identity: DriverIdentity): Turn {
  const unanswered = unplayable(planned, identity);
  if (unanswered === undefined) return { planned };
  return { planned, setup: planned.setup, ended: { result: unplayed({ unanswered }), durationMs: 0 } };
}

function caseStarted(
  { id, case: { title, demands, requirements, ...entry }, variant }: PlannedVariant,
  setup: MachineSetup,
): CaseStarted {
  return {
    event: 'case',
    id,
    case: entry.id,
    variant: variant.name,
    title,
    demands,
    section: entry.id.split('/')[0] ?? '',
    requirements: [...requirements],
    setup: { ...setup },
  };
}
