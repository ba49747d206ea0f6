/** Plays one variant in front of a driver and judges what happened. */
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { machineOf } from '../../cases/api/default-machine.ts';
import { DEVICE_FAULTS } from '../../reference-device/device-faults.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { isPciSlot, type MachineSetup, SLOTS } from '../../reference-device/machine-setup.ts';
import {
  describedPlace,
  type DescriptionForm,
  formFor,
  isExperimental,
  TOPOLOGIES,
  transportsOf,
} from '../../reference-device/topology/topologies.ts';
import type { TraceEvent } from '../../reference-device/trace-events.ts';
import { type DriverIdentity, DriverGone, type DriverSession } from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import type { Finding, Judged, Verdict } from '../../reports/record/model.ts';
import { Judgement } from '../scoring/judgement.ts';
import { SeenTrace } from '../scoring/seen-trace.ts';
import { watchersOf } from '../scoring/watchers.ts';
import { type PlannedVariant, topologyOf } from './plan.ts';
import { command, sceneFor, VerbNotOffered } from './scene.ts';
import { unattributable } from './unattributable.ts';

export interface CaseResult {
  readonly verdict: Verdict;
  readonly says: string;
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  readonly trace: readonly TraceEvent[];
  readonly driverLog: string;
  /** Whether the session can serve another case. */
  readonly sessionUsable: boolean;
}

/** How `when` ended, if not by itself. */
type Interruption =
  | { readonly kind: 'verb-not-offered'; readonly says: string }
  | { readonly kind: 'driver-gone'; readonly says: string }
  | { readonly kind: 'held-up'; readonly says: string }
  | { readonly kind: 'error'; readonly says: string };

const DESCRIPTION_WORDS: Readonly<Record<DescriptionForm, string>> = {
  viot: 'a VIOT',
  'device-tree': 'a device tree',
  'built-in-2019': 'the experimental description built into the device',
};

/** A verdict that needs no run: the driver says that it cannot do what the case needs. */
export function unplayable(
  planned: PlannedVariant,
  identity: DriverIdentity,
): { verdict: Verdict; says: string } | undefined {
  const topology = topologyOf(planned);
  const { given } = planned.variant;
  const hasPlatform = given.endpoints?.platform !== undefined;
  const { forms, iommus, bridge } = TOPOLOGIES[topology];
  const foreign = [
    ...[...transportsOf(topology)]
      .filter((transport) => !identity.transports.includes(transport))
      .map((transport) => `virtio over ${transport}`),
    ...(hasPlatform && !identity.transports.includes('mmio') ? ['endpoints in windows of registers'] : []),
    ...(formFor(topology, identity.topologies) === undefined ? [DESCRIPTION_WORDS[forms[0]]] : []),
  ];
  if (foreign.length > 0) {
    return { verdict: 'not-applicable', says: `The driver does not claim to understand ${foreign.join(' and ')}.` };
  }
  if (iommus.length > 1 && identity.severalIommus !== true) {
    return { verdict: 'not-applicable', says: 'The driver does not claim to drive several IOMMUs.' };
  }
  if (bridge !== undefined && identity.pciBridges !== true) {
    return { verdict: 'not-applicable', says: 'The driver does not claim machines with PCI bridges.' };
  }
  // Who does not ask for sweeps lacks no verb that they need.
  if (planned.case.needs.sweeps === true && identity.sweeps !== true) {
    return { verdict: 'not-applicable', says: 'The driver does not claim to be quick enough for sweeps.' };
  }
  const lacks = (verbs: readonly string[] = []): string | undefined =>
    verbs.find((verb) => !(identity.verbs as readonly string[]).includes(verb));
  const { verbs, optionalVerbs } = planned.case.needs;
  const optional = lacks(optionalVerbs);
  if (optional !== undefined) {
    return { verdict: 'not-applicable', says: `The driver does not claim the optional ability '${optional}'.` };
  }
  const missing = lacks(verbs);
  if (missing !== undefined) return { verdict: 'untested', says: `The driver offers no verb '${missing}'.` };
  if (planned.case.needs.freshPciConfig === true && identity.freshPciConfig !== true) {
    return {
      verdict: 'untested',
      says: 'The driver reads PCI configuration space once a boot, before the case begins.',
    };
  }
  if (planned.case.needs.lineInterrupts === true && identity.lineInterrupts !== true) {
    return { verdict: 'untested', says: 'INTx of a PCI function does not get to this driver.' };
  }
  if (identity.interruptsByProbe === true && hasUnreportedInterrupts(machineOf(given))) {
    return {
      verdict: 'untested',
      says: 'Interrupts of endpoints do not get to this driver where the IOMMU does not offer PROBE.',
    };
  }
  return undefined;
}

