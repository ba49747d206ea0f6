/** The DMA engine as a platform device: its registers in a window of their own, no PCI function around them. */
import type { SlotName } from '../machine-setup.ts';
import type { Trace } from '../trace.ts';
import type { MmioWindow } from '../transport/mmio-window.ts';
import type { FunctionHost } from '../transport/pci-function.ts';
import { valueOf } from '../transport/register-file.ts';
import type { StagedEngine } from './dma-engine.ts';
import { DMA_ENGINE_BYTES, DmaEngineRegisters } from './dma-engine-registers.ts';
import { DmaPort } from './dma-port.ts';

export class DmaEngineWindow implements MmioWindow {
  readonly name: SlotName;
  readonly size = DMA_ENGINE_BYTES;
  readonly lineUp = false;
  present = false;
  readonly #host: FunctionHost;
  readonly #trace: Trace;
  readonly #registers = new DmaEngineRegisters(() => this.#port);
  #port: DmaPort | undefined;

  constructor(slot: SlotName, host: FunctionHost, trace: Trace) {
    this.name = slot;
    this.#host = host;
    this.#trace = trace;
  }

  /** The way to memory; undefined while the window is empty. */
  get port(): DmaPort | undefined {
    return this.#port;
  }

  /** Puts the engine in, reset; or takes it out. Nobody has to allow a platform device to be bus master. */
  stage(engine: StagedEngine | undefined): void {
    this.present = engine !== undefined;
    this.reset();
    this.#port =
      engine &&
      new DmaPort({
        endpoint: this.name,
        endpointId: engine.endpointId,
        memory: this.#host.memory,
        trace: this.#trace,
        iommu: engine.iommu,
        busMaster: () => true,
      });
  }

  readRegister(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, this.present ? 0 : 0xff);
    if (!this.present) return;
    this.#registers.read(offset, out);
    this.#traceAccess('register-read', offset, out);
  }

  writeRegister(offset: number, data: DataView): void {
    if (!this.present) return;
    this.#traceAccess('register-write', offset, data);
    this.#registers.write(offset, data);
  }

  #traceAccess(kind: 'register-read' | 'register-write', offset: number, data: DataView): void {
    const field = this.#registers.nameAt(offset);
    const access = { device: this.name, structure: 'endpoint', field, offset } as const;
    this.#trace.add({ kind, ...access, width: data.byteLength, value: valueOf(data) });
  }

  reset(): void {
    this.#registers.reset();
  }
}
