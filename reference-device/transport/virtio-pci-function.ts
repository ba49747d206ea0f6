/** A virtio device as a PCI function (4.1). The function lasts for a boot; the device inside is replaced for every case. */
import { ISR, VIRTIO_MSI_NO_VECTOR, VIRTIO_PCI_DEVICE_BASE, VIRTIO_PCI_VENDOR } from '../wire/virtio.ts';
import type { Trace } from '../trace-events.ts';
import { BasicPciFunction } from './basic-pci-function.ts';
import { pciIdentifier } from './notification-data.ts';
import { commonConfiguration } from './pci-common.ts';
import type { FunctionHost } from './pci-function.ts';
import { RegisterFile, registerAt, valueOf } from './register-file.ts';
import {
  BAR0_LAYOUT,
  NOTIFY_OFF_MULTIPLIER,
  PCI_CFG_DATA_BYTES,
  PCI_CFG_FIELDS,
  STRUCTURE_BYTES,
  virtioCapabilities,
} from './virtio-capabilities.ts';
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
}

/** Among the capabilities, MSI-X comes first and the PCI_CFG window last. */
const WINDOW_CAPABILITY = 5;

/** pci/device/discovery/subsystem-id-ge-0x40 */
const SUBSYSTEM = 0x1100;

type StructureName = keyof typeof BAR0_LAYOUT;
const STRUCTURES: readonly StructureName[] = ['common', 'isr', 'device', 'notify'];

interface Staged {
  readonly core: VirtioCore;
  readonly common: RegisterFile;
}

export class VirtioPciFunction extends BasicPciFunction {
  readonly #isr: RegisterFile;
  readonly #window: number;
  #isrStatus = 0;
  #staged: Staged | undefined;

  constructor(spec: VirtioPciSpec, host: FunctionHost, trace: Trace) {
    super({
      name: spec.name,
      identity: {
        vendor: VIRTIO_PCI_VENDOR,
        device: VIRTIO_PCI_DEVICE_BASE + spec.deviceId,
        classCode: spec.classCode,
        revision: 1,
        subsystemVendor: VIRTIO_PCI_VENDOR,
        subsystem: SUBSYSTEM,
      },
      registerBytes: STRUCTURE_BYTES * STRUCTURES.length,
      capabilities: virtioCapabilities(spec.configLength),
      host,
      trace,
    });
    this.#window = this.config.capabilityAt(WINDOW_CAPABILITY);
    this.#isr = new RegisterFile([{ offset: 0, width: 1, name: 'isr_status', read: () => this.#readIsr() }]);
  }

  /** The device inside, as far as the transport knows it. */
  get core(): VirtioCore | undefined {
    return this.#staged?.core;
  }

  /** Puts a new device in, reset; without one the slot is empty. Configuration space stays as the guest has set it. */
  stage(device: VirtioDevice | undefined): void {
    this.present = device !== undefined;
    this.#isrStatus = 0;
    if (device === undefined) {
      this.#staged = undefined;
      return;
    }
    const core = new VirtioCore(device, this.trace, {
      queueUsed: (vector, because) => {
        // pci/device/isr/queue-bit-before-notify
        if (!this.interrupts.enabled) this.#isrStatus |= ISR.QUEUE;
        this.#interrupt(vector, because);
      },
      configChanged: (vector) => {
        // pci/device/isr/config-bit-before-notify
        this.#isrStatus |= ISR.CONFIG;
        this.#interrupt(vector, 'config');
      },
    });
    core.reset('staging');
    this.#staged = { core, common: new RegisterFile(commonConfiguration(core, this.msixVectorCount)) };
  }

