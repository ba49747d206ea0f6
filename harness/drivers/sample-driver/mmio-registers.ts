/** virtio over MMIO, version 2 (4.2.2): the registers of one device, with offsets written out. */
import { readThrough, type Width, writeThrough } from './bus-access.ts';
import type { DeviceRegisters, QueueAddresses } from './device-registers.ts';
import type { DriverFaultName, DriverFaults } from './driver-faults.ts';
import type { PlatformWindow } from './platform.ts';
import { NO_VECTOR } from './virtio-registers.ts';

const MAGIC_VALUE = 0x000;
const VERSION = 0x004;
const DEVICE_ID = 0x008;
const VENDOR_ID = 0x00c;
const DEVICE_FEATURES = 0x010;
const DEVICE_FEATURES_SEL = 0x014;
const DRIVER_FEATURES = 0x020;
const DRIVER_FEATURES_SEL = 0x024;
/** Of version 1 only. */
const GUEST_PAGE_SIZE = 0x028;
const QUEUE_SEL = 0x030;
const QUEUE_SIZE_MAX = 0x034;
const QUEUE_SIZE = 0x038;
const QUEUE_READY = 0x044;
const QUEUE_NOTIFY = 0x050;
const INTERRUPT_STATUS = 0x060;
const INTERRUPT_ACK = 0x064;
const STATUS = 0x070;
const QUEUE_DESC = 0x080;
const QUEUE_DRIVER = 0x090;
const QUEUE_DEVICE = 0x0a0;
const SHM_SEL = 0x0ac;
const SHM_LEN_LOW = 0x0b0;
const QUEUE_RESET = 0x0c0;
const CONFIG_GENERATION = 0x0fc;
const CONFIG = 0x100;
/** Where a configuration of 40 bytes has ended. */
const BEYOND_CONFIG = 0x140;

const MAGIC = 0x7472_6976;
/** The device type of an IOMMU. */
const IOMMU = 23;

const USED_BUFFER = 1;
const CONFIG_CHANGE = 2;
const FAILED = 0x80;

/** Looks at who is there (4.2.3.1); the IOMMU's registers, or a sentence that says why they are left alone. */
export function openMmioIommu(window: PlatformWindow, faults: DriverFaults): DeviceRegisters | string {
  const read = (offset: number): number => readThrough(4, (out) => window.readRegister(offset, out));
  const reset = (): void => writeThrough(4, 0, (data) => window.writeRegister(STATUS, data));
  const leave = (reason: string): string => {
    if (faults.has('mmio-stranger-reset')) reset();
    return reason;
  };
  if (faults.has('mmio-reset-before-look')) reset();
  if (faults.has('mmio-device-id-first')) read(DEVICE_ID);
  if (faults.has('mmio-magic-read-twice')) read(MAGIC_VALUE);
  if (read(MAGIC_VALUE) !== MAGIC && !faults.has('mmio-magic-unchecked')) {
    return leave('no virtio device is in the window');
  }
  if (read(VERSION) !== 2 && !faults.has('mmio-version-unchecked')) {
    return leave('the device in the window has a version that this driver does not know');
  }
  if (faults.has('mmio-vendor-id-first')) read(VENDOR_ID);
  if (faults.has('mmio-device-id-unread')) return new MmioRegisters(window, faults);
  const type = read(DEVICE_ID);
  const goesOn = type === IOMMU || (type === 0 && faults.has('mmio-device-id-0-used'));
  return goesOn ? new MmioRegisters(window, faults) : leave('the window holds no IOMMU');
}

/** The type of the virtio device in the window, looked at in the order of 4.2.3.1; undefined if there is none. */
export function deviceInWindow(window: PlatformWindow): number | undefined {
  const read = (offset: number): number => readThrough(4, (out) => window.readRegister(offset, out));
  return read(MAGIC_VALUE) === MAGIC && read(VERSION) === 2 ? read(DEVICE_ID) : undefined;
}

