/**
 * The control of an experiment: what a driver refuses in an ordinary machine as well says nothing about what was odd in the
 * machine of a case. That it refuses there is judged once, by `initialization/claimed-verbs`. The control is a tour, and not the
 * steps of the case: a driver can fail at those in any machine, and then nobody else would say so.
 */
import { isDeepStrictEqual } from 'node:util';
import { machineOf } from '../../cases/api/default-machine.ts';
import type { Outcome, RequirementId, Scene } from '../../cases/api/vocabulary.ts';
import type { TopologyName } from '../../reference-device/machine-setup.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { TOPOLOGIES, transportOf } from '../../reference-device/topology/topologies.ts';
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import { DriverGone, type DriverSession } from '../driver-contract/driver-session.ts';
import type { Finding } from '../../reports/record/model.ts';
import { type PlannedVariant, topologyOf } from './plan.ts';
import type { CaseResult } from './run-case.ts';
import { command, sceneFor, VerbNotOffered } from './scene.ts';

type Answer = EventOf<'answer'>;

const JUDGED_ONCE: RequirementId = 'platform/contract/claimed-verbs-work';

/** The machines in which nothing is special but how the IOMMU is reached, and in which form the driver is told of it. */
const ORDINARY = [
  'plain',
  'mmio',
  'device-tree',
  'device-tree-mmio',
  'built-in-2019',
] as const satisfies readonly TopologyName[];

const PAGE = { iova: 0x10_0000n, length: 0x1000 } as const;

type Refusals = ReadonlyMap<string, Answer>;

/** Lends a session in which the driver has not met anything odd yet; it ends with `use`, and the one before it may too. */
export type LendSession = (
  topology: TopologyName,
  use: (session: DriverSession) => Promise<Refusals>,
) => Promise<Refusals>;

/** Finds out what a driver refuses in ordinary machines; in each only once. */
export class OrdinaryMachines {
  readonly #lend: LendSession;
  readonly #profile: ProfileName | undefined;
  readonly #refusals = new Map<TopologyName, Refusals>();
  /** Verbs that were granted by the way, in cases whose machine is ordinary. */
  readonly #granted = new Map<TopologyName, Set<string>>();

  constructor(lend: LendSession, profile?: ProfileName) {
    this.#lend = lend;
    this.#profile = profile;
  }

  /** `result` without what rests on the refusal of a verb that the driver refuses in an ordinary machine too. */
  async acquit(planned: PlannedVariant, result: CaseResult): Promise<CaseResult> {
    const topology = ordinaryFor(topologyOf(planned));
    const granted = this.#grantedIn(topology);
    if (this.#isOrdinary(planned)) for (const verb of grantedVerbs(result.trace)) granted.add(verb);
    if (result.verdict === 'error') return result;
    const suspects = result.findings.flatMap((finding) => {
      const answer = refusalBehind(finding, result.trace);
      return answer === undefined || granted.has(answer.verb) ? [] : [[finding, answer] as const];
    });
    if (suspects.length === 0) return result;
    const refused = await this.#refusedIn(topology);
    const acquitted = suspects.filter(([, { verb }]) => refused.has(verb));
    const answer = refused.get(acquitted[0]?.[1].verb ?? '');
    if (answer === undefined) return result;
    const dropped = new Set(acquitted.map(([finding]) => finding));
    const findings = result.findings.filter((finding) => !dropped.has(finding));
    const unjudged = new Set(acquitted.map(([{ requirement }]) => requirement));
    const worst = findings.find(({ verdict }) => verdict === 'fail') ?? findings[0];
    return {
      ...result,
      verdict: worst?.verdict ?? 'untested',
      says:
        worst?.says ??
        `The driver refuses '${answer.verb}' in an ordinary machine too: ${answer.reason ?? 'no reason given'}.`,
      findings,
      judged: result.judged.filter(({ requirement }) => !unjudged.has(requirement)),
    };
  }

  #grantedIn(topology: TopologyName): Set<string> {
    const granted = this.#granted.get(topology) ?? new Set();
    this.#granted.set(topology, granted);
    return granted;
  }

