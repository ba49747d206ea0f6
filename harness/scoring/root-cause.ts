/**
 * Which findings are consequences of an earlier one in the same trace. A request that the device refused because of a breach
 * of its own leaves everything undone that was to come of it: no attachment, no mapping, no bring-up. What a driver breaks
 * later by going on, or cannot do any more, follows from that breach and is no other mistake of it.
 */
import type { RequirementId } from '../../cases/requirements/index.ts';
import { blursOf, isStruck } from '../../cases/world/blurs.ts';
import { effectOf } from '../../cases/world/domains.ts';
import type { Blur } from '../../reference-device/device-faults.ts';
import type { MachineSetup, SlotName, TopologyName } from '../../reference-device/machine-setup.ts';
import { describedId } from '../../reference-device/topology/topologies.ts';
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import { VIRTIO_IOMMU_S_RANGE } from '../../reference-device/wire/iommu.ts';
import type { Finding } from '../../reports/record/model.ts';

/** What is wrong with an event, in a word: the register, the type of request, the queue, the verb, the access. */
export function subjectOf(event: TraceEvent): string {
  switch (event.kind) {
    case 'register-read':
    case 'register-write':
      return event.field === '' ? `${event.structure} ${event.offset}` : event.field;
    case 'request':
    case 'completion':
      return event.name ?? event.kind;
    case 'verb':
    case 'answer':
      return event.verb;
    case 'dma':
      return event.label ?? event.endpoint;
    case 'exposed':
    case 'returned':
      return 'what' in event ? `${event.endpoint} ${event.what}` : event.endpoint;
    case 'message':
      return event.endpoint;
    default:
      return 'queue' in event && event.queue !== undefined ? `queue ${event.queue}` : event.kind;
  }
}

const ACCEPT_RANGES: RequirementId = 'iommu/driver/features/accept-range-and-probe';

type Request = EventOf<'request'>;

/** A request that was refused for a breach of its own, or a chain that the device could not take. */
interface Failure {
  /** Or an access of an endpoint to its own rings and buffers, which it cannot reach. */
  readonly event: Request | EventOf<'ring-break' | 'exposed' | 'dma'>;
  /** From here on the driver could have known. */
  readonly since: number;
  readonly cause: NonNullable<Finding['follows']>;
}

export class Causes {
  readonly #events: readonly TraceEvent[];
  readonly #requests: readonly Request[];
  readonly #completions: ReadonlyMap<number, EventOf<'completion'>>;
  readonly #topology: TopologyName;
  readonly #blurs: ReadonlySet<Blur>;

  constructor(events: readonly TraceEvent[], { topology, faults }: Pick<MachineSetup, 'topology' | 'faults'>) {
    this.#events = events;
    this.#requests = events.filter((event) => event.kind === 'request');
    const completions = events.filter((event) => event.kind === 'completion');
    this.#completions = new Map(completions.toReversed().map((completion) => [completion.id, completion]));
    this.#topology = topology;
    this.#blurs = blursOf(faults);
  }

  /**
   * `findings` without what rests on a deviation of the device: a command that the driver could not carry out since a request
   * that it takes was struck by one, or since there is no device for it to start. The driver has done what it could.
   */
  attributable(findings: readonly Finding[]): Finding[] {
    return findings.filter(({ at }) => {
      const answer = at === undefined ? undefined : this.#at(at);
      if (answer === undefined || !isFailedAnswer(answer)) return true;
      return !(answer.verb === 'start' && this.#blurs.has('identity')) && !this.#isStruckFor(answer);
    });
  }

  /**
   * Whether a request was struck that the driver sent for the command, or since its start for the endpoint that the command is
   * about.
   */
  #isStruckFor(answer: EventOf<'answer'>): boolean {
    const asked = this.#verbOf(answer);
    const slot = asked?.args['endpoint'];
    const id = slot === undefined ? undefined : describedId(slot as SlotName, this.#topology);
    const domain = id === undefined ? undefined : this.#domainOf(id, answer);
    const isAbout = ({ seq, fields }: Request): boolean =>
      seq > (asked?.seq ?? Infinity) ||
      (id !== undefined && (fields.endpoint === undefined ? fields.domain === domain : fields.endpoint === id));
    const start = this.#events.findLast(
      (event) => event.kind === 'verb' && event.verb === 'start' && event.seq < answer.seq,
    );
    const sent = this.#requests.filter(({ seq }) => seq > (start?.seq ?? -1) && seq < answer.seq);
    return sent.some((request) => isAbout(request) && this.#isStruck(request));
  }

  /** A device that answers a request late does so at last. */
  #isStruck({ id }: Request): boolean {
    const completion = this.#completions.get(id);
    return completion === undefined || isStruck(completion, 'request') || isStruck(completion, 'used-ring');
  }

