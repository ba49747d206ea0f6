/**
 * What a trace shows of the machine, for whoever judges or draws it: attachments, mappings, regions, and what an endpoint
 * may reach. Answers are true, false, or undefined where nobody outside the driver can tell, since a deviation of the device
 * blurs it, a request is unanswered, or the driver was asked to let the endpoint pass.
 */
import type { Blur, DeviceFault, DeviceFaultName } from '../../reference-device/device-faults.ts';
import { isSlotName, kindOf, type SlotName, type TopologyName } from '../../reference-device/machine-setup.ts';
import { describedPlace } from '../../reference-device/topology/topologies.ts';
import type { EventOf, SuspensionStep, TraceEvent } from '../../reference-device/trace-events.ts';
import { featureWord } from '../../reference-device/wire/features.ts';
import { blursOf, deviationsOf, isStruck } from './blurs.ts';
import { type Domain, Domains, effectOf, type Mapping, mappingAt } from './domains.ts';
import { type ReservedRegion, reservedRegions } from './probe-properties.ts';
import { bytesOf, TAIL_SIZE } from './wire-bytes.ts';

/** Steps behind which the device uses no buffers. */
const REST: readonly SuspensionStep[] = ['suspending', 'suspended', 'resuming'];

const RING_PACKED = featureWord(['VIRTIO_F_RING_PACKED']);

/** Why something could not be told. `byChoice`: the driver does, as it was set up to, without what is asked about. */
export interface Doubt {
  readonly says: string;
  readonly byChoice: boolean;
}

const DOUBTS = {
  passthrough: { byChoice: true, says: 'The guest runs in passthrough mode; kernel-owned endpoints bypass the IOMMU.' },
  bypass: {
    byChoice: false,
    says: 'The endpoint is in no domain, or was to be let pass, and its accesses are not translated.',
  },
  deviation: {
    byChoice: false,
    says: 'By what the device does otherwise than usual, it cannot be told what the endpoint may reach.',
  },
  'no-bus-master': {
    byChoice: false,
    says: 'The endpoint may not read or write memory: the driver has not set its Bus Master Enable.',
  },
  'never-reached': {
    byChoice: false,
    says: 'The endpoint had never reached the address, so that a fault shows nothing.',
  },
} as const satisfies Record<string, Doubt>;

/** The machine in which the trace came about, and what its user asked of the driver. */
export interface WorldFacts {
  readonly topology: TopologyName;
  readonly faults: readonly DeviceFault[];
  /** Endpoints with a driver of their own pass the IOMMU by, as the driver was asked to let them. */
  readonly passthrough: boolean;
  /** The driver unmaps later than it answers, and says so. */
  readonly lazyUnmap?: boolean;
}

/** One IOMMU between two resets of it. */
interface IommuState {
  domains: Domains;
  accepted: bigint;
  /** What PROBE told the driver, by endpoint; undefined for one whose list cannot be told. */
  readonly regions: Map<number, readonly ReservedRegion[] | undefined>;
  isSuspended: boolean;
}

/** The machine at one moment of the trace; good until the world is asked for another. */
export interface Moment {
  domains(iommu: string): Domains;
  /** Regions that PROBE has reported of an endpoint, as far as the driver may rely on the answer; none if it was not asked. */
  regions(iommu: string, endpoint: number): readonly ReservedRegion[];
  /** Whether the endpoint in `slot` is at its user's disposal, by the verb `attach`, and no longer at its own driver's. */
  isLent(slot: string): boolean;
  /** Whether the device is at rest, or on its way there (3.4): it uses no buffers. */
  isSuspended(iommu: string): boolean;
}

export class World implements Moment {
  readonly #events: readonly TraceEvent[];
  readonly #completions: ReadonlyMap<number, EventOf<'completion'>>;
  readonly #facts: WorldFacts;
  readonly #blurs: ReadonlySet<Blur>;
  readonly #doubts = new Set<Doubt>();
  #iommus = new Map<string, IommuState>();
  /** Endpoints at their user's disposal; true for one that the user asked to be let pass. */
  #lent = new Map<string, boolean>();
  /** A verb whose answer has not come by. */
  #asked: EventOf<'verb'> | undefined;
  #next = 0;

