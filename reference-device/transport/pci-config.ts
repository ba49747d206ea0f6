/**
 * PCI configuration space of a function: type-0 header, BAR sizing, capability list. `pci/device/bus/pci-conformant`
 */
import { type RegisterPlace, registerAt } from './register-file.ts';

/** What the header says. `classCode` is class, subclass and programming interface, 24 bits. */
export interface PciIdentity {
  readonly vendor: number;
  readonly device: number;
  readonly classCode: number;
  readonly revision: number;
  readonly subsystemVendor: number;
  readonly subsystem: number;
  /** Whether its device has other functions. False if left out. */
  readonly isMultiFunction?: boolean;
  /** Whether it interrupts by INTA#. False if left out. */
  readonly hasLine?: boolean;
}

/** The part of the header that a case may have look different. */
export type ShownIdentity = Pick<PciIdentity, 'vendor' | 'device' | 'revision'>;

/** A capability: its ID, its bytes behind ID and next pointer, and which bits of those can be written. */
export interface PciCapability {
  readonly id: number;
  readonly body: Uint8Array;
  readonly writable?: Uint8Array;
  /** How the trace calls its bytes; '' if left out. */
  readonly name?: string;
}

/** A capability and the bytes that it takes up. */
interface PlacedCapability {
  readonly from: number;
  readonly until: number;
  readonly name: string;
}

/**
 * Where capabilities are if their places must not change: MSI-X, which must not change at all, then others of the same length each. Null capabilities, which
 * software passes over (PCI Code and ID Assignment Specification), are in places that nobody takes.
 */
export const CAPABILITY_PLACES = { first: 0x40, others: 0x4c, pitch: 20, count: 9 } as const;
const MSIX_ID = 0x11;
const NULL_CAPABILITY: PciCapability = { id: 0, body: new Uint8Array(0) };

/** The capabilities, one for each place; undefined if they do not fit. */
export function inPlaces(capabilities: readonly PciCapability[]): readonly PciCapability[] | undefined {
  const [msix, ...others] = capabilities;
  if (msix?.id !== MSIX_ID) return undefined;
  const { pitch, count } = CAPABILITY_PLACES;
  const isFit = others.length <= count && others.every(({ id, body }) => id !== MSIX_ID && body.length + 2 <= pitch);
  if (!isFit) return undefined;
  const free = Array.from({ length: count - others.length }, () => NULL_CAPABILITY);
  return [msix, ...others, ...free];
}

/** With the extended space of PCI Express. */
const CONFIG_BYTES = 4096;
const EXTENDED = 0x100;
const VENDOR = 0x00;
const COMMAND = 0x04;
const STATUS = 0x06;
const REVISION = 0x08;
const HEADER_TYPE = 0x0e;
const CAPABILITIES_POINTER = 0x34;
const BAR0 = 0x10;
const INTERRUPT_PIN = 0x3d;
const INTA = 1;
const FIRST_CAPABILITY = 0x40;
const MULTI_FUNCTION = 0x80;
const CAPABILITIES_LIST = 0x10;
const INTERRUPT_STATUS = 0x08;
const MEMORY_SPACE_ENABLE = 0x0002;
const BUS_MASTER_ENABLE = 0x0004;
const INTERRUPT_DISABLE = 0x0400;

/** Memory space, bus master, parity, SERR, INTx disable. */
const COMMAND_WRITABLE = 0x0546;

/** Header registers that a driver or its bus code writes, by their names in the PCI specification. */
const HEADER: readonly RegisterPlace[] = [
  { offset: COMMAND, width: 2, name: 'Command' },
  { offset: STATUS, width: 2, name: 'Status' },
  { offset: 0x0c, width: 1, name: 'Cache Line Size' },
  { offset: 0x0d, width: 1, name: 'Latency Timer' },
  ...[0, 1, 2, 3, 4, 5].map(
    (bar): RegisterPlace => ({
      offset: BAR0 + 4 * bar,
      width: 4,
      name: `Base Address ${bar}`,
    }),
  ),
  { offset: 0x30, width: 4, name: 'Expansion ROM Base Address' },
  { offset: 0x3c, width: 1, name: 'Interrupt Line' },
];

export class PciConfigSpace {
  readonly #bytes = new Uint8Array(CONFIG_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  /** Bits that a write can change. */
  readonly #writable = new Uint8Array(CONFIG_BYTES);
  #initial: Uint8Array;
  #placed: readonly PlacedCapability[];

  readonly #keepsPlaces: boolean;