/** Whether an endpoint that interrupts is behind an IOMMU that cannot say where interrupts go. */
function hasUnreportedInterrupts({ iommu, moreIommus, endpoints, topology }: MachineSetup): boolean {
  const behind = endpoints
    .filter(({ slot }) => isPciSlot(slot) && SLOTS[slot].kind !== 'dma-engine')
    .flatMap(({ slot }) => describedPlace(slot, topology)?.iommu ?? []);
  return behind.some((name) => !(moreIommus?.[name] ?? iommu).features.includes('VIRTIO_IOMMU_F_PROBE'));
}

/** Stages the machine, plays `when`, takes everything down again, and lets the case and all monitors judge. */
export async function runCase(
  session: DriverSession,
  planned: PlannedVariant,
  monitors: readonly Monitor[],
  profile: ProfileName = 'spec',
): Promise<CaseResult> {
  const setup = machineOf(planned.variant.given, profile, planned.case.needs);
  session.takeLog();
  const interruptions: Interruption[] = [];
  const attempt = async (step: () => Promise<unknown>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      interruptions.push(interruptionBy(error));
    }
  };
  await attempt(async () => {
    await session.machine.execute({ do: 'stage', setup });
    await planned.variant.when(sceneFor(session));
  });
  const gone = interruptions.some(({ kind }) => kind === 'driver-gone' || kind === 'held-up');
  // A driver that works looks as if it had forgotten to notify while it fills its rings; one that is gone does not.
  await attempt(() => (gone ? session.machine.execute({ do: 'look-at-queues' }) : command(session, 'stop', {})));
  let trace: readonly TraceEvent[] = [];
  await attempt(async () => {
    trace = (await session.machine.execute({ do: 'take-trace' })).trace ?? [];
  });
  const stopped = trace.findLast((event) => event.kind === 'answer');
  return {
    ...judge(planned, { trace, setup, interruptions, identity: session.identity, monitors }),
    trace,
    driverLog: session.takeLog(),
    sessionUsable: interruptions.every(({ kind }) => kind === 'verb-not-offered') && stopped?.outcome === 'ok',
  };
}

function interruptionBy(error: unknown): Interruption {
  if (error instanceof VerbNotOffered) return { kind: 'verb-not-offered', says: error.message };
  if (error instanceof DriverGone) {
    return { kind: error.end.how === 'held-up' ? 'held-up' : 'driver-gone', says: error.end.says };
  }
  if (error instanceof HarnessError) return { kind: 'error', says: error.message };
  return { kind: 'error', says: `The case itself failed: ${error instanceof Error ? error.message : String(error)}` };
}

/** The result of a variant before which the driver could not be brought up, in whatever machine the variant has. */
export function neverCameUp(planned: PlannedVariant, { end }: DriverGone): CaseResult {
  const judgement = new Judgement();
  judgement.by = planned.case.id;
  const says = `The driver did not come up: ${end.says}`;
  if (end.how === 'held-up') judgement.untested(says);
  else judgement.check('platform/robustness/survives', false, undefined, says);
  return {
    ...judgement.verdict([]),
    findings: judgement.findings,
    judged: judgement.judged(),
    trace: [],
    driverLog: '',
    sessionUsable: false,
  };
}

