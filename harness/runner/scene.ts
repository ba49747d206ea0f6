/** Gives a case its verbs: commands to the driver, and strings to pull on the machine. */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Driver,
  DriverVerbs,
  MachineVerbs,
  MapAccess,
  Outcome,
  Scene,
  SlotName,
} from '../../cases/api/vocabulary.ts';
import { endpointOf } from '../../cases/api/default-machine.ts';
import type { Answer, DriverSession, Verb } from '../driver-contract/driver-session.ts';
import type { Machine } from '../machine.ts';

/** The case used a verb that the driver does not offer, or that it skipped. Ends `when`; the verdict is `untested`. */
export class VerbNotOffered extends Error {
  readonly verb: string;

  constructor(verb: string, reason: string) {
    super(`The driver offers no verb '${verb}'${reason === '' ? '' : `: ${reason}`}.`);
    this.verb = verb;
  }
}

/** The driver refused a verb that the case built on. Ends `when`. */
export class Refused extends Error {
  constructor(verb: string, reason: string) {
    super(`The driver refused '${verb}': ${reason === '' ? 'no reason given' : reason}.`);
  }
}

const ACCESS_WORDS: Readonly<Record<MapAccess, string>> = { read: 'r', write: 'w', 'read-write': 'rw' };

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Domain of verbs that name none. */
const DEFAULT_DOMAIN = 'd1';

/** The verbs of `session`, each written into the trace with its answer. */
export function sceneFor(session: DriverSession): Scene {
  return { driver: driverFor(session), machine: machineVerbs(session.machine, session.identity.lazyUnmap) };
}

/** Asks the driver for one verb, and makes of its answer what the case gets. */
type Ask<R> = (verb: Verb, args?: Readonly<Record<string, string>>) => Promise<R>;

function driverFor(session: DriverSession): Driver {
  const ask: Ask<Outcome> = async (verb, args = {}) => {
    if (!session.identity.verbs.includes(verb)) throw new VerbNotOffered(verb, '');
    const answer = await command(session, verb, args);
    if (answer.outcome === 'skip') throw new VerbNotOffered(verb, answer.reason ?? '');
    return { ok: answer.outcome === 'ok', reason: answer.reason ?? '', values: answer.values };
  };
  const buffers = new Map<string, string>();
  const insist: Ask<Outcome['values']> = async (verb, args) => {
    const { ok, reason, values } = await ask(verb, args);
    if (!ok) throw new Refused(verb, reason);
    return values;
  };
  return {
    ...driverVerbs(insist, buffers),
    try: driverVerbs(ask, buffers),
    offers: (verb) => session.identity.verbs.includes(verb),
  };
}