  /**
   * Sizes in bytes of BAR 0..5, powers of two or 0. Capabilities appear in the order given, and with `keepsPlaces` in
   * `CAPABILITY_PLACES`.
   */
  constructor(
    identity: PciIdentity,
    barSizes: readonly number[],
    capabilities: readonly PciCapability[],
    keepsPlaces = false,
  ) {
    this.#keepsPlaces = keepsPlaces;
    const view = this.#view;
    view.setUint16(0x00, identity.vendor, true);
    view.setUint16(0x02, identity.device, true);
    view.setUint16(STATUS, CAPABILITIES_LIST, true);
    view.setUint32(0x08, (identity.classCode << 8) | identity.revision, true);
    view.setUint8(HEADER_TYPE, identity.isMultiFunction === true ? MULTI_FUNCTION : 0);
    view.setUint8(INTERRUPT_PIN, identity.hasLine === true ? INTA : 0);
    view.setUint16(0x2c, identity.subsystemVendor, true);
    view.setUint16(0x2e, identity.subsystem, true);
    const writable = new DataView(this.#writable.buffer);
    writable.setUint16(COMMAND, COMMAND_WRITABLE, true);
    writable.setUint16(0x0c, 0xffff, true);
    writable.setUint8(0x3c, 0xff);
    // Sizing (PCI 6.2.5.1): the address bits below the size stay 0 whatever is written.
    barSizes.forEach((size, bar) => {
      if (size > 0) writable.setUint32(BAR0 + 4 * bar, -size >>> 0, true);
    });
    this.#placed = this.#placeCapabilities(capabilities);
    this.#initial = this.#bytes.slice();
  }

  /** The function shows other IDs and other capabilities from now on; the rest stays as the guest has set it. */
  show(
    { vendor, device, revision }: ShownIdentity,
    capabilities: readonly PciCapability[],
    extended?: PciCapability,
  ): void {
    const header = this.#initial.slice(0, FIRST_CAPABILITY);
    this.#bytes.fill(0, FIRST_CAPABILITY);
    this.#writable.fill(0, FIRST_CAPABILITY);
    const ids = Uint8Array.of(vendor & 0xff, vendor >> 8, device & 0xff, device >> 8);
    for (const bytes of [this.#bytes, header]) {
      bytes.set(ids, VENDOR);
      bytes[REVISION] = revision;
    }
    this.#placed = this.#placeCapabilities(capabilities);
    if (extended) this.#placed = [...this.#placed, this.#placeExtended(extended)];
    this.#initial = this.#bytes.slice();
    this.#initial.set(header);
  }

  /** The only capability of the extended space: a 16-bit ID, version 1, and no next one. */
  #placeExtended({ id, body, writable, name = '' }: PciCapability): PlacedCapability {
    this.#view.setUint32(EXTENDED, id | 0x1_0000, true);
    this.#bytes.set(body, EXTENDED + 4);
    if (writable !== undefined) this.#writable.set(writable, EXTENDED + 4);
    return { from: EXTENDED, until: EXTENDED + 4 + body.length, name };
  }

  #placeCapabilities(wanted: readonly PciCapability[]): PlacedCapability[] {
    const capabilities = this.#keepsPlaces ? inPlaces(wanted) : wanted;
    if (capabilities === undefined) throw new Error('assertion: these capabilities do not fit where others have been');
    const { first, others, pitch } = CAPABILITY_PLACES;
    const placed: PlacedCapability[] = [];
    let link = CAPABILITIES_POINTER;
    let position = FIRST_CAPABILITY;
    for (const [index, { id, body, writable, name }] of capabilities.entries()) {
      if (this.#keepsPlaces) position = index === 0 ? first : others + (index - 1) * pitch;
      this.#bytes[link] = position;
      this.#bytes[position] = id;
      this.#bytes.set(body, position + 2);
      if (writable !== undefined) this.#writable.set(writable, position + 2);
      placed.push({ from: position, until: position + 2 + body.length, name: name ?? '' });
      link = position + 1;
      position = (position + 2 + body.length + 3) & ~3;
    }
    return placed;
  }

  /** Whether the BARs answer. */
  get memorySpace(): boolean {
    return (this.readU16(COMMAND) & MEMORY_SPACE_ENABLE) !== 0;
  }

  /** Whether the function may read and write memory, messages of MSI-X among it. */
  get busMaster(): boolean {
    return (this.readU16(COMMAND) & BUS_MASTER_ENABLE) !== 0;
  }

  /** Whether the driver wants no INTx (Interrupt Disable). */
  get lineDisabled(): boolean {
    return (this.readU16(COMMAND) & INTERRUPT_DISABLE) !== 0;
  }

  /** Whether an interrupt by INTx would be pending, as the Status register shows it. */
  set interruptStatus(pending: boolean) {
    this.#view.setUint16(STATUS, CAPABILITIES_LIST | (pending ? INTERRUPT_STATUS : 0), true);
  }

  readU16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  readU32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** Stores bytes as the device itself; what cannot be written by a driver can be changed by this. */
  store(offset: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, offset);
  }

  read(offset: number, out: DataView): void {
    for (let at = 0; at < out.byteLength; at++) out.setUint8(at, this.#bytes[offset + at] ?? 0);
  }

  write(offset: number, data: DataView): void {
    for (let at = 0; at < data.byteLength; at++) {
      const mask = this.#writable[offset + at];
      if (mask === undefined) continue;
      this.#bytes[offset + at] = (this.#bytes[offset + at]! & ~mask) | (data.getUint8(at) & mask);
    }
  }

  /** Offset of the first capability with this name; 0 if there is none. */
  capabilityNamed(wanted: string): number {
    return this.#placed.find(({ name }) => name === wanted)?.from ?? 0;
  }

  /** The header register or the capability that an access at `offset` names, or ''. */
  nameAt(offset: number): string {
    const capability = this.#placed.find(({ from, until }) => offset >= from && offset < until);
    return registerAt(HEADER, offset)?.name ?? capability?.name ?? '';
  }

  reset(): void {
    this.#bytes.set(this.#initial);
  }
}