export class MmioRegisters implements DeviceRegisters {
  /** The one interrupt line tells what happened by InterruptStatus: there is nothing to assign. */
  readonly vectorCount = 0;
  readonly #window: PlatformWindow;
  readonly #faults: DriverFaults;
  #selected = 0;
  /** Interrupts of the line that have been dealt with, and what they told of. */
  #served: number;
  #queueInterrupts = 0;
  #configInterrupts = 0;
  #notifications = 0;

  constructor(window: PlatformWindow, faults: DriverFaults) {
    this.#window = window;
    this.#faults = faults;
    this.#served = window.interrupts();
    if (faults.has('mmio-legacy-registers')) this.#write(GUEST_PAGE_SIZE, 4096);
    if (faults.has('mmio-starts-with-queues')) this.#write(QUEUE_SEL, 0);
    if (faults.has('mmio-shared-memory-looked-for')) this.#read(SHM_LEN_LOW);
    if (faults.has('mmio-shared-memory-selected')) this.#write(SHM_SEL, 0);
    if (faults.has('mmio-config-read-beyond')) this.#read(BEYOND_CONFIG);
  }

  #read(offset: number, width: Width = 4): number {
    return readThrough(width, (out) => this.#window.readRegister(offset, out));
  }

  #write(offset: number, value: number | bigint, width: Width = 4): void {
    writeThrough(width, value, (data) => this.#window.writeRegister(offset, data));
  }

  get status(): number {
    return this.#read(STATUS, this.#faults.has('mmio-byte-access') ? 1 : 4);
  }

  set status(value: number) {
    this.#write(STATUS, value);
  }

