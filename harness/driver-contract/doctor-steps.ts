/** What the doctor asks of a driver that takes commands, in this order. */
import type { MachineReply } from '../../reference-device/machine/commands.ts';
import { checkContract, inventVerb } from './contract-check.ts';
import { isUp } from './bring-up-progress.ts';
import { type Answer, type Command, type DriverSession, VERBS, type Verb } from './driver-session.ts';
import { valueFault } from './value-check.ts';

interface StepResult {
  readonly ok: boolean;
  readonly says: string;
  /** In place of the step's own hint. */
  readonly hint?: string;
}

export interface DoctorStep {
  /** What the driver does if all is well, after "the driver". */
  readonly step: string;
  /** What to do if it does not. */
  readonly hint: string;
  /** What the device saw says more than the driver's answer if the step fails. */
  readonly asksDevice?: true;
  /** Rejects with `DriverGone` if the driver goes. */
  readonly run: (session: DriverSession) => Promise<StepResult>;
}

const fine = (says: string): StepResult => ({ ok: true, says });
const wrong = (says: string): StepResult => ({ ok: false, says });

/** Where the doctor maps, in the middle of any sensible address space. */
const IOVA = 0x10_0000n;
const LENGTH = 4096;
const BUFFER = 'doctor-buffer';
const DOMAIN = 'doctor-domain';
/** Bytes that an unquoted YAML value would not survive: leading zeros, and an `e` among digits. */
const PATTERN = '000012e5';
const OTHER_PATTERN = '5e210000';

/** Without these nothing can be mapped at a chosen address. */
const MAPPING_VERBS: readonly Verb[] = ['attach', 'map', 'unmap'];

/** Arguments with which every verb makes sense on the default machine. */
const EXAMPLES: Readonly<Record<Verb, Readonly<Record<string, string>>>> = {
  start: {},
  stop: {},
  attach: { endpoint: 'dma', domain: DOMAIN },
  detach: { endpoint: 'dma', domain: DOMAIN },
  map: { domain: DOMAIN, iova: `0x${IOVA.toString(16)}`, length: String(LENGTH), access: 'rw', buffer: BUFFER },
  unmap: { domain: DOMAIN, iova: `0x${IOVA.toString(16)}`, length: String(LENGTH) },
  alloc: { endpoint: 'rng', buffer: 'doctor-alloc', length: String(LENGTH), access: 'rw' },
  free: { endpoint: 'rng', buffer: 'doctor-alloc' },
  io: { endpoint: 'rng', length: '16' },
  poke: { buffer: BUFFER, offset: '0', bytes: PATTERN },
  peek: { buffer: BUFFER, offset: '0', length: String(PATTERN.length / 2) },
  bypass: { value: '0' },
  regions: { endpoint: 'dma' },
  faults: {},
  release: { endpoint: 'rng' },
  resize: { endpoint: 'rng', size: '8' },
  'reset-queue': { queue: 'requestq' },
  suspend: {},
  resume: {},
  plug: { endpoint: 'rng' },
  unplug: { endpoint: 'rng' },
  'lose-iommu': {},
  'end-domain': { domain: DOMAIN },
  shutdown: {},
};

/**
 * The order in which verbs can be tried one after the other; `start` has been and `stop` comes last. `lose-iommu` is left
 * out: the IOMMU is there.
 */
const TRIAL_ORDER: readonly Verb[] = [
  'io',
  'alloc',
  'free',
  'regions',
  'attach',
  'map',
  'poke',
  'peek',
  'unmap',
  'detach',
  'end-domain',
  'faults',
  'bypass',
  'reset-queue',
  'suspend',
  'resume',
  'resize',
  'release',
  'unplug',
  'plug',
  'shutdown',
];

const example = (verb: Verb): Command => ({ verb, args: EXAMPLES[verb] });
const ask = (session: DriverSession, verb: Verb): Promise<Answer> => session.command(example(verb));
const offers = (session: DriverSession, verb: Verb): boolean => session.identity.verbs.includes(verb);

/** How an answer reads in a sentence. */
function told(answer: Answer): string {
  const outcome = { ok: 'ok', 'not-ok': 'not ok', skip: 'SKIP' }[answer.outcome];
  return answer.reason === undefined ? outcome : `${outcome} (${answer.reason.replace(/\.$/, '')})`;
}

