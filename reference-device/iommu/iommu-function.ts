/** The virtio-iommu as a virtio device: its two queues, the trace of its requests, and how requests are returned. */
import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import type { IommuConfig, IommuName, IommuSetup } from '../machine-setup.ts';
import {
  describingTail,
  type SelfDescription,
  TOPO_OFFSET_AT,
  TOPO_OFFSET_FIELD,
  TOPOLOGY_FEATURE,
} from '../experimental/built-in-topology.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import { mapTarget } from '../memory/map-target.ts';
import type { Access, FaultReason, MapTarget, TraceBody } from '../trace-events.ts';
import type { Trace } from '../trace.ts';
import type { DeviceQueue } from '../transport/device-queue.ts';
import { offeredWord } from '../transport/features.ts';
import type { RegisterPlace } from '../transport/register-file.ts';
import type { SuspensionManner } from '../transport/suspension.ts';
import type { VirtioDevice, VirtioTransport } from '../transport/virtio-device.ts';
import { PhysicalQueueMemory, type QueueMemory } from '../virtqueue/queue-memory.ts';
import type { Chain } from '../virtqueue/virtqueue.ts';
import { hasFeature } from '../wire/features.ts';
import { toHex } from '../wire/hex.ts';
import { Config, EVENTQ, REQUESTQ } from '../wire/iommu.ts';
import { ADMIN_QUEUE, refuseAdminCommands } from './admin-commands.ts';
import { ChangingConfig } from './changing-config.ts';
import { COMPLETION_FAULTS, reportedLength, scribble } from './completion-faults.ts';
import type { EndpointDescription } from './endpoints.ts';
import { FaultReports } from './fault-reports.ts';
import { FaultSelection } from './fault-selection.ts';
import { Iommu, type IommuReply, type IommuRequest } from './iommu.ts';
import type { Translation } from './translate.ts';

/** What does not change for a boot, whichever place on the bus it has. */
export const IOMMU_FUNCTION = { classCode: 0x080600, configLength: Config.size } as const;

/** Bytes of a completion that the trace keeps. */
const TRACED_BYTES = 1024;

const CONFIG_FIELDS: readonly RegisterPlace[] = [
  { offset: Config.offsets.page_size_mask, width: 8, name: 'page_size_mask' },
  { offset: Config.offsets.input_range_start, width: 8, name: 'input_range.start' },
  { offset: Config.offsets.input_range_end, width: 8, name: 'input_range.end' },
  { offset: Config.offsets.domain_range_start, width: 4, name: 'domain_range.start' },
  { offset: Config.offsets.domain_range_end, width: 4, name: 'domain_range.end' },
  { offset: Config.offsets.probe_size, width: 4, name: 'probe_size' },
  { offset: Config.offsets.bypass, width: 1, name: 'bypass' },
];

/** `slow-queue-reset`, `slow-suspend`: how often queue_reset reads 1, and device_status shows a device between two states. */
const SLOW_READS = 3;

function suspensionManner(on: ReadonlySet<DeviceFaultName>): SuspensionManner {
  const fails = on.has('suspend-fails') ? 'suspend' : on.has('resume-fails') ? 'resume' : undefined;
  return { reads: on.has('slow-suspend') ? SLOW_READS : 0, ...(fails && { fails }) };
}

/** A request that has been dealt with and waits for its place on the used ring. */
interface Answer {
  readonly queue: DeviceQueue;
  readonly chain: Chain;
  readonly id: number;
  readonly request: IommuRequest;
  readonly reply: IommuReply;
  readonly hits: readonly DeviceFaultName[];
}

const NOTHING = new Uint8Array(0);

const UNTOUCHED: IommuReply = { written: NOTHING, usedLength: 0 };
const MISREAD: IommuReply = { ...UNTOUCHED, fault: 'refuses-split-framing' };

export interface IommuParts {
  readonly name: IommuName;
  /** EXPERIMENTAL: the device describes its endpoints itself. It then has no VIRTIO_IOMMU_F_BYPASS_CONFIG. */
  readonly selfDescription?: SelfDescription | undefined;
  readonly setup: IommuSetup;
  readonly endpoints: readonly EndpointDescription[];
  readonly faults: readonly DeviceFault[];
  readonly memory: GuestMemory;
  readonly trace: Trace;
}

