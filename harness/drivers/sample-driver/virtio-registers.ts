/** The common configuration structure (4.1.4.3), device configuration and notifications, with offsets written out. */
import type { DriverFaults } from './driver-faults.ts';
import type { Width } from './bus-access.ts';
import type { AdminQueues, DeviceRegisters, QueueAddresses } from './device-registers.ts';
import type { PciDevice } from './pci.ts';
import { virtualFunctions } from './virtual-functions.ts';
import type { VirtioLayout } from './virtio-layout.ts';

const DEVICE_FEATURE_SELECT = 0;
const DEVICE_FEATURE = 4;
const DRIVER_FEATURE_SELECT = 8;
const DRIVER_FEATURE = 12;
const CONFIG_MSIX_VECTOR = 16;
const DEVICE_STATUS = 20;
const CONFIG_GENERATION = 21;
const QUEUE_SELECT = 22;
const QUEUE_SIZE = 24;
const QUEUE_MSIX_VECTOR = 26;
const QUEUE_ENABLE = 28;
const QUEUE_NOTIFY_OFF = 30;
const QUEUE_DESC = 32;
const QUEUE_DRIVER = 40;
const QUEUE_DEVICE = 48;
const QUEUE_NOTIF_CONFIG_DATA = 56;
const QUEUE_RESET = 58;
const ADMIN_QUEUE_INDEX = 60;
const ADMIN_QUEUE_NUM = 62;

const ISR_QUEUE = 1;
const ISR_CONFIG = 2;

export const NO_VECTOR = 0xffff;

/** Vector for configuration changes. */
export const CONFIG_VECTOR = 0;

/** Registers of one virtio device on PCI. */
export class VirtioRegisters implements DeviceRegisters {
  readonly #pci: PciDevice;
  readonly #layout: VirtioLayout;
  readonly #faults: DriverFaults;
  readonly enableVirtualFunctions: (() => void) | undefined;
  /** Interrupts of INTx that have been dealt with, and what they told of. */
  #served: number;
  #queueInterrupts = 0;
  #configInterrupts = 0;
  /** As it was last read. */
  #queueSize = 0;

  constructor(pci: PciDevice, layout: VirtioLayout, faults: DriverFaults) {
    this.#pci = pci;
    this.#layout = layout;
    this.#faults = faults;
    this.#served = pci.lineInterrupts();
    this.enableVirtualFunctions = virtualFunctions(pci);
  }

