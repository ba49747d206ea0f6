/** A virtio device as a PCI function (4.1). The function lasts for a boot; the device inside is replaced for every case. */
import { ISR, VIRTIO_MSI_NO_VECTOR, VIRTIO_PCI_DEVICE_BASE, VIRTIO_PCI_VENDOR } from '../wire/virtio.ts';
import type { DeviceFaultName } from '../device-faults.ts';
import type { FunctionShape } from '../machine-setup.ts';
import type { Trace } from '../trace.ts';
import { BasicPciFunction } from './basic-pci-function.ts';
import { hasFeature } from '../wire/features.ts';
import { commonConfiguration, notifConfigData } from './pci-common.ts';
import type { FunctionHost } from './pci-function.ts';
import { RegisterFile, registerAt, valueOf } from './register-file.ts';
import { PciCfgWindow } from './pci-cfg-window.ts';
import { type PciShow, pciShow, type ShownDevice, SHOW_FAULTS } from './pci-show.ts';
import { type Bar0Layout, NOTIFY_OFF_MULTIPLIER, SECOND_INSTANCE, STRUCTURE_BYTES } from './virtio-capabilities.ts';
import { VirtioCore } from './virtio-core.ts';
import type { VirtioDevice } from './virtio-device.ts';

/** What stays the same for a boot. */
export interface VirtioPciSpec {
  readonly name: string;
  /** Virtio device ID. */
  readonly deviceId: number;
  readonly classCode: number;
  /** Length of the device configuration in bytes. */
  readonly configLength: number;
  /** Whether its device has other functions. False if left out. */
  readonly isMultiFunction?: boolean;
}

/** pci/device/discovery/subsystem-id-ge-0x40 */
const SUBSYSTEM = 0x1100;

type StructureName = keyof Bar0Layout;
const STRUCTURES: readonly StructureName[] = ['common', 'isr', 'device', 'notify'];

interface Staged {
  readonly core: VirtioCore;
  readonly common: RegisterFile;
}

export class VirtioPciFunction extends BasicPciFunction {
  readonly #isr: RegisterFile;
  readonly #device: ShownDevice;
  readonly #plain: PciShow;
  readonly #window: PciCfgWindow;
  #shown: PciShow;
  #isrStatus = 0;
  #staged: Staged | undefined;