export class VirtioIommuDevice implements VirtioDevice {
  readonly name: IommuName;
  readonly offered: bigint;
  readonly queueMaxSizes: readonly number[];
  readonly adminQueue?: NonNullable<VirtioDevice['adminQueue']>;
  readonly configFields: readonly RegisterPlace[];
  readonly configLength: number;
  readonly batchesUsed: boolean;
  readonly misleads: boolean;
  readonly queueResetReads: number;
  readonly suspension: SuspensionManner;
  readonly requestFaults: FaultSelection;
  readonly #iommu: Iommu;
  readonly #guestMemory: GuestMemory;
  readonly #memory: QueueMemory;
  /** What the configuration has in place of `bypass`, if the device describes its endpoints itself. */
  readonly #describingTail: Uint8Array | undefined;
  readonly #trace: Trace;
  readonly #on: ReadonlySet<DeviceFaultName>;
  readonly #reports: FaultReports;
  readonly #changing: ChangingConfig | undefined;
  #transport: VirtioTransport | undefined;
  #inOrder = false;
  #isPacked = false;
  /** An answer of requestq never goes out, and the queue is used in order. */
  #isStuck = false;
  #held: Answer[] = [];
  /** `hold-notifications`: queues with used buffers that the driver has not been told of. */
  readonly #unheard = new Set<DeviceQueue>();
  /** Changes of the configuration that wait for the end of a suspension. */
  #changesToCome: Partial<IommuConfig> | undefined;
  /** `suppress-notifications`: not yet, from the first request until the next one lies there unannounced, and over. */
  #suppression: 'to-come' | 'in-force' | 'over' = 'over';

