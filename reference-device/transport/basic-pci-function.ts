/** What all our PCI functions have in common: configuration space, MSI-X in BAR 1, being there or not. */
import type { Access, RegisterStructure } from '../trace-events.ts';
import type { Trace } from '../trace.ts';
import { MSIX_PBA_OFFSET, MSIX_TABLE_OFFSET, MsixInterrupts } from './interrupts.ts';
import { type PciCapability, PciConfigSpace, type PciIdentity, type ShownIdentity } from './pci-config.ts';
import type { FunctionHost, PciFunction } from './pci-function.ts';
import { valueOf } from './register-file.ts';

/** BAR 0 has the registers, BAR 1 the MSI-X table, so that a carrier can keep the latter to itself. */
const MSIX_BAR = 1;
const MSIX_BAR_BYTES = 0x1000;
const MSIX_CAPABILITY_ID = 0x11;
const MSIX_NAME = 'MSI-X';
/**
 * The largest table that any of our functions shows: one vector an event, and one to spare.
 * pci/device/msix/vectors-2-to-0x800, pci/device/msix/table-size-sensible
 */
export const MSIX_VECTORS = 4;

/** MSI-X: Message Control (table size), table and pending-bit locations; the two top control bits can be written. */
export function msixCapability(vectorCount: number): PciCapability {
  const body = new Uint8Array(10);
  const view = new DataView(body.buffer);
  // pci/device/msix/table-size-reported
  view.setUint16(0, vectorCount - 1, true);
  view.setUint32(2, MSIX_TABLE_OFFSET | MSIX_BAR, true);
  view.setUint32(6, MSIX_PBA_OFFSET | MSIX_BAR, true);
  const writable = new Uint8Array(body.length);
  writable[1] = 0xc0;
  return { id: MSIX_CAPABILITY_ID, body, writable, name: MSIX_NAME };
}

/** A list of capabilities with MSI-X in front, if it is not among them; without any for 0 vectors. */
export function withMsix(capabilities: readonly PciCapability[], vectorCount: number): readonly PciCapability[] {
  const isListed = capabilities.some(({ name }) => name === MSIX_NAME);
  return vectorCount > 0 && !isListed ? [msixCapability(vectorCount), ...capabilities] : capabilities;
}

/** One access as the trace shows it. */
export interface TracedAccess {
  readonly device: string;
  readonly structure: RegisterStructure;
  readonly field: string;
  readonly offset: number;
  readonly queue?: number;
}

export interface FunctionParts {
  readonly name: string;
  readonly identity: PciIdentity;
  /** Size of BAR 0. */
  readonly registerBytes: number;
  /** Capabilities behind MSI-X. */
  readonly capabilities: readonly PciCapability[];
  readonly host: FunctionHost;
  readonly trace: Trace;
}

export abstract class BasicPciFunction implements PciFunction {
  readonly name: string;
  readonly barSizes: readonly number[];
  readonly msixVectorCount = MSIX_VECTORS;
  present = false;
  protected readonly config: PciConfigSpace;
  protected readonly interrupts: MsixInterrupts;
  protected readonly host: FunctionHost;
  protected readonly trace: Trace;

  constructor({ name, identity, registerBytes, capabilities, host, trace }: FunctionParts) {
    this.name = name;
    this.host = host;
    this.trace = trace;
    this.barSizes = [registerBytes, MSIX_BAR_BYTES, 0, 0, 0, 0];
    this.config = new PciConfigSpace(
      identity,
      this.barSizes,
      [msixCapability(MSIX_VECTORS), ...capabilities],
      host.keepsCapabilityPlaces,
    );
    this.interrupts = new MsixInterrupts(
      host,
      MSIX_VECTORS,
      () => this.#messageControl,
      () => this.busMaster,
    );
  }

  /** Of MSI-X; 0 if there is none. */
  get #messageControl(): number {
    const at = this.config.capabilityNamed(MSIX_NAME);
    return at === 0 ? 0 : this.config.readU16(at + 2);
  }

  /** Of one that interrupts by MSI-X alone. */
  get lineUp(): boolean {
    return false;
  }

  /** Whether Bus Master Enable is set. */
  get busMaster(): boolean {
    return this.config.busMaster;
  }

  /** Shows other IDs, another MSI-X table size, 0 for no MSI-X, and other capabilities, MSI-X first if it is not among them. */
  protected show(
    identity: ShownIdentity,
    vectorCount: number,
    capabilities: readonly PciCapability[],
    extended: PciCapability | undefined,
  ): void {
    this.config.show(identity, withMsix(capabilities, vectorCount), extended);
  }

  protected abstract readRegisters(offset: number, out: DataView): void;
  protected abstract writeRegisters(offset: number, data: DataView): void;
  protected abstract resetRegisters(): void;

  readConfig(offset: number, out: DataView): void {
    if (!this.present) fillOnes(out);
    else this.config.read(offset, out);
  }

  /** The driver has let the function read and write memory. */
  protected onBusMaster(): void {}

  /** Only writes are traced: reads come from the bus code of the guest, by the hundred, and bind nobody. */
  writeConfig(offset: number, data: DataView): void {
    if (!this.present) return;
    const field = this.config.nameAt(offset);
    this.traceAccess('register-write', { device: this.name, structure: 'pci-config', field, offset }, data);
    const wasMaster = this.busMaster;
    this.config.write(offset, data);
    this.interrupts.deliverPending();
    if (!wasMaster && this.busMaster) this.onBusMaster();
  }

  /** Without Memory Space Enable nobody answers. */
  readBar(bar: number, offset: number, out: DataView): void {
    if (this.#answers('read', bar, offset, out)) this.readBehindBar(bar, offset, out);
    else fillOnes(out);
  }

  writeBar(bar: number, offset: number, data: DataView): void {
    if (this.#answers('write', bar, offset, data)) this.writeBehindBar(bar, offset, data);
  }

  #answers(access: Access, bar: number, offset: number, { byteLength: width }: DataView): boolean {
    if (this.present && !this.config.memorySpace) {
      this.trace.add({ kind: 'unanswered-access', device: this.name, access, bar, offset, width });
    }
    return this.present && this.config.memorySpace;
  }

  /** What lies in a BAR, whether or not the BAR answers. */
  protected readBehindBar(bar: number, offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, 0);
    if (bar === MSIX_BAR) this.interrupts.readBar(offset, out);
    else if (bar === 0) this.readRegisters(offset, out);
  }

  protected writeBehindBar(bar: number, offset: number, data: DataView): void {
    if (bar === MSIX_BAR) this.interrupts.writeBar(offset, data);
    else if (bar === 0) this.writeRegisters(offset, data);
  }

  reset(): void {
    this.config.reset();
    this.interrupts.reset();
    this.resetRegisters();
  }

  protected traceAccess(kind: 'register-read' | 'register-write', access: TracedAccess, data: DataView): void {
    this.trace.add({ kind, ...access, width: data.byteLength, value: valueOf(data) });
  }
}

function fillOnes(out: DataView): void {
  for (let at = 0; at < out.byteLength; at++) out.setUint8(at, 0xff);
}
