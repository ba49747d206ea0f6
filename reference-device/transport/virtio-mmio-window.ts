/** A virtio device in a window of registers (4.2). The window lasts for a boot; the device inside is replaced for every case. */
import type { Trace } from '../trace.ts';
import { ISR } from '../wire/virtio.ts';
import type { MmioWindow } from './mmio-window.ts';
import type { FunctionHost } from './pci-function.ts';
import { RegisterFile, registerAt, valueOf } from './register-file.ts';
import { MMIO_CONFIG_OFFSET, type MmioIdentity, mmioRegisters, notifiedQueue } from './virtio-mmio.ts';
import { VirtioCore } from './virtio-core.ts';
import type { VirtioDevice } from './virtio-device.ts';

const WINDOW_BYTES = 0x1000;

/** The one interrupt line of a window. */
const LINE = 0;

/** InterruptStatus bits that nobody defines. */
const UNDEFINED_STATUS_BITS = 0x8000_0104;

/** What a window shows, and where it deviates. */
export interface MmioShow {
  readonly identity: MmioIdentity;
  /** Sets undefined bits in InterruptStatus whenever one is set at all. */
  readonly undefinedStatusBits: boolean;
}

interface Staged {
  readonly core: VirtioCore;
  readonly registers: RegisterFile;
}

export class VirtioMmioWindow implements MmioWindow {
  readonly name: string;
  readonly size = WINDOW_BYTES;
  present = false;
  readonly #host: FunctionHost;
  readonly #trace: Trace;
  #interruptStatus = 0;
  #staged: Staged | undefined;

  constructor(name: string, host: FunctionHost, trace: Trace) {
    this.name = name;
    this.#host = host;
    this.#trace = trace;
  }

  get lineUp(): boolean {
    return this.#interruptStatus !== 0;
  }

  /** The device inside, as far as the transport knows it. */
  get core(): VirtioCore | undefined {
    return this.#staged?.core;
  }

  /** Puts a new device in, reset; without one nothing answers in the window. */
  stage(inside: { readonly device: VirtioDevice; readonly show: MmioShow } | undefined): void {
    this.present = inside !== undefined;
    this.#interruptStatus = 0;
    this.#staged = undefined;
    if (inside === undefined) return;
    const { device, show } = inside;
    const core = new VirtioCore(device, this.#trace, {
      queueUsed: (_vector, because) => this.#interrupt(because === 'queue' ? ISR.QUEUE : 0, because),
      configChanged: () => this.#interrupt(ISR.CONFIG, 'config'),
    });
    core.reset('staging');
    const status = (): number => {
      if (this.#interruptStatus === 0 || !show.undefinedStatusBits) return this.#interruptStatus;
      return (this.#interruptStatus | UNDEFINED_STATUS_BITS) >>> 0;
    };
    const registers = mmioRegisters(core, show.identity, {
      get status() {
        return status();
      },
      acknowledge: (bits) => this.#acknowledge(bits),
      clear: () => (this.#interruptStatus = 0),
    });
    this.#staged = { core, registers: new RegisterFile(registers) };
  }

  /**
   * mmio/device/regs/interrupt-status-until-ack, mmio/device/regs/no-other-status-bits. A spurious interrupt is one
   * of a line that others share: no bit is set.
   */
  #interrupt(bit: number, because: 'queue' | 'config' | 'spurious'): void {
    this.#interruptStatus |= bit;
    this.#trace.add({ kind: 'interrupt', device: this.#deviceName, vector: LINE, because });
    this.#host.interrupt(LINE);
  }

  /** The line stays up while a bit is left, so the driver hears of it again. */
  #acknowledge(bits: number): void {
    this.#interruptStatus &= ~bits;
    if (this.#interruptStatus !== 0) this.#host.interrupt(LINE);
  }

  get #deviceName(): string {
    return this.#staged?.core.device.name ?? this.name;
  }

  readRegister(offset: number, out: DataView): void {
    const staged = this.#staged;
    if (!this.present || staged === undefined) return fill(out, 0xff);
    fill(out, 0);
    if (offset >= MMIO_CONFIG_OFFSET) staged.core.device.readConfig(offset - MMIO_CONFIG_OFFSET, out);
    else staged.registers.read(offset, out);
    this.#traceAccess('register-read', staged, offset, out);
  }

  writeRegister(offset: number, data: DataView): void {
    const staged = this.#staged;
    if (!this.present || staged === undefined) return;
    const { core, registers } = staged;
    if (this.#notify(core, offset, data)) return;
    this.#traceAccess('register-write', staged, offset, data);
    if (offset >= MMIO_CONFIG_OFFSET) core.writeConfig(offset - MMIO_CONFIG_OFFSET, data);
    else registers.write(offset, data);
  }

  #notify(core: VirtioCore, offset: number, data: DataView): boolean {
    const value = Number(valueOf(data) & 0xffff_ffffn);
    const queue = notifiedQueue(core, offset, value);
    if (queue === undefined || core.queue(queue) === undefined) return false;
    core.notify({ queue, value, width: data.byteLength, offset });
    return true;
  }

  /** The configuration is traced as such, by its own offsets, so that judges find it whatever the transport is. */
  #traceAccess(
    kind: 'register-read' | 'register-write',
    { core, registers }: Staged,
    offset: number,
    data: DataView,
  ): void {
    const access = { kind, device: core.device.name, width: data.byteLength, value: valueOf(data) };
    if (offset >= MMIO_CONFIG_OFFSET) {
      const at = offset - MMIO_CONFIG_OFFSET;
      const field = registerAt(core.device.configFields, at)?.name ?? '';
      this.#trace.add({ ...access, structure: 'device', field, offset: at });
      return;
    }
    const register = registers.at(offset);
    const queue = register?.perQueue === true ? { queue: core.queueSelect } : {};
    this.#trace.add({ ...access, structure: 'mmio', field: register?.name ?? '', offset, ...queue });
  }

  reset(): void {
    this.#interruptStatus = 0;
    this.#staged?.core.reset('function');
  }
}

function fill(out: DataView, byte: number): void {
  for (let at = 0; at < out.byteLength; at++) out.setUint8(at, byte);
}