  constructor({ name, setup, endpoints, faults, memory, trace, selfDescription }: IommuParts) {
    this.name = name;
    this.#on = new Set(faults.map(({ name }) => name));
    const offered = offeredWord(setup.features, setup.foreignFeatureBits, this.#on.has('offer-foreign-features'));
    this.offered = selfDescription ? offered | TOPOLOGY_FEATURE : offered;
    this.configFields = selfDescription ? [...CONFIG_FIELDS.slice(0, -1), TOPO_OFFSET_FIELD] : CONFIG_FIELDS;
    this.configLength = setup.configLength ?? Config.size;
    if (selfDescription) {
      if (hasFeature(offered, 'VIRTIO_IOMMU_F_BYPASS_CONFIG')) throw new Error('bit 6 cannot have two meanings');
      this.#describingTail = describingTail(selfDescription);
      this.configLength = TOPO_OFFSET_AT + this.#describingTail.length;
    }
    this.queueMaxSizes = setup.queueSizes;
    if (hasFeature(this.offered, 'VIRTIO_F_ADMIN_VQ')) this.adminQueue = ADMIN_QUEUE;
    this.#iommu = new Iommu(setup, endpoints, faults);
    this.#guestMemory = memory;
    this.#memory = new PhysicalQueueMemory(memory);
    this.#trace = trace;
    this.#reports = new FaultReports(name, this.#on, trace);
    this.requestFaults = new FaultSelection(faults);
    this.batchesUsed = this.#on.has('batch-used-entries');
    this.misleads = this.#on.has('misleading-suppression');
    this.queueResetReads = this.#on.has('slow-queue-reset') ? SLOW_READS : 0;
    this.suspension = suspensionManner(this.#on);
    if (this.#on.has('suppress-notifications')) this.#suppression = 'to-come';
    if (this.#on.has('config-changes-while-read')) {
      this.#changing = new ChangingConfig(setup.config.input_range, (input_range) =>
        this.#iommu.changeConfig({ input_range }),
      );
    }
  }

  connect(transport: VirtioTransport): void {
    this.#transport = transport;
  }

  readConfig(offset: number, out: DataView): void {
    if (this.#changing?.beforeRead(offset, out.byteLength) === true) {
      this.#transport?.configChanged('input_range changed between two reads', false);
    }
    this.#iommu.readConfig(offset, out);
    const tail = this.#describingTail;
    if (tail === undefined) return;
    for (let at = 0; at < out.byteLength; at++) {
      const byte = tail[offset + at - TOPO_OFFSET_AT];
      if (byte !== undefined) out.setUint8(at, byte);
    }
  }

  writeConfig(offset: number, data: DataView): void {
    this.#iommu.writeConfig(offset, data);
  }

  queueMemory(): QueueMemory {
    return this.#memory;
  }

  objectsTo(accepted: bigint): string | undefined {
    if (this.#on.has('refuse-features-ok')) return 'it refuses every set of features';
    const withoutPlatform =
      this.#on.has('refuse-features-ok-without-access-platform') && !hasFeature(accepted, 'VIRTIO_F_ACCESS_PLATFORM');
    return withoutPlatform ? 'it insists on VIRTIO_F_ACCESS_PLATFORM' : undefined;
  }

  onFeatures(accepted: bigint): void {
    // Otherwise the bit would be taken for BYPASS_CONFIG.
    this.#iommu.accepted = this.#describingTail ? accepted & ~TOPOLOGY_FEATURE : accepted;
    this.#inOrder = hasFeature(accepted, 'VIRTIO_F_IN_ORDER');
    this.#isPacked = hasFeature(accepted, 'VIRTIO_F_RING_PACKED');
  }

  onQueueEnabled(): void {}

  onQueueReset(queue: DeviceQueue): void {
    // core/device/vq-reset/no-execution-after-queue-reset
    this.#held = this.#held.filter((answer) => answer.queue !== queue);
    this.#unheard.delete(queue);
    if (queue.index === REQUESTQ) this.#isStuck = false;
  }

  onReset(): void {
    // core/device/reset/silent-after-reset
    this.#held = [];
    this.#unheard.clear();
    this.#reports.forget();
    this.onResume();
    this.#iommu.resetDevice();
    this.#iommu.accepted = 0n;
    this.#inOrder = false;
    this.#isStuck = false;
  }

  onBuffers(queue: DeviceQueue): void {
    // Event buffers stay where they are until there is something to report.
    if (queue.index === EVENTQ && this.#reports.release(queue)) this.#transport?.interruptIfWanted(queue);
    if (queue.index === EVENTQ) queue.enableNotifications();
    if (queue.index === ADMIN_QUEUE.index) {
      refuseAdminCommands(queue);
      this.#transport?.interruptIfWanted(queue);
    }
    if (queue.index !== REQUESTQ) return;
    this.#changing?.settle();
    if (this.#suppression === 'to-come') {
      this.#suppression = 'in-force';
      queue.suppressNotifications();
    }
    this.#serve(queue);
  }

  #serve(queue: DeviceQueue): void {
    const answers: Answer[] = [];
    const reorder = this.#on.has('reorder-completions') && !this.#inOrder;
    do {
      for (let chain = queue.popAvail(); chain !== undefined; chain = queue.popAvail()) {
        const answer = this.#carryOut(queue, chain);
        if (answer === undefined) continue;
        if (reorder) answers.push(answer);
        else this.#complete(answer);
      }
    } while (this.#suppression !== 'in-force' && queue.enableNotifications() && !queue.budgetExhausted);
    for (const answer of answers.toReversed()) this.#complete(answer);
    if (!this.#on.has('hold-notifications')) this.#transport?.interruptIfWanted(queue);
  }

  /** Reads one request and does what it says; undefined if its answer does not go out now. */
  #carryOut(queue: DeviceQueue, chain: Chain): Answer | undefined {
    const readable = queue.read(chain) ?? new Uint8Array(0);
    const request = this.#iommu.parse(readable);
    const id = this.#trace.nextRequestId();
    this.#trace.addLazily(() => ({
      kind: 'request',
      device: this.name,
      id,
      headIndex: chain.headIndex,
      type: request.type,
      ...(request.name === undefined ? {} : { name: request.name }),
      fields: request.fields,
      bytes: toHex(readable),
      writableLength: chain.writableLength,
      complete: request.complete,
      ...this.#targetOf(request),
    }));
    const struck = this.requestFaults.next(request.name);
    const hits = struck.map(({ name }) => name).filter((name) => COMPLETION_FAULTS.has(name));
    const left = hits.includes('zero-used-length') ? UNTOUCHED : this.#refusesFraming(chain) ? MISREAD : undefined;
    const reply = left ?? this.#iommu.handle(request, readable, chain.writableLength, struck);
    const answer = { queue, chain, id, request, reply, hits };
    // reserved-features/device/in-order-use: nothing that comes after an answer which never goes out can go out either.
    this.#isStuck ||= this.#inOrder && hits.includes('never-complete');
    if (this.#isStuck || hits.includes('never-complete')) return undefined;
    // reserved-features/device/in-order-use: what comes after a withheld answer waits with it.
    const waits = hits.includes('withhold-completion') || (this.#inOrder && this.#held.length > 0);
    if (!waits) return answer;
    this.#held.push(answer);
    return undefined;
  }

  #targetOf({ name, fields, complete }: IommuRequest): { target?: MapTarget } {
    const { phys_start = 0n, virt_start = 0n, virt_end = 0n } = fields;
    if (name !== 'MAP' || !complete || virt_end < virt_start) return {};
    return { target: mapTarget(this.#guestMemory, phys_start, phys_start + (virt_end - virt_start)) };
  }

  /** `refuses-split-framing`: split/device/framing/no-framing-assumptions */
  #refusesFraming({ readableCount, buffers }: Chain): boolean {
    return this.#on.has('refuses-split-framing') && (readableCount !== 1 || buffers.length !== 2);
  }

  #complete(answer: Answer): void {
    const { queue, chain, reply, hits } = answer;
    // split/device/used/data-before-idx
    queue.write(chain, reply.written);
    const usedLength = reportedLength(hits, reply.usedLength, chain.writableLength);
    this.#trace.addLazily(() => this.#completion(answer, usedLength));
    if (hits.includes('scribbled-descriptors') && !this.#isPacked) scribble(this.#guestMemory, queue.desc, chain);
    // No descriptor has the queue's size for its index, so this id cannot have been made available.
    if (hits.includes('foreign-used-id')) queue.addUsed({ headIndex: queue.size, slotCount: 1 }, usedLength);
    queue.addUsed(chain, usedLength);
    if (this.#on.has('hold-notifications')) this.#unheard.add(queue);
    if (hits.includes('duplicate-used-entry')) queue.addUsed(chain, usedLength);
    if (hits.includes('spurious-interrupt')) {
      this.#transport?.interruptIfWanted(queue);
      this.#transport?.interruptForNothing(queue);
    }
  }

  #completion({ queue, chain, id, request, reply, hits }: Answer, usedLength: number): TraceBody {
    const { written, status, honestStatus } = reply;
    const all = [...(reply.fault === undefined ? [] : [reply.fault]), ...hits];
    const left = written.length >= chain.writableLength ? written : queue.peekWritable(chain, TRACED_BYTES);
    return {
      kind: 'completion',
      device: this.name,
      id,
      ...(request.name === undefined ? {} : { name: request.name }),
      headIndex: chain.headIndex,
      usedLength,
      ...(status === undefined ? {} : { status }),
      ...(honestStatus === undefined ? {} : { honestStatus }),
      bytes: toHex(left.subarray(0, TRACED_BYTES)),
      ...(all.length === 0 ? {} : { fault: all.join(', ') }),
    };
  }

  /** Whether something waits for `releaseHeld`. */
  get hasHeldWork(): boolean {
    return this.#held.length > 0 || this.#unheard.size > 0 || this.#suppression === 'in-force';
  }

  /** Nothing else is going on: withheld answers go out and notifications are asked for again. Whether there was anything. */
  releaseHeld(): boolean {
    const queue = this.#transport?.queue(REQUESTQ);
    const wasSilent = this.#suppression === 'in-force' && queue?.hasUnannounced === true;
    const released = this.#held.length > 0 || wasSilent || this.#unheard.size > 0;
    const held = this.#held.splice(0);
    const reverses = this.#on.has('reorder-completions') && !this.#inOrder;
    for (const answer of reverses ? held.toReversed() : held) this.#complete(answer);
    for (const unheard of this.#unheard) this.#transport?.interruptIfWanted(unheard);
    this.#unheard.clear();
    if (wasSilent) this.#suppression = 'over';
    if (released && queue !== undefined && this.#transport?.live === true) {
      queue.beginPoll();
      this.#serve(queue);
    }
    return released;
  }

  /** See `Iommu.translate`. */
  translate(endpointId: number, address: bigint, length: number, access: Access): Translation {
    return this.#iommu.translate(endpointId, address, length, access);
  }

  /** Puts a fault record into an event buffer, if the driver has left one. */
  reportFault(reason: FaultReason, endpointId: number, address: bigint, access: Access): void {
    if (this.#on.has('no-fault-reports')) return;
    const queue = this.#transport?.live === true ? this.#transport.queue(EVENTQ) : undefined;
    this.#reports.add(this.#iommu.faultRecord(reason, endpointId, address, access), queue);
    if (queue !== undefined) this.#transport?.interruptIfWanted(queue);
  }

  /** Changes the configuration under the driver's eyes; while the device is suspended, as soon as it goes on. */
  changeConfig(config: Partial<IommuConfig>): void {
    // core/device/suspend/quiet-while-suspended, core/device/suspend/no-config-notification
    if (this.#transport?.suspended === true) {
      this.#changesToCome = { ...this.#changesToCome, ...config };
      return;
    }
    this.#iommu.changeConfig(config);
    this.#transport?.configChanged(`${Object.keys(config).join(', ')} changed`, true);
  }

  /** core/device/suspend/drain-before-suspended: what was taken is answered, and nothing more is taken. */
  onSuspend(): void {
    const queues = new Set(this.#held.map((answer) => answer.queue));
    for (const answer of this.#held.splice(0)) this.#complete(answer);
    for (const queue of queues) this.#transport?.interruptIfWanted(queue);
  }

  /** core/device/suspend/deferred-config-notification */
  onResume(): void {
    const changes = this.#changesToCome;
    this.#changesToCome = undefined;
    if (changes !== undefined) this.changeConfig(changes);
  }

  /** The platform puts one more endpoint behind this IOMMU. */
  addEndpoint(endpoint: EndpointDescription): void {
    this.#iommu.addEndpoint(endpoint);
  }

  /** The endpoint with this ID is gone. */
  removeEndpoint(id: number): void {
    this.#iommu.removeEndpoint(id);
  }
}