interface Played {
  readonly trace: readonly TraceEvent[];
  readonly setup: MachineSetup;
  readonly interruptions: readonly Interruption[];
  readonly identity: DriverIdentity;
  readonly monitors: readonly Monitor[];
}

function judge(planned: PlannedVariant, played: Played): Omit<CaseResult, 'trace' | 'driverLog' | 'sessionUsable'> {
  const { trace, setup, interruptions, identity, monitors } = played;
  const { lazyUnmap, passthrough = false } = identity;
  const judgement = new Judgement();
  const description = formFor(setup.topology, identity.topologies) ?? TOPOLOGIES[setup.topology].forms[0];
  const seen = new SeenTrace(trace, setup, { lazyUnmap, passthrough, description }, judgement);
  const errors = interruptions.filter(({ kind }) => kind === 'error').map(({ says }) => says);
  const gone = interruptions.find(({ kind }) => kind === 'driver-gone');
  judgement.by = planned.case.id;
  const isHeldUp = interruptions.some(({ kind }) => kind === 'held-up');
  if (!isHeldUp) judgement.check(survival(setup), gone === undefined, trace.at(-1)?.seq, gone?.says ?? '');
  const astray = unattributable(trace, setup);
  // A case judges what it made happen; cut short, it would blame the driver for what was never asked of it.
  const whole = interruptions.length === 0 && astray === undefined;
  const judges = [
    ...(whole ? [{ id: planned.case.id, judge: () => planned.variant.then(seen) }] : []),
    ...watchersOf(setup.topology, monitors).map((monitor) => ({
      id: `monitor ${monitor.id}`,
      judge: () => monitor.judge(seen),
    })),
  ];
  for (const { id, judge } of judges) {
    judgement.by = id;
    try {
      judge();
    } catch (error) {
      errors.push(`${id} failed while judging: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const cut = interruptions.find(({ kind }) => kind === 'verb-not-offered' || kind === 'held-up');
  if (cut) judgement.untested(cut.says);
  if (astray !== undefined) judgement.untested(astray);
  const hollow = hollowStart(seen);
  const { verdict, says } =
    errors[0] === undefined
      ? judgement.verdict(planned.case.requirements, refusedStart(seen) ?? hollow)
      : { verdict: 'error' as const, says: errors[0] };
  if (verdict === 'pass' && hollow !== undefined) {
    return { verdict: 'untested', says: hollow, findings: [], judged: [] };
  }
  return { verdict, says, findings: judgement.findings, judged: judgement.judged() };
}

/** What an endpoint does not reach, and what is not sent, proves nothing if the driver only says that it has started. */
function hollowStart(seen: SeenTrace): string | undefined {
  const up = seen.of('features').some(({ device, kept }) => device.startsWith('iommu') && kept);
  const start = seen.answers.find((answer) => answer.verb === 'start');
  return up || start?.outcome !== 'ok'
    ? undefined
    : "The driver answered 'start' with ok, and never brought the device up.";
}

/** A driver that did not come up leaves most cases with nothing to judge; then this is the reason. */
function refusedStart(seen: SeenTrace): string | undefined {
  const start = seen.answers.find((answer) => answer.verb === 'start');
  return start?.outcome === 'not-ok' ? `The driver did not start: ${start.reason ?? 'no reason given'}.` : undefined;
}

/** A driver must survive any device that is merely odd; one that means harm is another matter, and scored as such. */
function survival(setup: MachineSetup): string {
  if (isExperimental(setup.topology)) return 'experimental/survives';
  const hostile = setup.faults.some(({ name }) => DEVICE_FAULTS[name].legality === 'hostile');
  return hostile ? 'platform/robustness/survives-hostile' : 'platform/robustness/survives';
}