  constructor(events: readonly TraceEvent[], facts: WorldFacts) {
    this.#events = events;
    this.#facts = facts;
    this.#blurs = blursOf(facts.faults);
    const completions = new Map<number, EventOf<'completion'>>();
    for (const event of events) {
      if (event.kind === 'completion' && !completions.has(event.id)) completions.set(event.id, event);
    }
    this.#completions = completions;
  }

  /** As it was just before `event`. */
  before({ seq }: Pick<TraceEvent, 'seq'>): Moment {
    const last = this.#events[this.#next - 1];
    if (last !== undefined && last.seq >= seq) this.#rewind();
    for (
      let event = this.#events[this.#next];
      event !== undefined && event.seq < seq;
      event = this.#events[this.#next]
    ) {
      this.#apply(event);
      this.#next++;
    }
    return this;
  }

  /** Whether the driver may keep UNMAPs back, to send them together. */
  get postponesUnmap(): boolean {
    return this.#facts.lazyUnmap === true;
  }

  /** What could not be told of all that was asked, each reason once. */
  get doubts(): readonly Doubt[] {
    return [...this.#doubts];
  }

  /** Whether an endpoint that was to reach nothing was stopped. */
  blocked(access: EventOf<'dma'>): boolean | undefined {
    if (this.#passesBy(access.endpoint, access)) return this.#cannotTell('passthrough');
    if (access.outcome === 'fault') return true;
    if (access.bypassed && !this.#isInUnwantedBypass(access)) return this.#cannotTell('bypass');
    const { isLost } = this.#locate(access.endpoint, access)?.domains ?? { isLost: false };
    const isByRights = this.#blurs.has('access-rights') && this.#isMapped(access);
    return isLost || isByRights ? this.#cannotTell('deviation') : false;
  }

  /**
   * Whether what an endpoint had reached, or could have, was taken away from it. Where nothing had ever led there, that it is
   * stopped shows nothing.
   */
  withdrawn(access: EventOf<'dma'>): boolean | undefined {
    const isBlocked = this.blocked(access);
    return isBlocked === true && !this.#ledSomewhere(access) ? this.#cannotTell('never-reached') : isBlocked;
  }

  /** Whether an endpoint reached what it was to reach. */
  reached(access: EventOf<'dma'>): boolean | undefined {
    if (!access.busMaster) return this.#cannotTell('no-bus-master');
    if (access.outcome !== 'fault') return true;
    return this.#isCertain(access.endpoint, access) ? false : this.#cannotTell('deviation');
  }

  /**
   * Whether an endpoint could reach what it was told of when it was told, or the doorbell that it rang when it rang it; one that
   * is to pass by has to reach it as well.
   */
  reachable(event: EventOf<'exposed' | 'message'>): boolean | undefined {
    if (event.reachable) return this.#passesBy(event.endpoint, event) ? this.#cannotTell('passthrough') : true;
    return this.#isCertain(event.endpoint, event) ? false : this.#cannotTell('deviation');
  }

  /** Whether the endpoint in `slot` was in a domain before `event`. */
  attached(slot: string, event: TraceEvent): boolean | undefined {
    const { domains, id } = this.#locate(slot, event) ?? {};
    if (domains === undefined || id === undefined) return undefined;
    if (!domains.knows(id)) return this.#cannotTell('deviation');
    if (domains.domainOf(id) !== undefined) return true;
    return this.#passesBy(slot, event) ? this.#cannotTell('passthrough') : false;
  }

  /**
   * The mappings of the domain that the endpoint in `slot` was in just before `event`, by their addresses; none if it was in no
   * domain, undefined if that cannot be told.
   */
  mappingsFor(slot: string, event: TraceEvent): readonly Mapping[] | undefined {
    if (!this.#isCertain(slot, event)) return undefined;
    return [...(this.#domainFor(slot, event)?.mappings ?? [])];
  }

  /**
   * The record by which the driver was told of a fault, if it is as the specification wants it but for `altered`, a deviation
   * that the case has asked for itself.
   */
  reported(access: EventOf<'dma'>, altered?: DeviceFaultName): EventOf<'fault-report'> | undefined {
    if (!access.busMaster) return undefined;
    const next = this.#events.find(({ kind, seq }) => seq > access.seq && (kind === 'fault-report' || kind === 'dma'));
    if (next?.kind !== 'fault-report' || next.fault !== altered) return undefined;
    return (next.bufferLength ?? 0) * 2 >= next.bytes.length ? next : undefined;
  }

  /** Whether the device has forged what came with this completion, so that a driver may take descriptors for free that are not. */
  isForged(completion: EventOf<'completion'>): boolean {
    return isStruck(completion, 'used-ring') || isStruck(completion, 'descriptors');
  }

  domains(iommu: string): Domains {
    return this.#iommu(iommu).domains;
  }

  regions(iommu: string, endpoint: number): readonly ReservedRegion[] {
    return this.#iommu(iommu).regions.get(endpoint) ?? [];
  }

  isLent(slot: string): boolean {
    return this.#lent.has(slot);
  }

  isSuspended(iommu: string): boolean {
    return this.#iommu(iommu).isSuspended;
  }

  #ledSomewhere({ endpoint, address, seq }: EventOf<'dma'>): boolean {
    const place = describedPlace(endpoint as SlotName, this.#facts.topology);
    return this.#events.some((event) => {
      if (event.seq >= seq) return false;
      if (event.kind === 'request') {
        const { virt_start = 0n, virt_end = 0n } = event.fields;
        const isDone = event.name === 'MAP' && effectOf(this.#completions.get(event.id)) === 'carried-out';
        return isDone && event.device === place?.iommu && virt_start <= address && address <= virt_end;
      }
      const wasReached = event.kind === 'dma' ? event.outcome !== 'fault' : event.kind === 'exposed' && event.reachable;
      if (!wasReached || (event.kind !== 'dma' && event.kind !== 'exposed') || event.endpoint !== endpoint)
        return false;
      return event.address <= address && address < event.address + BigInt(event.length);
    });
  }

  #passesBy(slot: string, event: TraceEvent): boolean {
    return this.#facts.passthrough && !this.before(event).isLent(slot);
  }

  /** Whether the endpoint is in a bypass domain that its user has not asked for. */
  #isInUnwantedBypass(access: EventOf<'dma'>): boolean {
    const domain = this.#domainFor(access.endpoint, access);
    return domain?.bypass === true && domain.certain && this.#lent.get(access.endpoint) !== true;
  }

  #isMapped(access: EventOf<'dma'>): boolean {
    const mappings = this.mappingsFor(access.endpoint, access);
    return mappings === undefined || mappingAt({ mappings }, access.address) !== undefined;
  }

  /** By whom and by which ID the endpoint in `slot` is known, just before `event`; undefined if no IOMMU is in front of it. */
  #locate(slot: string, event: TraceEvent): { readonly domains: Domains; readonly id: number } | undefined {
    const place = describedPlace(slot as SlotName, this.#facts.topology);
    return place && { domains: this.before(event).domains(place.iommu), id: place.id };
  }

  #domainFor(slot: string, event: TraceEvent): Domain | undefined {
    const found = this.#locate(slot, event);
    return found?.domains.around(found.id);
  }

  /** Whether nothing makes it doubtful what the endpoint in `slot` may reach. */
  #isCertain(slot: string, event: TraceEvent): boolean {
    const found = this.#locate(slot, event);
    return found === undefined || (found.domains.knows(found.id) && this.#domainFor(slot, event)?.certain !== false);
  }

  #cannotTell(why: keyof typeof DOUBTS): undefined {
    this.#doubts.add(DOUBTS[why]);
    return undefined;
  }