/** `buffers` names the buffer at each address that the case mapped. */
function driverVerbs<R>(ask: Ask<R>, buffers: Map<string, string>): DriverVerbs<R> {
  const bufferFor = (iova: bigint, named: string | undefined): string => {
    const name = named ?? buffers.get(hex(iova)) ?? `b${buffers.size + 1}`;
    buffers.set(hex(iova), name);
    return name;
  };
  return {
    start: () => ask('start'),
    stop: () => ask('stop'),
    attach: ({ endpoint, domain = DEFAULT_DOMAIN, bypass = false }) =>
      ask('attach', { endpoint, domain, ...(bypass ? { bypass: '1' } : {}) }),
    detach: ({ endpoint, domain = DEFAULT_DOMAIN }) => ask('detach', { endpoint, domain }),
    map: ({ domain = DEFAULT_DOMAIN, iova, length, access, buffer }) =>
      ask('map', {
        domain,
        iova: hex(iova),
        length: String(length),
        access: ACCESS_WORDS[access],
        buffer: bufferFor(iova, buffer),
      }),
    unmap: ({ domain = DEFAULT_DOMAIN, iova, length }) =>
      ask('unmap', { domain, iova: hex(iova), length: String(length) }),
    alloc: ({ endpoint, buffer, length, access }) =>
      ask('alloc', { endpoint, buffer, length: String(length), access: ACCESS_WORDS[access] }),
    free: ({ endpoint, buffer }) => ask('free', { endpoint, buffer }),
    io: ({ endpoint, length = 64, background = false }) =>
      ask('io', { endpoint, length: String(length), ...(background ? { background: '1' } : {}) }),
    poke: ({ buffer, offset, bytes }) => ask('poke', { buffer, offset: String(offset), bytes }),
    peek: ({ buffer, offset, length }) => ask('peek', { buffer, offset: String(offset), length: String(length) }),
    bypass: ({ value }) => ask('bypass', { value: String(value) }),
    regions: ({ endpoint }) => ask('regions', { endpoint }),
    faults: () => ask('faults'),
    release: ({ endpoint }) => ask('release', { endpoint }),
    resize: ({ endpoint, size }) => ask('resize', { endpoint, size: String(size) }),
    'reset-queue': ({ queue }) => ask('reset-queue', { queue }),
    suspend: () => ask('suspend'),
    resume: () => ask('resume'),
    plug: ({ endpoint }) => ask('plug', { endpoint }),
    unplug: ({ endpoint }) => ask('unplug', { endpoint }),
    'lose-iommu': () => ask('lose-iommu'),
    'end-domain': ({ domain = DEFAULT_DOMAIN }) => ask('end-domain', { domain }),
    shutdown: () => ask('shutdown'),
  };
}

/** One command with its answer, both in the trace. Rejects with `DriverGone`. */
export async function command(
  session: DriverSession,
  verb: string,
  args: Readonly<Record<string, string>>,
): Promise<Answer> {
  await session.machine.execute({ do: 'record', event: { kind: 'verb', verb, args } });
  const answer = await session.command({ verb, args });
  const { outcome, values, reason } = answer;
  await session.machine.execute({
    do: 'record',
    event: { kind: 'answer', verb, outcome, values, ...(reason === undefined ? {} : { reason }) },
  });
  return answer;
}

/** A deadline, as for answers: Linux flushes what it postpones within 10 ms of guest time, others by the next full batch. */
const POSTPONED_MS = 5000;
const LOOK_AGAIN_MS = 20;

async function waitForWithdrawal(machine: Machine, endpoint: SlotName): Promise<void> {
  for (let waited = 0; waited < POSTPONED_MS; waited += LOOK_AGAIN_MS) {
    const { reaches } = await machine.execute({ do: 'look-at-addresses', endpoint });
    if (reaches !== true) return;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** `postpones`: whether the driver says that it unmaps later than it answers. */
function machineVerbs(machine: Machine, postpones: boolean): MachineVerbs {
  return {
    async dma({ endpoint, address, length = 4, access, bytes, label, times }) {
      const reply = await machine.execute({
        do: 'dma',
        endpoint,
        address,
        length,
        access,
        label,
        ...(bytes === undefined ? {} : { bytes }),
        ...(times === undefined ? {} : { times }),
      });
      return reply.dma?.outcome ?? 'fault';
    },
    async retryAddresses({ endpoint, label, patient = false }) {
      if (patient && postpones) await waitForWithdrawal(machine, endpoint);
      await machine.execute({ do: 'retry-addresses', endpoint, label });
    },
    async addEndpoint({ endpoint, ...special }) {
      await machine.execute({ do: 'add-endpoint', endpoint: endpointOf(endpoint, special) });
    },
    async removeEndpoint({ endpoint }) {
      await machine.execute({ do: 'remove-endpoint', endpoint });
    },
    async removeIommu() {
      await machine.execute({ do: 'remove-iommu' });
    },
    async changeConfig(config, iommu = 'iommu') {
      await machine.execute({ do: 'change-config', config, iommu });
    },
    async needReset(iommu = 'iommu') {
      await machine.execute({ do: 'need-reset', iommu });
    },
  };
}
