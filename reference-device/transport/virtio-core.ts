/** What every transport shows of a virtio device: status, features, queues, configuration generation (chapter 2). */
import type { SuspensionStep, UnannouncedMoment } from '../trace-events.ts';
import type { Trace } from '../trace.ts';
import { STATUS, VIRTIO_MSI_NO_VECTOR } from '../wire/virtio.ts';
import { DeviceQueue } from './device-queue.ts';
import { isLive, type StatusEffect, statusAfterWrite } from './device-status.ts';
import { featureObjection } from './features.ts';
import { hasFeature } from '../wire/features.ts';
import { type Progress, Suspension } from './suspension.ts';
import type { VirtioDevice, VirtioTransport } from './virtio-device.ts';

/** The way from the device to its surroundings. `vector` is what the driver selected for the event. */
export interface Outlet {
  /** Whether the device may read and write memory; it may if left out. */
  reachesMemory?(): boolean;
  queueUsed(vector: number, because: 'queue' | 'spurious'): void;
  configChanged(vector: number): void;
}

/** An available buffer notification as it came over the bus. */
export interface Notification {
  readonly queue: number;
  readonly value: number;
  readonly width: number;
  readonly offset: number;
  /** The queue's queue_notif_config_data, where the transport has that register. */
  readonly notifConfigData?: number | undefined;
}

export class VirtioCore implements VirtioTransport {
  readonly device: VirtioDevice;
  readonly queues: readonly DeviceQueue[];
  readonly #byIndex: ReadonlyMap<number, DeviceQueue>;
  readonly #trace: Trace;
  readonly #outlet: Outlet;
  readonly #effects: Readonly<Record<StatusEffect, () => void>>;
  readonly #suspension: Suspension;
  /** Queues that the driver has notified of while the device could not reach them. */
  readonly #unserved = new Set<DeviceQueue>();
  #accepted = 0n;
  #negotiated = false;
  status = 0;
  generation = 0;
  deviceFeatureSelect = 0;
  driverFeatureSelect = 0;
  /** What the driver wrote to its feature windows; becomes effective with FEATURES_OK. */
  driverFeatures = 0n;
  queueSelect = 0;
  configVector: number = VIRTIO_MSI_NO_VECTOR;