  offeredFeatures(): bigint {
    let word = 0n;
    for (const half of [0, 1]) {
      if (this.#selects('mmio-device-features-unselected', half)) this.#write(DEVICE_FEATURES_SEL, half);
      word |= BigInt(this.#read(DEVICE_FEATURES)) << BigInt(32 * half);
    }
    return word;
  }

  acceptFeatures(word: bigint): void {
    for (const half of [0, 1]) {
      if (this.#selects('mmio-driver-features-unselected', half)) this.#write(DRIVER_FEATURES_SEL, half);
      this.#write(DRIVER_FEATURES, (word >> BigInt(32 * half)) & 0xffff_ffffn);
    }
  }

  #selects(unless: DriverFaultName, half: number): boolean {
    return !this.#faults.has('mmio-features-never-selected') && (half === 1 || !this.#faults.has(unless));
  }

  get configGeneration(): number {
    if (this.#faults.has('mmio-writes-read-only')) this.#write(CONFIG_GENERATION, 0);
    return this.#read(CONFIG_GENERATION);
  }

  setConfigVector(): number {
    return NO_VECTOR;
  }

  setQueueVector(): number {
    return NO_VECTOR;
  }

  queueInterrupts(): number {
    this.#serveInterrupt();
    return this.#queueInterrupts;
  }

  configInterrupts(): number {
    this.#serveInterrupt();
    return this.#configInterrupts;
  }

  /** What a handler of the line does: finds out what happened and acknowledges it; the rest is done where it is asked for. */
  #serveInterrupt(): void {
    const interrupts = this.#window.interrupts();
    if (interrupts === this.#served || this.#faults.has('mmio-interrupts-ignored')) return;
    this.#served = interrupts;
    const blind = this.#faults.has('mmio-interrupt-status-unread');
    const happened = blind ? USED_BUFFER | CONFIG_CHANGE : this.#read(INTERRUPT_STATUS);
    const known = happened & (USED_BUFFER | CONFIG_CHANGE);
    if (happened !== known && this.#faults.has('mmio-undefined-status-gives-up')) this.status |= FAILED;
    if (happened !== known && this.#faults.has('mmio-undefined-status-resets')) this.status = 0;
    if ((happened & USED_BUFFER) !== 0) this.#queueInterrupts++;
    if ((happened & CONFIG_CHANGE) !== 0) this.#configInterrupts++;
    if (known !== 0) this.#acknowledge(happened, known);
  }

  #acknowledge(happened: number, known: number): void {
    if (this.#faults.has('mmio-ack-forgotten')) return;
    let bits = known;
    if (this.#faults.has('mmio-acks-everything')) bits = 0xffff_ffff;
    if (this.#faults.has('mmio-acks-what-it-read')) bits = happened;
    if (this.#faults.has('mmio-config-change-not-acked')) bits &= ~CONFIG_CHANGE;
    if (this.#faults.has('mmio-clears-interrupt-status')) this.#write(INTERRUPT_STATUS, 0);
    this.#write(INTERRUPT_ACK, bits);
    if (this.#faults.has('mmio-reads-interrupt-ack')) this.#read(INTERRUPT_ACK);
  }

  /** Not over MMIO (4.2.5). */
  readonly adminQueues = undefined;
  readonly enableVirtualFunctions = undefined;

  selectQueue(queue: number): void {
    this.#selected = queue;
    this.#write(QUEUE_SEL, queue);
  }

  /** 0 for a queue that is in use already: nobody else can be using it. */
  get queueSize(): number {
    const inUse = !this.#faults.has('mmio-queue-in-use-unchecked') && this.#read(QUEUE_READY) !== 0;
    return inUse ? 0 : this.#read(QUEUE_SIZE_MAX);
  }

  set queueSize(size: number) {
    this.#write(QUEUE_SIZE, size);
    if (this.#faults.has('mmio-reads-write-only')) this.#read(QUEUE_SIZE);
  }

  setQueueAddresses(addresses: QueueAddresses): void {
    this.#writeAddress(QUEUE_DESC, addresses.desc);
    this.#writeAddress(QUEUE_DRIVER, addresses.driver);
    this.#writeAddress(QUEUE_DEVICE, addresses.device);
  }

  #writeAddress(offset: number, address: bigint): void {
    if (this.#faults.has('wide-ring-address-write')) {
      this.#write(offset, address, 8);
      return;
    }
    this.#write(offset, address & 0xffff_ffffn);
    if (!this.#faults.has('ring-address-low-half')) this.#write(offset + 4, address >> 32n);
  }

  enableQueue(enable: 0 | 1 = 1): void {
    this.#write(QUEUE_READY, enable);
  }

  resetQueue(): void {
    this.#write(QUEUE_RESET, 1);
  }

  get isQueueResetting(): boolean {
    return this.#read(QUEUE_RESET) !== 0;
  }

  stopQueue(queue: number): void {
    this.selectQueue(queue);
    if (this.#faults.has('queue-size-zeroed-on-stop')) this.#write(QUEUE_SIZE, 0);
    if (this.#faults.has('mmio-queue-ready-read-too-early')) this.#read(QUEUE_READY);
    this.#write(QUEUE_READY, 0);
    const forgets =
      this.#faults.has('mmio-queue-ready-not-read-back') || this.#faults.has('mmio-queue-ready-read-too-early');
    if (!forgets) this.#read(QUEUE_READY);
  }

  /** There is one place for all queues; they are told apart by what is written there. */
  get queueNotifyOff(): number {
    return 0;
  }

  get queueNotifConfigData(): number {
    return this.#selected;
  }

  notify(_notifyOff: number, _width: Width, value: number): void {
    this.#notifications++;
    const shown = this.#faults.has('mmio-notifies-with-count') ? 1 + this.#notifications : value;
    this.#write(QUEUE_NOTIFY, shown, this.#faults.has('mmio-notifies-by-half-words') ? 2 : 4);
  }

  notifyAt(_byteOffset: number, width: Width, value: number): void {
    this.notify(0, width, value);
  }

  readDevice(offset: number, width: Width): number {
    return this.#read(CONFIG + offset, width);
  }

  writeDevice(offset: number, width: Width, value: number | bigint): void {
    this.#write(CONFIG + offset, value, width);
  }
}