  constructor(spec: VirtioPciSpec, host: FunctionHost, trace: Trace) {
    const shown = { device: VIRTIO_PCI_DEVICE_BASE + spec.deviceId, configLength: spec.configLength };
    const plain = pciShow(shown, new Set());
    super({
      name: spec.name,
      identity: {
        ...plain.identity,
        classCode: spec.classCode,
        subsystemVendor: VIRTIO_PCI_VENDOR,
        subsystem: SUBSYSTEM,
        isMultiFunction: spec.isMultiFunction ?? false,
        hasLine: host.interruptLine !== undefined,
      },
      registerBytes: STRUCTURE_BYTES * STRUCTURES.length,
      capabilities: plain.capabilities,
      host,
      trace,
    });
    this.#device = shown;
    this.#plain = plain;
    this.#shown = plain;
    this.#window = new PciCfgWindow(this.config, this.barSizes, {
      read: (bar, offset, out) => this.readBehindBar(bar, offset, out),
      write: (bar, offset, data) => this.writeBehindBar(bar, offset, data),
      accessed: (access) => this.trace.add({ kind: 'window-access', device: this.name, ...access }),
    });
    this.#window.structures = plain.capabilities;
    this.#isr = new RegisterFile([{ offset: 0, width: 1, name: 'isr_status', read: () => this.#readIsr() }]);
  }

  /** The device inside, as far as the transport knows it. */
  get core(): VirtioCore | undefined {
    return this.#staged?.core;
  }

  /**
   * Puts a new device in, reset; without one the slot is empty. Configuration space stays as the guest has set it,
   * unless switches in `on`, or its `shape`, make it look different from before.
   */
  stage(
    device: VirtioDevice | undefined,
    on: ReadonlySet<DeviceFaultName> = new Set(),
    shape: FunctionShape = {},
  ): void {
    this.present = device !== undefined;
    const shown = { ...this.#device, configLength: device?.configLength ?? this.#device.configLength };
    const isPlain = shown.configLength === this.#device.configLength && SHOW_FAULTS.every((name) => !on.has(name));
    const isUsual = isPlain && shape.vectors === undefined && shape.capabilities === undefined;
    const show = isUsual ? this.#plain : pciShow(shown, on, shape);
    if (show !== this.#shown) this.show(show.identity, show.vectorCount, show.capabilities, show.extended);
    this.#shown = show;
    this.#window.structures = show.capabilities;
    this.#isrStatus = 0;
    if (device === undefined) {
      this.#staged = undefined;
      return;
    }
    const core = new VirtioCore(device, this.trace, {
      reachesMemory: () => this.busMaster,
      queueUsed: (vector, because) => {
        // pci/device/isr/queue-bit-before-notify
        if (!this.interrupts.enabled) this.#tellByLine(ISR.QUEUE, because);
        this.#interrupt(vector, because);
      },
      configChanged: (vector) => {
        // pci/device/isr/config-bit-before-notify
        this.#tellByLine(ISR.CONFIG, 'config');
        this.#interrupt(vector, 'config');
      },
    });
    core.reset('staging');
    this.#staged = { core, common: new RegisterFile(commonConfiguration(core, show.vectorCount)) };
  }

  protected override onBusMaster(): void {
    this.#staged?.core.memoryReached();
  }

  /** Sets a bit of ISR; without MSI-X that makes INTx go up, where it stays until ISR is read. */
  #tellByLine(bit: number, because: 'queue' | 'config' | 'spurious'): void {
    const wasUp = this.#isrStatus !== 0;
    this.#isrStatus |= bit;
    if (wasUp || !this.lineUp || this.host.interruptLine?.() !== true) return;
    this.trace.add({ kind: 'interrupt', device: this.name, vector: VIRTIO_MSI_NO_VECTOR, because });
  }

  override get lineUp(): boolean {
    return this.#isrStatus !== 0 && !this.interrupts.enabled && !this.config.lineDisabled;
  }

  #interrupt(vector: number, because: 'queue' | 'config' | 'spurious'): void {
    // pci/device/used-notify/no-irq-when-unmapped, pci/device/config-notify/no-irq-when-unmapped
    if (vector === VIRTIO_MSI_NO_VECTOR) return;
    if (!this.interrupts.fire(vector)) return;
    this.trace.add({ kind: 'interrupt', device: this.name, vector, because });
    const address = this.interrupts.messageAddress(vector);
    if (address !== undefined) this.#staged?.core.device.onMessage?.(address);
  }

  /** pci/device/isr/clear-on-read */
  #readIsr(): number {
    const status = this.#isrStatus;
    this.#isrStatus = 0;
    return status;
  }

  protected override resetRegisters(): void {
    this.#isrStatus = 0;
    this.#staged?.core.reset('function');
  }

  protected override readRegisters(offset: number, out: DataView): void {
    const staged = this.#staged;
    const place = structureAt(offset, this.#shown);
    if (staged === undefined || place === undefined) return;
    const { structure, at } = place;
    const named = this.#fieldAt(staged, place);
    if (structure === 'common') staged.common.read(at, out);
    else if (structure === 'isr') this.#isr.read(at, out);
    else if (structure === 'device') staged.core.device.readConfig(at, out);
    this.traceAccess('register-read', { device: this.name, structure, offset: at, ...named }, out);
  }

  protected override writeRegisters(offset: number, data: DataView): void {
    const staged = this.#staged;
    const place = structureAt(offset, this.#shown);
    if (staged === undefined || place === undefined) return;
    const { structure, at } = place;
    if (structure === 'notify' && this.#notify(staged.core, place, data)) return;
    const named = this.#fieldAt(staged, place);
    this.traceAccess('register-write', { device: this.name, structure, offset: at, ...named }, data);
    if (structure === 'common') staged.common.write(at, data);
    else if (structure === 'device') staged.core.writeConfig(at, data);
  }

  #fieldAt(
    { core, common }: Staged,
    { structure, at, shownAt }: RegisterPosition,
  ): { field: string; instance?: number; queue?: number } {
    const register = structure === 'common' ? common.at(at) : undefined;
    const configField = structure === 'device' ? registerAt(core.device.configFields, at) : undefined;
    const isr = structure === 'isr' ? this.#isr.at(at) : undefined;
    return {
      field: (register ?? configField ?? isr)?.name ?? '',
      ...(shownAt !== at && { instance: 2 }),
      ...(register?.perQueue === true && { queue: core.queueSelect }),
    };
  }

  /** The place says which queue is meant; what was written is for the monitors to judge. */
  #notify(core: VirtioCore, { at, shownAt }: RegisterPosition, data: DataView): boolean {
    const queue = at / NOTIFY_OFF_MULTIPLIER;
    if (core.queue(queue) === undefined) return false;
    const hasRegister = hasFeature(core.device.offered, 'VIRTIO_F_NOTIF_CONFIG_DATA');
    core.notify({
      queue,
      value: Number(valueOf(data)),
      width: data.byteLength,
      offset: shownAt,
      notifConfigData: hasRegister ? notifConfigData(queue) : undefined,
    });
    return true;
  }

  /** What has no addresses answers nothing; only the window still leads there. */
  override readBar(bar: number, offset: number, out: DataView): void {
    if (this.#shown.hasBars) super.readBar(bar, offset, out);
    else for (let at = 0; at < out.byteLength; at++) out.setUint8(at, 0xff);
  }

  override writeBar(bar: number, offset: number, data: DataView): void {
    if (this.#shown.hasBars) super.writeBar(bar, offset, data);
  }

  override readConfig(offset: number, out: DataView): void {
    // pci/device/isr/intx-status
    this.config.interruptStatus = this.#isrStatus !== 0 && !this.interrupts.enabled;
    if (this.present && this.#window.hasData(offset, out.byteLength)) this.#window.readThrough();
    super.readConfig(offset, out);
  }

  override writeConfig(offset: number, data: DataView): void {
    super.writeConfig(offset, data);
    if (!this.present) return;
    this.#window.noteWrite(offset, data.byteLength);
    if (this.#window.hasData(offset, data.byteLength)) this.#window.writeThrough();
  }
}

interface RegisterPosition {
  readonly structure: StructureName;
  /** Offset in the structure. */
  readonly at: number;
  /** The same, but counted from the first instance if the second was used. */
  readonly shownAt: number;
}

/** The structure that holds BAR 0's `offset`, and where in it. */
function structureAt(offset: number, { layout, hasSecondInstances }: PciShow): RegisterPosition | undefined {
  const structure = STRUCTURES.find((name) => offset >= layout[name] && offset < layout[name] + STRUCTURE_BYTES);
  if (structure === undefined) return undefined;
  const shownAt = offset - layout[structure];
  return { structure, at: hasSecondInstances ? shownAt % SECOND_INSTANCE : shownAt, shownAt };
}