  #read(offset: number, width: Width): number {
    return this.#pci.readBar(this.#layout.common.bar, this.#layout.common.offset + offset, width);
  }

  #write(offset: number, width: Width, value: number | bigint): void {
    this.#pci.writeBar(this.#layout.common.bar, this.#layout.common.offset + offset, width, value);
    if (this.#faults.has('reads-registers-back')) this.#read(offset, width);
  }

  get status(): number {
    return this.#read(DEVICE_STATUS, 1);
  }

  set status(value: number) {
    this.#write(DEVICE_STATUS, this.#faults.has('wide-status-write') ? 4 : 1, value);
  }

  offeredFeatures(): bigint {
    let word = 0n;
    for (const part of this.#featureParts) {
      this.#write(DEVICE_FEATURE_SELECT, 4, part);
      word |= BigInt(this.#read(DEVICE_FEATURE, 4)) << BigInt(32 * part);
    }
    return word;
  }

  acceptFeatures(word: bigint): void {
    for (const part of this.#featureParts) {
      this.#write(DRIVER_FEATURE_SELECT, 4, part);
      this.#write(DRIVER_FEATURE, 4, Number((word >> BigInt(32 * part)) & 0xffff_ffffn));
    }
  }

  /** Of 32 bits each, in the order in which they are gone through. */
  get #featureParts(): readonly number[] {
    return this.#faults.has('feature-words-from-the-top') ? [3, 2, 1, 0] : [0, 1];
  }

  get configGeneration(): number {
    if (this.#faults.has('clears-config-generation')) this.#write(CONFIG_GENERATION, 1, 0);
    return this.#read(CONFIG_GENERATION, 1);
  }

  get vectorCount(): number {
    return this.#faults.has('polls-only') ? 0 : (this.#layout.msix?.vectorCount ?? 0);
  }

  queueInterrupts(vector: number | undefined): number {
    const { isr } = this.#layout;
    if (isr && this.#faults.has('reads-isr-with-msix')) this.#pci.readBar(isr.bar, isr.offset, 1);
    if (vector !== undefined) return this.#pci.interrupts(vector);
    this.#serveLine();
    return this.#queueInterrupts;
  }

  /** What a handler of INTx does: reading ISR says what happened, and takes the line down (4.1.4.5). */
  #serveLine(): void {
    const { isr } = this.#layout;
    const raised = this.#pci.lineInterrupts();
    if (this.vectorCount > 0 || !isr || raised === this.#served) return;
    this.#served = raised;
    if (this.#faults.has('isr-unread')) return;
    if (this.#faults.has('isr-acknowledged-by-write')) {
      this.#pci.writeBar(isr.bar, isr.offset, 1, ISR_QUEUE | ISR_CONFIG);
      return;
    }
    const happened = this.#pci.readBar(isr.bar, isr.offset, 1);
    if ((happened & ISR_QUEUE) !== 0) this.#queueInterrupts++;
    if ((happened & ISR_CONFIG) !== 0) this.#configInterrupts++;
  }

  configInterrupts(): number {
    this.#serveLine();
    if (this.vectorCount === 0) return this.#configInterrupts;
    const interrupts = this.#pci.interrupts(CONFIG_VECTOR);
    if (this.vectorCount > 1) return interrupts;
    if (this.#faults.has('config-change-on-own-vector-only')) return 0;
    return this.#faults.has('config-change-on-shared-vector-once') ? Math.min(interrupts, 1) : interrupts;
  }

  /** Assigns the vector for configuration changes; what the device made of it. */
  setConfigVector(vector: number): number {
    this.#write(CONFIG_MSIX_VECTOR, 2, this.#faults.has('config-vector-out-of-table') ? this.vectorCount : vector);
    const isBlind = this.#faults.has('vector-not-read-back') || this.#faults.has('config-vector-not-read-back');
    return isBlind ? vector : this.#read(CONFIG_MSIX_VECTOR, 2);
  }

  /** Assigns the vector of the selected queue; what the device made of it. */
  setQueueVector(vector: number): number {
    this.#write(QUEUE_MSIX_VECTOR, 2, vector);
    return this.#faults.has('vector-not-read-back') ? vector : this.#read(QUEUE_MSIX_VECTOR, 2);
  }

  readonly adminQueues = (): AdminQueues => ({
    first: this.#read(ADMIN_QUEUE_INDEX, 2),
    count: this.#read(ADMIN_QUEUE_NUM, 2),
  });

  selectQueue(queue: number): void {
    this.#write(QUEUE_SELECT, this.#faults.has('wide-common-write') ? 4 : 2, queue);
  }

  /** Size of the selected queue: the maximum before it is set. 0: there is no such queue. */
  get queueSize(): number {
    this.#queueSize = this.#read(QUEUE_SIZE, this.#faults.has('wide-common-read') ? 4 : 2) & 0xffff;
    return this.#queueSize;
  }

  set queueSize(size: number) {
    if (size === this.#queueSize && this.#faults.has('leaves-queue-size')) return;
    this.#write(QUEUE_SIZE, 2, size);
  }

  setQueueAddresses(addresses: QueueAddresses): void {
    this.#writeAddress(QUEUE_DESC, addresses.desc);
    this.#writeAddress(QUEUE_DRIVER, addresses.driver);
    this.#writeAddress(QUEUE_DEVICE, addresses.device);
  }

  #writeAddress(offset: number, address: bigint): void {
    if (this.#faults.has('wide-ring-address-write')) {
      this.#write(offset, 8, address);
      return;
    }
    this.#write(offset, 4, Number(address & 0xffff_ffffn));
    if (!this.#faults.has('ring-address-low-half')) this.#write(offset + 4, 4, Number(address >> 32n));
  }

  enableQueue(enable: 0 | 1 = 1): void {
    if (this.#faults.has('reads-queue-reset-without-feature')) this.#read(QUEUE_RESET, 2);
    this.#write(QUEUE_ENABLE, 2, enable);
  }

  /** A reset of the device stops them all: there is nothing to do. */
  stopQueue(queue: number): void {
    const disables = this.#faults.has('disables-queues-on-stop');
    const zeroes = this.#faults.has('queue-size-zeroed-on-stop');
    if (disables || zeroes) this.selectQueue(queue);
    if (zeroes) this.queueSize = 0;
    if (disables) this.enableQueue(0);
  }

  resetQueue(): void {
    this.#write(QUEUE_RESET, 2, 1);
  }

  get isQueueResetting(): boolean {
    return this.#read(QUEUE_RESET, 2) !== 0;
  }

  get queueNotifyOff(): number {
    return this.#read(QUEUE_NOTIFY_OFF, 2);
  }

  get queueNotifConfigData(): number {
    return this.#read(QUEUE_NOTIF_CONFIG_DATA, 2);
  }

  /** Notifies at a queue's own place. `width` is 4 only with VIRTIO_F_NOTIFICATION_DATA. */
  notify(notifyOff: number, width: Width, value: number): void {
    const { bar, offset } = this.#layout.notify;
    const at = offset + notifyOff * this.#layout.notifyMultiplier;
    if (width === 4 && this.#faults.has('notification-data-in-halves')) {
      this.#pci.writeBar(bar, at, 2, value & 0xffff);
      this.#pci.writeBar(bar, at + 2, 2, value >>> 16);
    } else this.#pci.writeBar(bar, at, width, value);
  }

  /** Notifies at a byte offset of the notification structure. */
  notifyAt(byteOffset: number, width: Width, value: number): void {
    this.#pci.writeBar(this.#layout.notify.bar, this.#layout.notify.offset + byteOffset, width, value);
  }

  /** Reads device configuration; 0 if there is none or it is too short. */
  readDevice(offset: number, width: Width): number {
    const place = this.#layout.device;
    if (!place || offset + width > place.length) return 0;
    return this.#pci.readBar(place.bar, place.offset + offset, width);
  }

  writeDevice(offset: number, width: Width, value: number | bigint): void {
    const place = this.#layout.device;
    if (place) this.#pci.writeBar(place.bar, place.offset + offset, width, value);
  }
}
