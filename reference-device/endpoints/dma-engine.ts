/** A PCI function that reads and writes memory on command, for want of a real device that does so at chosen addresses. */
import type { SlotName } from '../machine-setup.ts';
import type { Trace } from '../trace.ts';
import { BasicPciFunction } from '../transport/basic-pci-function.ts';
import type { FunctionHost } from '../transport/pci-function.ts';
import { DMA_ENGINE_BYTES, DmaEngineRegisters } from './dma-engine-registers.ts';
import { DmaPort, type TranslationService } from './dma-port.ts';

const IDENTITY = {
  vendor: 0x1b36,
  device: 0x00ed,
  classCode: 0xff0000,
  revision: 1,
  subsystemVendor: 0x1af4,
  subsystem: 0x1100,
} as const;

/** What a case puts into the engine's place. */
export interface StagedEngine {
  readonly endpointId: number;
  /** Undefined: no IOMMU lies before it. */
  readonly iommu: TranslationService | undefined;
}

/** BAR 0 holds `DmaEngineRegisters`. */
export class DmaEngineFunction extends BasicPciFunction {
  readonly #slot: SlotName;
  readonly #registers: DmaEngineRegisters;
  #port: DmaPort | undefined;

  constructor(slot: SlotName, host: FunctionHost, trace: Trace) {
    super({ name: slot, identity: IDENTITY, registerBytes: DMA_ENGINE_BYTES, capabilities: [], host, trace });
    this.#slot = slot;
    this.#registers = new DmaEngineRegisters(() => this.#port);
  }

  /** The way to memory; undefined while the slot is empty. */
  get port(): DmaPort | undefined {
    return this.#port;
  }

  /** Puts the engine in, reset; or takes it out. */
  stage(engine: StagedEngine | undefined): void {
    this.present = engine !== undefined;
    this.resetRegisters();
    this.#port =
      engine &&
      new DmaPort({
        endpoint: this.#slot,
        endpointId: engine.endpointId,
        memory: this.host.memory,
        trace: this.trace,
        iommu: engine.iommu,
        busMaster: () => this.busMaster,
      });
  }

  protected override resetRegisters(): void {
    this.#registers.reset();
  }

  protected override readRegisters(offset: number, out: DataView): void {
    this.#registers.read(offset, out);
    this.#traceRegister('register-read', offset, out);
  }

  protected override writeRegisters(offset: number, data: DataView): void {
    this.#traceRegister('register-write', offset, data);
    this.#registers.write(offset, data);
  }

  #traceRegister(kind: 'register-read' | 'register-write', offset: number, data: DataView): void {
    const field = this.#registers.nameAt(offset);
    this.traceAccess(kind, { device: this.name, structure: 'endpoint', field, offset }, data);
  }
}
