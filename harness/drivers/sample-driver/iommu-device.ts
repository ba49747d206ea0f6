/** The virtio-iommu device up to the point where it takes requests, and back down. */
import { setUpAdminQueue } from './admin-queue.ts';
import { BringUp } from './bring-up.ts';
import { BUILT_IN_TOPOLOGY, readSelfDescription, type SelfDescription } from './built-in-topology.ts';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { EventQueue, type ReportedFault } from './events.ts';
import { ADMIN_VQ, BYPASS_CONFIG, Features, IOMMU_BITS, MAP_UNMAP, RING_RESET, SR_IOV, SUSPEND } from './features.ts';
import { setUpQueues } from './iommu-queues.ts';
import { type IommuConfig, readIommuConfig, scrubConfig, writeBypass, writePageSizeMask } from './iommu-config.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Platform } from './platform.ts';
import { RequestQueue } from './request-queue.ts';
import { Suspension } from './suspension.ts';
import { CONFIG_VECTOR } from './virtio-registers.ts';
import type { Virtqueue } from './virtqueue.ts';

/** The device while it is up. */
interface LiveDevice {
  readonly registers: DeviceRegisters;
  readonly bringUp: BringUp;
  readonly suspension: Suspension;
  readonly features: Features;
  config: IommuConfig;
  readonly requests: RequestQueue;
  readonly events: EventQueue | undefined;
  readonly adminq: Virtqueue | undefined;
  readonly queues: readonly Virtqueue[];
  /** Change notifications and generation when the configuration was last read. */
  configInterrupts: number | undefined;
  generation: number;
}

export const DOWN = 'the IOMMU is not in use';
const SUSPENDED = 'the IOMMU is suspended';

export class IommuDevice {
  readonly #open: () => DeviceRegisters | string;
  readonly #memory: PhysicalMemory;
  readonly #platform: Platform;
  readonly #faults: DriverFaults;
  #live: LiveDevice | undefined;
  #isGone = false;
  /** EXPERIMENTAL: what the device says of its endpoints; undefined if it says nothing. */
  selfDescription: SelfDescription | undefined;

  /** `open` makes the registers ready for use, or says in a sentence why they cannot be used. */
  constructor(open: () => DeviceRegisters | string, memory: PhysicalMemory, platform: Platform, faults: DriverFaults) {
    this.#open = open;
    this.#memory = memory;
    this.#platform = platform;
    this.#faults = faults;
  }

  /** Physical address at which RAM begins. */
  get ramStart(): bigint {
    return this.#memory.base;
  }