  #interrupt(vector: number, because: 'queue' | 'config' | 'spurious'): void {
    // pci/device/used-notify/no-irq-when-unmapped, pci/device/config-notify/no-irq-when-unmapped
    if (vector === VIRTIO_MSI_NO_VECTOR) return;
    if (this.interrupts.fire(vector)) this.trace.add({ kind: 'interrupt', device: this.name, vector, because });
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
    const place = structureAt(offset);
    if (staged === undefined || place === undefined) return;
    const { structure, at } = place;
    const named = this.#fieldAt(staged, structure, at);
    if (structure === 'common') staged.common.read(at, out);
    else if (structure === 'isr') this.#isr.read(at, out);
    else if (structure === 'device') staged.core.device.readConfig(at, out);
    this.traceAccess('register-read', { device: this.name, structure, offset: at, ...named }, out);
  }

  protected override writeRegisters(offset: number, data: DataView): void {
    const staged = this.#staged;
    const place = structureAt(offset);
    if (staged === undefined || place === undefined) return;
    const { structure, at } = place;
    if (structure === 'notify' && this.#kick(staged.core, at, data)) return;
    const named = this.#fieldAt(staged, structure, at);
    this.traceAccess('register-write', { device: this.name, structure, offset: at, ...named }, data);
    if (structure === 'common') staged.common.write(at, data);
    else if (structure === 'device') staged.core.writeConfig(at, data);
  }

  #fieldAt({ core, common }: Staged, structure: StructureName, at: number): { field: string; queue?: number } {
    if (structure === 'device') return { field: registerAt(core.device.configFields, at)?.name ?? '' };
    if (structure === 'isr') return { field: this.#isr.at(at)?.name ?? '' };
    if (structure === 'notify') return { field: '' };
    const register = common.at(at);
    return { field: register?.name ?? '', ...(register?.perQueue === true ? { queue: core.queueSelect } : {}) };
  }

  /** The place says which queue is meant; what was written is for the monitors to judge. */
  #kick(core: VirtioCore, offset: number, data: DataView): boolean {
    const queue = offset / NOTIFY_OFF_MULTIPLIER;
    if (core.queue(queue) === undefined) return false;
    const identifier = pciIdentifier(queue, core.accepted);
    core.kick({ queue, value: Number(valueOf(data)), width: data.byteLength, offset, identifier });
    return true;
  }

  /** pci/device/pci-cfg-cap/read-through */
  override readConfig(offset: number, out: DataView): void {
    // pci/device/isr/intx-status
    this.config.interruptStatus = this.#isrStatus !== 0 && !this.interrupts.enabled;
    const dataAt = this.#window + PCI_CFG_FIELDS.data;
    if (this.present && offset < dataAt + PCI_CFG_DATA_BYTES && offset + out.byteLength > dataAt) {
      const target = this.#windowTarget();
      if (target !== undefined) {
        const bytes = new Uint8Array(target.length);
        this.readBar(target.bar, target.offset, new DataView(bytes.buffer));
        this.config.store(dataAt, bytes);
      }
    }
    super.readConfig(offset, out);
  }

  /** pci/device/pci-cfg-cap/write-through */
  override writeConfig(offset: number, data: DataView): void {
    super.writeConfig(offset, data);
    const dataAt = this.#window + PCI_CFG_FIELDS.data;
    if (!this.present || offset >= dataAt + PCI_CFG_DATA_BYTES || offset + data.byteLength <= dataAt) return;
    const target = this.#windowTarget();
    if (target === undefined) return;
    const bytes = new DataView(new ArrayBuffer(target.length));
    this.config.read(dataAt, bytes);
    this.writeBar(target.bar, target.offset, bytes);
  }

  /** Where the PCI_CFG window points; undefined unless it is a 1, 2 or 4 byte window into one of our BARs. */
  #windowTarget(): { bar: number; offset: number; length: number } | undefined {
    const bar = this.config.readU16(this.#window + PCI_CFG_FIELDS.bar) & 0xff;
    const offset = this.config.readU32(this.#window + PCI_CFG_FIELDS.offset);
    const length = this.config.readU32(this.#window + PCI_CFG_FIELDS.length);
    const inBar = offset + length <= (this.barSizes[bar] ?? 0);
    return inBar && [1, 2, 4].includes(length) ? { bar, offset, length } : undefined;
  }
}

/** The structure that holds BAR 0's `offset`, and the offset in it. */
function structureAt(offset: number): { structure: StructureName; at: number } | undefined {
  const structure = STRUCTURES.find(
    (name) => offset >= BAR0_LAYOUT[name] && offset < BAR0_LAYOUT[name] + STRUCTURE_BYTES,
  );
  return structure && { structure, at: offset - BAR0_LAYOUT[structure] };
}