  constructor(device: VirtioDevice, trace: Trace, outlet: Outlet) {
    this.device = device;
    this.#trace = trace;
    this.#outlet = outlet;
    const sizes = [...device.queueMaxSizes.entries()];
    if (device.adminQueue) sizes.push([device.adminQueue.index, device.adminQueue.maxSize]);
    this.queues = sizes.map(
      ([index, maxSize]) =>
        new DeviceQueue(device.name, index, maxSize, trace, {
          unusable: (says) => this.needReset(says),
          reachesMemory: () => this.#reachesMemory,
        }),
    );
    this.#byIndex = new Map(this.queues.map((queue) => [queue.index, queue]));
    this.#effects = {
      reset: () => this.reset('status-0'),
      'check-features': () => this.#checkFeatures(),
      suspend: () => this.#order('suspend', 'suspending'),
      resume: () => this.#order('resume', 'resuming'),
    };
    this.#suspension = new Suspension(device.suspension);
    device.connect(this);
  }

  get live(): boolean {
    return isLive(this.status);
  }

  get suspended(): boolean {
    return (this.status & STATUS.SUSPEND) !== 0;
  }

  /** The negotiated features; 0n before FEATURES_OK stands. */
  get accepted(): bigint {
    return this.#accepted;
  }

  get selectedQueue(): DeviceQueue | undefined {
    return this.queue(this.queueSelect);
  }

  queue(index: number): DeviceQueue | undefined {
    if (index === this.device.adminQueue?.index && !hasFeature(this.#accepted, 'VIRTIO_F_ADMIN_VQ')) return undefined;
    return this.#byIndex.get(index);
  }

  /** One read of device_status by the driver. */
  readStatus(): number {
    this.#advance(this.#suspension.look(this.status));
    return this.status;
  }

  writeStatus(written: number): void {
    if (written === 0 && this.suspended) this.#traceSuspension('reset');
    const canSuspend = hasFeature(this.#accepted, 'VIRTIO_F_SUSPEND');
    const { status, effects } = statusAfterWrite(this.status, written, canSuspend);
    const end = effects.find((effect) => effect === 'reset' || effect === 'suspend');
    if (end !== undefined) this.#traceUnannounced(end);
    this.status = status;
    for (const effect of effects) this.#effects[effect]();
  }

  #checkFeatures(): void {
    const { offered } = this.device;
    const accepted = this.driverFeatures;
    // core/device/features/accept-valid-subset; core/device/features/stable-renegotiation: nothing else is looked at.
    const kept = featureObjection(offered, accepted) === undefined && this.device.objectsTo(accepted) === undefined;
    this.#trace.add({ kind: 'features', device: this.device.name, offered, accepted, kept });
    if (!kept) {
      this.status &= ~STATUS.FEATURES_OK;
      return;
    }
    this.#accepted = accepted;
    this.#negotiated = true;
    for (const queue of this.queues) queue.formatIs(hasFeature(accepted, 'VIRTIO_F_RING_PACKED'));
    this.device.onFeatures(accepted);
  }

  #order(order: 'suspend' | 'resume', step: SuspensionStep): void {
    this.#traceSuspension(step);
    this.#advance(this.#suspension.begin(order, this.status));
  }

  #advance(progress: Progress): void {
    const { status, done, failed } = progress;
    this.status = status;
    if (done === 'suspend') this.device.onSuspend?.();
    if (done !== undefined) this.#traceSuspension(done === 'suspend' ? 'suspended' : 'resumed');
    if (done === 'resume') this.#resume();
    if (failed === undefined) return;
    this.#traceSuspension('failed');
    this.needReset(`it cannot ${failed}`);
  }

  #traceSuspension(step: SuspensionStep): void {
    const positions: { readonly queue: number; readonly position: number }[] = [];
    for (const queue of this.queues) {
      const position = queue.ringState()?.position;
      if (position !== undefined) positions.push({ queue: queue.index, position });
    }
    this.#trace.add({ kind: 'suspension', device: this.device.name, step, positions });
  }

  /** What would have been announced meanwhile is announced now, and what lies in the queues is taken. */
  #resume(): void {
    this.device.onResume?.();
    if ((this.status & STATUS.DEVICE_NEEDS_RESET) !== 0) this.#outlet.configChanged(this.configVector);
    for (const queue of this.queues) this.#process(queue);
  }

  /** A write to the device configuration. core/device/suspend/ignore-config-writes */
  writeConfig(offset: number, data: DataView): void {
    if (!this.suspended) this.device.writeConfig(offset, data);
  }

  /** The device was pulled out: it is reset without anybody having asked, and nobody can reach it any more. */
  remove(): void {
    this.status = 0;
    this.#accepted = 0n;
    this.#suspension.forget();
    this.device.onReset();
    this.#unserved.clear();
    for (const queue of this.queues) queue.reset();
  }

  /** Device reset (2.4): everything but the configuration generation, which only ever counts up. */
  reset(cause: 'status-0' | 'function' | 'staging'): void {
    this.#trace.add({ kind: 'reset', device: this.device.name, cause });
    // core/device/reset/status-zero-after-reset
    this.status = 0;
    this.#accepted = 0n;
    this.#negotiated = false;
    this.#suspension.forget();
    this.deviceFeatureSelect = 0;
    this.driverFeatureSelect = 0;
    this.driverFeatures = 0n;
    this.queueSelect = 0;
    this.configVector = VIRTIO_MSI_NO_VECTOR;
    this.device.onReset();
    this.#unserved.clear();
    for (const queue of this.queues) {
      queue.formatIs(false);
      this.resetQueue(queue);
    }
  }

  resetQueue(queue: DeviceQueue): void {
    if (queue.enabled) this.device.onQueueReset(queue);
    queue.reset();
  }

  /** The driver asks for the reset of one queue (2.6.1.1); without VIRTIO_F_RING_RESET nothing happens. */
  beginQueueReset(queue: DeviceQueue): void {
    if (!hasFeature(this.#accepted, 'VIRTIO_F_RING_RESET')) return;
    this.#traceUnannounced('queue-reset', [queue]);
    const readCount = this.device.queueResetReads ?? 0;
    if (readCount > 0 && queue.enabled) queue.beginReset(readCount);
    else this.resetQueue(queue);
  }

  /** Whether a queue reset is still going on; to be asked once for every read of the register that shows it. */
  queueResetGoesOn(queue: DeviceQueue): boolean {
    const state = queue.stepReset();
    // pci/device/common-cfg/queue-reset-1-while-ongoing
    // pci/device/common-cfg/both-0-when-done
    if (state === 'over') this.resetQueue(queue);
    return state === 'going-on';
  }

  /** Enables a queue; before FEATURES_OK with the features that the driver has written so far. */
  enableQueue(queue: DeviceQueue): void {
    const features = this.#negotiated ? this.#accepted : this.driverFeatures & this.device.offered;
    const { batchesUsed = false, misleads = false } = this.device;
    const ring = { accepted: features, batchesUsed, misleads };
    if (queue.enable(this.device.queueMemory(features), ring)) this.device.onQueueEnabled(queue);
  }

  /** An available buffer notification. Before DRIVER_OK it is traced and nothing else. */
  notify({ queue: index, value, width, offset, notifConfigData }: Notification): void {
    const queue = this.queue(index);
    const ring = queue?.notified();
    this.#trace.add({
      kind: 'notification',
      device: this.device.name,
      queue: index,
      value,
      width,
      offset,
      deviceStatus: this.status,
      ...(notifConfigData === undefined ? {} : { notifConfigData }),
      ...(ring && { ring }),
    });
    // split/device/avail-suppression/tolerate-spurious-kicks: a poll that finds nothing.
    if (queue === undefined) return;
    if (this.#reachesMemory || !this.live || !queue.enabled) {
      this.#process(queue);
      return;
    }
    this.#unserved.add(queue);
    this.#trace.add({ kind: 'unserved-queue', device: this.device.name, queue: index });
  }

  get #reachesMemory(): boolean {
    return this.#outlet.reachesMemory?.() ?? true;
  }

  /** The device may read and write memory from now on, and looks at what it was told of before. */
  memoryReached(): void {
    const queues = [...this.#unserved];
    this.#unserved.clear();
    for (const queue of queues) this.#process(queue);
  }

  /**
   * Polls all queues on the device's own account; whether anything lay there.
   * `split/prose/may-access-immediately`, `packed/prose/may-access-immediately`
   */
  pollQueues(): boolean {
    if (!this.live || !this.#reachesMemory) return false;
    const before = this.#takenCount;
    this.#traceUnannounced('poll');
    for (const queue of this.queues) this.#process(queue);
    return this.#takenCount > before;
  }

  /** A driver that resets or suspends what it uses, or waits for it, has sent every notification that it meant to send. */
  #traceUnannounced(because: UnannouncedMoment, queues = this.queues): void {
    if (this.live) for (const queue of queues) queue.traceUnannounced(because, this.status);
  }

  get #takenCount(): number {
    return this.queues.reduce((sum, queue) => sum + queue.takenCount, 0);
  }

  /** Goes on with queues whose last poll used its budget up; whether there was one. */
  continuePolls(): boolean {
    const unfinished = this.live ? this.queues.filter((queue) => queue.budgetExhausted) : [];
    for (const queue of unfinished) this.#process(queue);
    return unfinished.length > 0;
  }

  get hasUnfinishedPolls(): boolean {
    return this.live && this.queues.some((queue) => queue.budgetExhausted);
  }

  #process(queue: DeviceQueue): void {
    // core/device/status/no-consume-before-driver-ok
    if (!this.live || !queue.enabled || !this.#reachesMemory) return;
    queue.beginPoll();
    this.device.onBuffers(queue);
  }

  interruptIfWanted(queue: DeviceQueue): void {
    if (queue.needsInterrupt()) this.#outlet.queueUsed(queue.vector, 'queue');
  }

  interruptForNothing(queue: DeviceQueue): void {
    if (queue.enabled) this.#outlet.queueUsed(queue.vector, 'spurious');
  }

  configChanged(says: string, notify: boolean): void {
    // pci/device/common-cfg/generation-changes, mmio/device/regs/generation-changes
    this.generation = (this.generation + 1) & 0xff;
    this.#trace.add({ kind: 'config-change', device: this.device.name, says });
    if (notify && this.live) this.#outlet.configChanged(this.configVector);
  }

  needReset(says: string): void {
    // core/device/status/set-needs-reset
    this.status |= STATUS.DEVICE_NEEDS_RESET;
    this.#trace.add({ kind: 'config-change', device: this.device.name, says: `DEVICE_NEEDS_RESET: ${says}` });
    // core/device/status/notify-needs-reset
    if (this.live) this.#outlet.configChanged(this.configVector);
  }
}