  #iommu(name: string): IommuState {
    const known = this.#iommus.get(name);
    if (known) return known;
    const fresh: IommuState = {
      domains: new Domains(this.#blurs),
      accepted: 0n,
      regions: new Map(),
      isSuspended: false,
    };
    this.#iommus.set(name, fresh);
    return fresh;
  }

  #rewind(): void {
    this.#next = 0;
    this.#iommus = new Map();
    this.#lent = new Map();
    this.#asked = undefined;
  }

  #apply(event: TraceEvent): void {
    if (event.kind === 'reset') this.#reset(event);
    else if (event.kind === 'features' && event.kept) this.#iommu(event.device).accepted = event.accepted;
    else if (event.kind === 'request') this.#request(event);
    else if (event.kind === 'completion') this.#completion(event);
    else if (event.kind === 'plug') this.#plug(event);
    else if (event.kind === 'suspension') this.#iommu(event.device).isSuspended = REST.includes(event.step);
    else if (event.kind === 'verb') this.#asked = event;
    else if (event.kind === 'answer') this.#answer(event);
  }

  #reset({ device, cause }: EventOf<'reset'>): void {
    const mayRemain =
      cause !== 'staging' &&
      cause !== 'removed' &&
      this.#blurs.has('after-reset') &&
      !this.#iommu(device).domains.isEmpty;
    this.#iommus.delete(device);
    if (mayRemain) this.#iommu(device).domains.lose();
  }

  #request(request: EventOf<'request'>): void {
    const { domains, regions } = this.#iommu(request.device);
    const answer = this.#completions.get(request.id);
    domains.apply(request, answer);
    if (request.name !== 'PROBE' || answer === undefined || effectOf(answer) !== 'carried-out') return;
    // What lies behind the used length the driver must not rely on.
    const length = Math.min(request.writableLength - TAIL_SIZE, answer.usedLength);
    regions.set(request.fields.endpoint ?? 0, reservedRegions(bytesOf(answer.bytes, 0, length)));
  }

  /**
   * A forged entry is the answer to the request that has its id by now, as far as a driver sees: a packed ring gives an id out
   * again at once, and so does a driver that takes the descriptor that came back last.
   */
  #completion(completion: EventOf<'completion'>): void {
    if (!isStruck(completion, 'used-ring')) return;
    const { domains, accepted } = this.#iommu(completion.device);
    if ((accepted & RING_PACKED) !== 0n || this.#isHeadReused(completion)) domains.lose();
  }

  #isHeadReused(completion: EventOf<'completion'>): boolean {
    if (!deviationsOf(completion).includes('duplicate-used-entry')) return false;
    const { device, headIndex, seq } = completion;
    const later = this.#events.find(
      (event) =>
        event.seq > seq &&
        ((event.kind === 'request' && event.headIndex === headIndex) || event.kind === 'reset') &&
        event.device === device,
    );
    return later?.kind === 'request';
  }

  #plug({ device, endpoint, present }: EventOf<'plug'>): void {
    if (endpoint === undefined) return;
    const { domains, regions } = this.#iommu(device);
    if (present) domains.add(endpoint);
    else domains.remove(endpoint);
    regions.delete(endpoint);
  }

  #answer({ verb, outcome }: EventOf<'answer'>): void {
    const slot = this.#asked?.args['endpoint'];
    if (outcome !== 'ok') return;
    if (verb === 'attach' && slot !== undefined) this.#lent.set(slot, this.#asked?.args['bypass'] === '1');
    if ((verb === 'detach' || verb === 'release' || verb === 'unplug') && slot !== undefined) this.#lent.delete(slot);
    if (verb === 'stop' || verb === 'start' || verb === 'shutdown') this.#lent.clear();
  }
}

/** Whether the endpoint in `slot` has a driver of its own in the guest. */
export const hasOwnDriver = (slot: string): boolean => isSlotName(slot) && kindOf(slot) !== 'dma-engine';