  /** All RAM of the machine, the firmware's too. */
  get allMemory(): readonly { readonly start: bigint; readonly length: bigint }[] {
    const { base, bytes } = this.#memory;
    return [this.#platform.firmwareMemory, { start: base, length: BigInt(bytes.byteLength) }];
  }

  /** Undefined while the device is down, suspended or gone: it takes no requests then. */
  get requests(): RequestQueue | undefined {
    const live = this.#live;
    if (live === undefined || this.#isGone) return undefined;
    return live.suspension.isSuspended && !this.#faults.has('suspended-requests-sent') ? undefined : live.requests;
  }

  get isSuspended(): boolean {
    return this.#live?.suspension.isSuspended === true;
  }

  get config(): IommuConfig | undefined {
    return this.#live?.config;
  }

  /** Goes by what another device says of itself. */
  adoptConfig(other: IommuDevice | undefined): void {
    if (this.#live && other?.config) this.#live.config = other.config;
  }

  hasFeature(bit: number): boolean {
    return this.#live?.features.has(bit) ?? false;
  }

  /** Brings the device up. A sentence if that failed. */
  start(): string | undefined {
    const registers = this.#open();
    if (typeof registers === 'string') return registers;
    const bringUp = new BringUp(registers, this.#platform, this.#faults);
    const features = bringUp.negotiate({
      deviceBits: this.#deviceBits(registers),
      role: 'iommu',
      refuses: (offered) => this.#refusal(offered),
      beforeFeaturesOk: (offered) => {
        if (this.#faults.has('reads-config-early')) readIommuConfig(registers, offered, this.#faults);
        if (this.#faults.has('writes-config-before-features-ok')) writeBypass(registers, false, this.#faults);
        if (this.#faults.has('config-scrubbed-at-start')) scrubConfig(registers);
        if (this.#faults.has('vfs-before-features-ok')) registers.enableVirtualFunctions?.();
      },
    });
    if (typeof features === 'string') return features;
    if (features.has(SR_IOV) || this.#faults.has('vfs-without-sr-iov')) registers.enableVirtualFunctions?.();
    const problem = this.#setUp(registers, bringUp, this.#withoutSelfDescription(registers, features));
    return problem === undefined ? bringUp.failure : bringUp.giveUp(problem);
  }

  /** EXPERIMENTAL: where IOMMUs describe themselves, bit 6 means that, and is not to be taken for BYPASS_CONFIG. */
  #withoutSelfDescription(registers: DeviceRegisters, features: Features): Features {
    if (!this.#platform.iommusDescribeThemselves || !features.has(BUILT_IN_TOPOLOGY)) return features;
    this.selfDescription = readSelfDescription(registers, this.#faults);
    return new Features(features.word & ~(1n << BigInt(BUILT_IN_TOPOLOGY)));
  }

  /** Some features are of use where the registers for them are. */
  #deviceBits({ adminQueues, enableVirtualFunctions }: DeviceRegisters): readonly number[] {
    const usesFunctions = enableVirtualFunctions && !this.#faults.has('vfs-without-sr-iov');
    return [...IOMMU_BITS, ...(adminQueues ? [ADMIN_VQ] : []), ...(usesFunctions ? [SR_IOV] : [])];
  }

  /** Without MAP and UNMAP there is nothing to be done with the device (5.13.5). */
  #refusal(offered: Features): string | undefined {
    if (!offered.has(BYPASS_CONFIG) && this.#faults.has('insists-on-bypass-config')) {
      return 'the IOMMU does not offer VIRTIO_IOMMU_F_BYPASS_CONFIG';
    }
    if (offered.has(MAP_UNMAP) || this.#faults.has('continues-without-map-unmap')) return undefined;
    if (this.#faults.has('unmap-without-feature')) return undefined;
    return 'the IOMMU does not offer VIRTIO_IOMMU_F_MAP_UNMAP';
  }

  #setUp(registers: DeviceRegisters, bringUp: BringUp, features: Features): string | undefined {
    const generation = registers.configGeneration;
    if (this.#faults.has('reads-twice')) readIommuConfig(registers, features, this.#faults);
    const config = readIommuConfig(registers, features, this.#faults);
    if (typeof config === 'string') return config;
    if (this.#faults.has('driver-ok-before-queues')) bringUp.goLive();
    if (registers.vectorCount > 0 && !this.#faults.has('no-config-vector')) registers.setConfigVector(CONFIG_VECTOR);
    const queues = setUpQueues(registers, this.#memory, features, this.#faults);
    if (typeof queues === 'string') return queues;
    const { requestq, eventq } = queues;
    const adminq = setUpAdminQueue(registers, this.#memory, features, this.#faults);
    if (typeof adminq === 'string') return adminq;
    const events = eventq && new EventQueue(eventq, this.#memory, this.#faults);
    if (!this.#faults.has('event-buffers-after-driver-ok')) events?.fill();
    if (this.#faults.has('kick-before-driver-ok')) requestq.notify();
    if (this.#faults.has('event-buffers-kicked-early')) eventq?.notify();
    if (!this.#faults.has('driver-ok-before-queues')) bringUp.goLive();
    if (this.#faults.has('accepts-features-when-live'))
      registers.acceptFeatures(features.word | (1n << BigInt(RING_RESET)));
    if (this.#faults.has('event-buffers-after-driver-ok')) events?.fill();
    events?.kick();
    const requests = new RequestQueue(requestq, this.#memory, this.#platform, this.#faults);
    const configInterrupts = registers.configInterrupts();
    const all = [requestq, eventq, adminq].filter((queue) => queue !== undefined);
    const suspension = new Suspension(registers, this.#platform, this.#faults);
    const parts = { registers, bringUp, suspension, features, config, requests, events, adminq, queues: all };
    this.#live = { ...parts, configInterrupts, generation };
    this.#writeAtStart(registers, features);
    return undefined;
  }

  #writeAtStart(registers: DeviceRegisters, features: Features): void {
    if (this.#faults.has('writes-config-read-only')) writePageSizeMask(registers);
    if (this.#faults.has('writes-bypass-without-feature') && !features.has(BYPASS_CONFIG)) {
      writeBypass(registers, false, this.#faults);
    }
    if (this.#faults.has('turns-bypass-on') && features.has(BYPASS_CONFIG)) writeBypass(registers, true, this.#faults);
    if (!this.#faults.has('bypass-off-late')) this.turnBypassOff();
  }

  get #keepsBypass(): boolean {
    return this.#faults.has('leaves-bypass-on') || this.#faults.has('turns-bypass-on');
  }

  /** Endpoints that are not attached must not reach memory: this driver is strict. */
  turnBypassOff(): void {
    const live = this.#live;
    if (live?.config.bypass !== true || this.#keepsBypass) return;
    writeBypass(live.registers, false, this.#faults);
    live.config = { ...live.config, bypass: false };
  }

  /** Sets the global bypass. A sentence if the device has none. */
  setBypass(on: boolean): string | undefined {
    const live = this.#live;
    if (!live) return DOWN;
    if (!live.features.has(BYPASS_CONFIG)) return 'the IOMMU has no global bypass that can be set';
    if (live.suspension.isSuspended && !this.#faults.has('suspended-bypass-written')) return SUSPENDED;
    if (this.#faults.has('bypass-verb-not-written')) return undefined;
    writeBypass(live.registers, on, this.#faults);
    live.config = { ...live.config, bypass: on };
    return undefined;
  }

  /** Serves an interrupt line that is up; with MSI-X there is nothing to serve. */
  serveLine(): void {
    this.#live?.registers.configInterrupts();
  }

  /** Whether the device asks to be reset. */
  needsReset(): boolean {
    if (this.#faults.has('ignores-needs-reset')) return false;
    return this.#live?.bringUp.needsReset() ?? false;
  }

  /** Looks whether the device has been pulled out; nothing is asked of it any more then. */
  isGone(): boolean {
    this.#isGone ||= !this.#faults.has('gone-iommu-believed') && this.#live?.bringUp.isGone() === true;
    return this.#isGone;
  }

  /** Reads the configuration again if the device says that it has changed. */
  followConfig(): void {
    const live = this.#live;
    if (!live || this.#faults.has('ignores-config-change')) return;
    const interrupts = this.#faults.has('no-config-vector') ? undefined : live.registers.configInterrupts();
    if (interrupts !== undefined && interrupts === live.configInterrupts) return;
    live.configInterrupts = interrupts;
    const generation = live.registers.configGeneration;
    if (generation === live.generation) return;
    live.generation = generation;
    const config = readIommuConfig(live.registers, live.features, this.#faults);
    if (typeof config === 'string') this.#platform.log(`the configuration has changed: ${config}`);
    else live.config = config;
  }

  /** Resets one queue alone and uses it again. A sentence if that cannot be done. */
  restartQueue(name: string): string | undefined {
    const live = this.#live;
    if (!live) return DOWN;
    if (live.suspension.isSuspended) return SUSPENDED;
    if (!live.features.has(RING_RESET)) return 'the IOMMU cannot reset single queues';
    if (name === 'requestq') return live.requests.restart();
    if (name !== 'eventq' || !live.events) return `there is no queue ${name}`;
    live.events.collect();
    return live.events.restart(() => this.#platform.wait());
  }

  /** Brings the device to rest. A sentence if that cannot be done. */
  suspend(): string | undefined {
    const live = this.#live;
    if (!live) return DOWN;
    if (live.suspension.isSuspended) return undefined;
    if (!live.features.has(SUSPEND) && !this.#faults.has('suspend-without-feature')) {
      return 'the IOMMU cannot be suspended';
    }
    const problem = live.suspension.begin();
    if (this.#faults.has('suspend-turns-bypass-on')) writeBypass(live.registers, true, this.#faults);
    if (this.#faults.has('suspend-kicks-late')) for (const queue of live.queues) queue.notify();
    return problem;
  }

  /** Lets a suspended device go on. A sentence if it does not. */
  resume(): string | undefined {
    const live = this.#live;
    if (!live) return DOWN;
    return live.suspension.isSuspended ? live.suspension.end() : undefined;
  }

  /** Fault records that have come. Those that a suspended device has left wait: their buffers cannot be given back. */
  takeFaults(): ReportedFault[] {
    const live = this.#live;
    if (live?.suspension.isSuspended === true && !this.#faults.has('suspended-event-buffers-returned')) return [];
    const events = live?.events;
    const faults = events?.collect() ?? [];
    if (this.#faults.has('event-overflow-stops') && events && faults.length >= events.bufferCount) this.stop();
    return faults;
  }

  /** Resets the device and takes its memory back. A device that does not reset keeps it for good. */
  stop(): void {
    const live = this.#live;
    this.#live = undefined;
    if (!live || this.#faults.has('stop-without-reset')) return;
    if (this.#faults.has('stop-sets-failed')) {
      live.bringUp.giveUp('');
      return;
    }
    for (const queue of live.queues) queue.stop();
    if (!live.bringUp.reset()) {
      this.#platform.log('the IOMMU does not reset: its memory is lost');
      return;
    }
    live.requests.dispose();
    live.events?.dispose();
    if (live.adminq) this.#memory.release(live.adminq.pages);
  }
}