  /** `findings` with what each follows from, if from anything. */
  explain(findings: readonly Finding[]): Finding[] {
    const failures = [
      ...findings.flatMap((finding) => this.#failureBy(finding) ?? []),
      ...this.#refusedForDeclinedRange(findings),
    ].toSorted((a, b) => a.since - b.since);
    if (failures.length === 0) return [...findings];
    return findings.map((finding) => {
      const cause = failures.find((failure) => this.#isConsequence(finding, failure))?.cause;
      return cause === undefined ? finding : { ...finding, follows: cause };
    });
  }

  /**
   * A driver that does not accept a range, as it should, keeps to none, and such a device refuses what lies outside (5.13.6):
   * a breach of each request's own would be held against it a second time.
   */
  #refusedForDeclinedRange(findings: readonly Finding[]): Failure[] {
    const declined = findings.find(({ requirement }) => requirement === ACCEPT_RANGES);
    if (declined === undefined) return [];
    const cause = { requirement: ACCEPT_RANGES, at: declined.at ?? 0 };
    return this.#requests.flatMap((event) => {
      const completion = this.#honestRefusal(event);
      return completion?.status === VIRTIO_IOMMU_S_RANGE ? [{ event, since: completion.seq, cause }] : [];
    });
  }

  /** The answer by which the device itself refused a request. What a deviation has refused is not among these. */
  #honestRefusal({ id }: Request): EventOf<'completion'> | undefined {
    const completion = this.#completions.get(id);
    return completion && completion.status !== 0 && effectOf(completion) === 'nothing' ? completion : undefined;
  }

  #failureBy({ requirement, at }: Finding): Failure | undefined {
    const event = at === undefined ? undefined : this.#at(at);
    if (event === undefined) return undefined;
    const cause = { requirement, at: event.seq };
    const isOwnMemory = event.kind === 'exposed' || (event.kind === 'dma' && event.cause !== 'harness');
    if (isOwnMemory || event.kind === 'ring-break') return { event, since: event.seq, cause };
    const completion = event.kind === 'request' ? this.#honestRefusal(event) : undefined;
    return event.kind === 'request' && completion ? { event, since: completion.seq, cause } : undefined;
  }

  #at = (seq: number): TraceEvent | undefined => this.#events.find((event) => event.seq === seq);

  #isConsequence({ at, by }: Finding, { event: failed, since }: Failure): boolean {
    if (at === failed.seq) return false;
    // A case that misses something in the whole trace cannot say why it is not there.
    if (at === undefined) return !by.startsWith('monitor ');
    const event = this.#at(at);
    if (event === undefined || event.seq < since) return false;
    if (failed.kind === 'ring-break') return isFailedAnswer(event) || event === this.#events.at(-1);
    if (failed.kind !== 'request')
      return isFailedAnswer(event) && this.#verbOf(event)?.args['endpoint'] === failed.endpoint;
    switch (event.kind) {
      case 'request':
        return touches(failed, event);
      case 'exposed':
      case 'returned':
      case 'message':
        return this.#concerns(failed, event.endpoint, event.address);
      case 'dma':
        return event.outcome === 'fault' && this.#concerns(failed, event.endpoint, event.address);
      case 'answer':
        return isFailedAnswer(event) && (this.#wasSentFor(failed, event) || this.#asksAbout(failed, event));
      default:
        return false;
    }
  }

  #concerns({ name, fields }: Request, slot: string, address: bigint): boolean {
    if (name === 'ATTACH') return describedId(slot as SlotName, this.#topology) === fields.endpoint;
    return name === 'MAP' && isWithin(address, fields);
  }

  #verbOf(answer: EventOf<'answer'>): EventOf<'verb'> | undefined {
    return this.#events.findLast((event): event is EventOf<'verb'> => event.kind === 'verb' && event.seq < answer.seq);
  }

  /** Whether the driver sent the request in order to do what it now says that it cannot. */
  #wasSentFor(failed: Request, answer: EventOf<'answer'>): boolean {
    const asked = this.#verbOf(answer);
    return asked !== undefined && asked.seq < failed.seq && failed.seq < answer.seq;
  }

  /** Whether the command is about the endpoint, the domain or the range of the request. */
  #asksAbout({ name, fields }: Request, answer: EventOf<'answer'>): boolean {
    const { endpoint: slot, iova } = this.#verbOf(answer)?.args ?? {};
    const id = slot === undefined ? undefined : describedId(slot as SlotName, this.#topology);
    if (name === 'ATTACH') return id === undefined || id === fields.endpoint;
    if (name !== 'MAP') return false;
    return iova === undefined
      ? id !== undefined && this.#domainOf(id, answer) === fields.domain
      : isWithin(BigInt(iova), fields);
  }

  /** The domain that the endpoint was last to be attached to. */
  #domainOf(endpoint: number, { seq }: TraceEvent): number | undefined {
    return this.#requests.findLast(
      (request) => request.name === 'ATTACH' && request.fields.endpoint === endpoint && request.seq < seq,
    )?.fields.domain;
  }
}

const isFailedAnswer = (event: TraceEvent): event is EventOf<'answer'> =>
  event.kind === 'answer' && event.outcome === 'not-ok';

const isWithin = (address: bigint, { virt_start = 0n, virt_end = 0n }: Request['fields']): boolean =>
  virt_start <= address && address <= virt_end;

/** Whether `later` builds on what `failed` was to do. */
function touches({ name, fields }: Request, later: Request): boolean {
  const { domain, endpoint, virt_start = 0n, virt_end = 0n } = later.fields;
  switch (name) {
    case 'ATTACH':
    case 'DETACH':
      return endpoint === undefined ? domain === fields.domain : endpoint === fields.endpoint;
    case 'MAP':
    case 'UNMAP':
      return domain === fields.domain && isWithin(fields.virt_start ?? 0n, { virt_start, virt_end });
    case 'PROBE':
      return later.name === 'ATTACH' && (fields.endpoint === undefined || endpoint === fields.endpoint);
    default:
      return false;
  }
}