async function refusesUnknownVerb(session: DriverSession): Promise<StepResult> {
  const sentence = await checkContract(session, inventVerb());
  return sentence === undefined ? fine('A verb that does not exist was answered with SKIP.') : wrong(sentence);
}

async function refusesUndeclaredVerbs(session: DriverSession): Promise<StepResult> {
  const undeclared = VERBS.filter((verb) => !offers(session, verb));
  for (const verb of undeclared) {
    const answer = await ask(session, verb);
    if (answer.outcome === 'skip') continue;
    return wrong(`The driver answered ${told(answer)} to "${verb}", which it does not declare.`);
  }
  return fine(
    undeclared.length === 0
      ? 'The driver declares every verb.'
      : `Verbs that are not declared were answered with SKIP: ${undeclared.join(', ')}.`,
  );
}

/** Asks for each verb in turn; the first answer that is not `ok` makes the step fail. */
function allOk(verbs: readonly Verb[], says: string): DoctorStep['run'] {
  return async (session) => {
    for (const verb of verbs) {
      const answer = await ask(session, verb);
      if (answer.outcome !== 'ok') return wrong(`The driver answered ${told(answer)} to "${verb}".`);
    }
    return fine(says);
  };
}

async function declaredVerbsAnswer(session: DriverSession): Promise<StepResult> {
  const remarks: string[] = [];
  for (const verb of TRIAL_ORDER.filter((verb) => offers(session, verb))) {
    const answer = await ask(session, verb);
    if (answer.outcome === 'skip') return wrong(`The driver declares "${verb}", and answered ${told(answer)} to it.`);
    if (answer.outcome === 'not-ok') remarks.push(`"${verb}": ${told(answer)}`);
    const fault = answer.outcome === 'ok' ? valueFault(verb, answer.values) : undefined;
    if (fault !== undefined)
      return { ...wrong(fault), hint: 'VERBS.md shows the values of every verb; texts and bytes stand in quotes.' };
  }
  return fine(
    remarks.length === 0
      ? 'Every declared verb was answered with ok.'
      : `Every declared verb was answered, not all with ok: ${remarks.join('; ')}.`,
  );
}

/** An `ok` is believed if the device was brought up. */
async function comesUp(session: DriverSession): Promise<StepResult> {
  const started = await allOk(['start'], '')(session);
  if (!started.ok) return started;
  const { trace } = await session.machine.execute({ do: 'take-trace' });
  if (trace !== undefined && !isUp(trace)) {
    return {
      ok: false,
      says: 'The driver answered ok to "start", and the device was not brought up: no features agreed on, or no requestq.',
      hint: '"start" is answered with ok only if the IOMMU is in use; what fails is answered with not ok, and a sentence in "error:".',
    };
  }
  return allOk(['stop'], 'The driver came up and went down.')(session);
}

/** Takes the driver down and up again, so that the next step finds nothing left over. */
async function startAfresh(session: DriverSession): Promise<StepResult | undefined> {
  const result = await allOk(['stop', 'start'], '')(session);
  return result.ok ? undefined : result;
}

async function endpointReachesMapping(session: DriverSession): Promise<StepResult> {
  const missing = MAPPING_VERBS.filter((verb) => !offers(session, verb));
  if (missing.length > 0) {
    // An ability that is not claimed is not held against the driver.
    return fine(`Not tried: the driver does not declare ${missing.join(', ')}; cases that need it stay untested.`);
  }
  const failed = (await startAfresh(session)) ?? (await mapPattern(session));
  if (failed) return failed;
  return (
    (await readsPattern(session)) ?? (await writesPattern(session)) ?? fine('The endpoint reached the mapped buffer.')
  );
}

async function mapPattern(session: DriverSession): Promise<StepResult | undefined> {
  const verbs: readonly Verb[] = offers(session, 'poke') ? ['attach', 'map', 'poke'] : ['attach', 'map'];
  const result = await allOk(verbs, '')(session);
  return result.ok ? undefined : result;
}

/** What came of an access by the endpoint. */
function came({ dma }: MachineReply): string {
  if (dma?.outcome !== 'no-bus-master') return dma?.outcome ?? 'no answer';
  return 'Bus Master Enable is off in its Command register, which "attach" has to set';
}