  #isOrdinary({ case: { needs }, variant: { given } }: PlannedVariant): boolean {
    const { topology = 'plain', endpoints = { rng: {}, dma: {} } } = given;
    const unspecial = Object.fromEntries(Object.keys(endpoints).map((slot) => [slot, {}]));
    const ordinary = machineOf({ topology: ordinaryFor(topology), endpoints: unspecial }, this.#profile, needs);
    return isDeepStrictEqual(machineOf(given, this.#profile, needs), ordinary);
  }

  /** Verbs that are refused in an ordinary machine, each with the first refusal. */
  async #refusedIn(topology: TopologyName): Promise<Refusals> {
    const known = this.#refusals.get(topology);
    if (known) return known;
    const found = await this.#toured(topology);
    this.#refusals.set(topology, found);
    return found;
  }

  async #toured(topology: TopologyName): Promise<Refusals> {
    const setup = machineOf({ topology }, this.#profile, { verbs: ['map'] });
    try {
      return await this.#lend(topology, async (session) => {
        await session.machine.execute({ do: 'stage', setup });
        await tour(sceneFor(session));
        await command(session, 'stop', {});
        return refusedVerbs((await session.machine.execute({ do: 'take-trace' })).trace ?? []);
      });
    } catch (error) {
      // Who does not live through it has shown nothing.
      if (error instanceof DriverGone) return new Map();
      throw error;
    }
  }
}

/** The ordinary machine whose IOMMU is reached, and described, as that of `topology` is. */
function ordinaryFor(topology: TopologyName): TopologyName {
  const { forms, iommus } = TOPOLOGIES[topology];
  const transport = transportOf(iommus[0].place);
  const sameWay = ORDINARY.filter((name) => transportOf(TOPOLOGIES[name].iommus[0].place) === transport);
  return sameWay.find((name) => TOPOLOGIES[name].forms.every((form) => forms.includes(form))) ?? 'plain';
}

/** The refusal that a finding is about. */
function refusalBehind({ requirement, at }: Finding, trace: readonly TraceEvent[]): Answer | undefined {
  const event = at === undefined ? undefined : trace.find(({ seq }) => seq === at);
  return event?.kind === 'answer' && event.outcome === 'not-ok' && requirement !== JUDGED_ONCE ? event : undefined;
}

/** Verbs that were granted; for a range only if it was a page, since drivers may have larger ones. */
function grantedVerbs(trace: readonly TraceEvent[]): ReadonlySet<string> {
  const granted = new Set<string>();
  let length: string | undefined;
  for (const event of trace) {
    if (event.kind === 'verb') ({ length } = event.args);
    const isPage = length === undefined || length === String(PAGE.length);
    if (event.kind === 'answer' && event.outcome === 'ok' && (isPage || !RANGE_VERBS.has(event.verb))) {
      granted.add(event.verb);
    }
  }
  return granted;
}

const RANGE_VERBS: ReadonlySet<string> = new Set(['map', 'unmap', 'alloc']);

/** Verbs that were refused and never granted. */
function refusedVerbs(trace: readonly TraceEvent[]): Refusals {
  const granted = grantedVerbs(trace);
  const answers = trace.filter((event) => event.kind === 'answer');
  const refusals = answers.filter(({ verb, outcome }) => outcome === 'not-ok' && !granted.has(verb));
  return new Map(refusals.toReversed().map((answer) => [answer.verb, answer]));
}

/** Whether the driver has granted what was asked; not if it offers no such verb. */
async function granted(asked: () => Promise<Outcome>): Promise<boolean> {
  try {
    return (await asked()).ok;
  } catch (error) {
    if (error instanceof VerbNotOffered) return false;
    throw error;
  }
}

/** Everything that a driver can be asked for there; what it lacks is left out. */
async function tour({ driver }: Scene): Promise<void> {
  if (!(await granted(() => driver.start()))) return;
  await granted(() => driver.io({ endpoint: 'rng' }));
  const buffer = 'b1';
  if (await granted(() => driver.alloc({ endpoint: 'dma', buffer, length: PAGE.length, access: 'read-write' }))) {
    await granted(() => driver.free({ endpoint: 'dma', buffer }));
  }
  if (!(await granted(() => driver.attach({ endpoint: 'dma' })))) return;
  if (await granted(() => driver.map({ ...PAGE, access: 'read-write' }))) await granted(() => driver.unmap(PAGE));
  await granted(() => driver.detach({ endpoint: 'dma' }));
}