async function readsPattern(session: DriverSession): Promise<StepResult | undefined> {
  const reply = await session.machine.execute({
    do: 'dma',
    endpoint: 'dma',
    address: IOVA,
    length: PATTERN.length / 2,
    access: 'read',
    label: 'doctor',
  });
  if (reply.dma?.outcome !== 'ok') {
    return wrong(`After "map" the endpoint could not read at 0x${IOVA.toString(16)}: ${came(reply)}.`);
  }
  if (!offers(session, 'poke') || reply.dma.bytes === PATTERN) return undefined;
  return wrong(`"poke" stored ${PATTERN}, but the endpoint read ${reply.dma.bytes} through the mapping.`);
}

async function writesPattern(session: DriverSession): Promise<StepResult | undefined> {
  const reply = await session.machine.execute({
    do: 'dma',
    endpoint: 'dma',
    address: IOVA,
    length: OTHER_PATTERN.length / 2,
    access: 'write',
    bytes: OTHER_PATTERN,
    label: 'doctor',
  });
  if (reply.dma?.outcome !== 'ok') {
    return wrong(`After "map" the endpoint could not write at 0x${IOVA.toString(16)}: ${came(reply)}.`);
  }
  if (!offers(session, 'peek')) return undefined;
  const answer = await ask(session, 'peek');
  if (answer.outcome !== 'ok') return wrong(`The driver answered ${told(answer)} to "peek".`);
  const found = String(answer.values['bytes']);
  if (found.toLowerCase() === OTHER_PATTERN) return undefined;
  return wrong(`The endpoint wrote ${OTHER_PATTERN} through the mapping, but "peek" gave ${found}.`);
}

async function unmapFaults(session: DriverSession): Promise<StepResult> {
  if (!MAPPING_VERBS.every((verb) => offers(session, verb))) return fine('Not tried, for the same reason.');
  const answer = await ask(session, 'unmap');
  if (answer.outcome !== 'ok') return wrong(`The driver answered ${told(answer)} to "unmap".`);
  const reply = await session.machine.execute({
    do: 'dma',
    endpoint: 'dma',
    address: IOVA,
    length: 4,
    access: 'read',
    label: 'doctor',
  });
  return reply.dma?.outcome === 'fault'
    ? fine('After "unmap" the endpoint’s access faulted, as it should.')
    : wrong(`After "unmap" the endpoint’s access did not fault: ${came(reply)}.`);
}

export const DOCTOR_STEPS: readonly DoctorStep[] = [
  {
    step: 'refuses a verb that does not exist',
    hint: 'Answer "ok N - <verb> # SKIP <reason>" to every word that is not in your table of verbs.',
    run: refusesUnknownVerb,
  },
  {
    step: 'refuses the verbs that it does not declare',
    hint: 'Add the verb to "verbs" in the manifest, or answer it with SKIP.',
    run: refusesUndeclaredVerbs,
  },
  {
    step: 'starts and stops on a plain machine',
    hint: 'Read the machine file, find the IOMMU at its address, set DRIVER_OK, then bring up the endpoints; see the log.',
    asksDevice: true,
    run: comesUp,
  },
  {
    step: 'takes a second start or stop without harm',
    hint: '"start" when all is up and "stop" when nothing is up change nothing and are answered with ok.',
    run: allOk(['start', 'start', 'stop', 'stop', 'start'], 'Repeated "start" and "stop" did no harm.'),
  },
  {
    step: 'answers the verbs that it declares',
    hint: 'Take the verb out of the manifest, or implement it.',
    run: declaredVerbsAnswer,
  },
  {
    step: 'lets an endpoint reach what is mapped',
    hint: 'Send ATTACH and MAP with the endpoint’s ID from the topology, and answer when the device has confirmed them.',
    asksDevice: true,
    run: endpointReachesMapping,
  },
  {
    step: 'takes the mapping away with unmap',
    hint: 'Send UNMAP for the whole range, and answer when the device has confirmed it.',
    asksDevice: true,
    run: unmapFaults,
  },
  {
    step: 'stops at the end',
    hint: '"stop" has to work in every state.',
    run: allOk(['stop'], 'The driver went down.'),
  },
];
