/** The IOMMU's configuration (5.13.4), read so that no value is put together from two states. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { BYPASS_CONFIG, DOMAIN_RANGE, type Features, INPUT_RANGE, PROBE } from './features.ts';

/** Both ends of every range belong to it. */
export interface IommuConfig {
  readonly granule: bigint;
  readonly inputStart: bigint;
  readonly inputEnd: bigint;
  readonly domainStart: number;
  readonly domainEnd: number;
  /** 0 without VIRTIO_IOMMU_F_PROBE. */
  readonly probeSize: number;
  /** Undefined without VIRTIO_IOMMU_F_BYPASS_CONFIG. */
  readonly bypass: boolean | undefined;
}

const PAGE_SIZE_MASK = 0;
const INPUT_START = 8;
const INPUT_END = 16;
const DOMAIN_START = 24;
const DOMAIN_END = 28;
const PROBE_SIZE = 32;
const BYPASS = 36;

/** A device that changes its configuration more often while it is read is not worth waiting for. */
const MOST_READS = 16;
/** The largest property list that this driver has room for. */
const MOST_PROBE_BYTES = 1 << 20;

/** Reads the configuration as far as `features` make it exist. A sentence instead if it makes no sense. */
export function readIommuConfig(
  registers: DeviceRegisters,
  features: Features,
  faults: DriverFaults,
): IommuConfig | string {
  const read = new ConfigReader(registers, features, faults);
  for (let attempt = 0; attempt < MOST_READS; attempt++) {
    const before = faults.has('ignores-generation') ? 0 : registers.configGeneration;
    const config = read.all();
    const after =
      faults.has('ignores-generation') || faults.has('generation-read-once') ? before : registers.configGeneration;
    if (before === after) return typeof config === 'string' ? config : (nonsenseIn(config) ?? config);
  }
  return 'the configuration never stops changing';
}

function nonsenseIn(config: IommuConfig): string | undefined {
  if (config.inputStart > config.inputEnd) return 'input_range is empty';
  if (config.domainStart > config.domainEnd) return 'domain_range is empty';
  if (config.probeSize > MOST_PROBE_BYTES)
    return `probe_size ${config.probeSize} is more than this driver has room for`;
  return undefined;
}

class ConfigReader {
  readonly #registers: DeviceRegisters;
  readonly #features: Features;
  readonly #faults: DriverFaults;

  constructor(registers: DeviceRegisters, features: Features, faults: DriverFaults) {
    this.#registers = registers;
    this.#features = features;
    this.#faults = faults;
  }

  all(): IommuConfig | string {
    const granule = this.#granule();
    if (granule === 0n) return 'page_size_mask is 0';
    const ranged = this.#features.has(INPUT_RANGE) || this.#faults.has('input-range-without-feature');
    const numbered = this.#features.has(DOMAIN_RANGE) || this.#faults.has('domain-range-without-feature');
    if (this.#faults.has('unaligned-config-read')) this.#registers.readDevice(DOMAIN_START + 2, 4);
    return {
      granule,
      inputStart: ranged ? this.#u64(INPUT_START) : 0n,
      inputEnd: ranged ? this.#u64(INPUT_END) : 0xffff_ffff_ffff_ffffn,
      domainStart: numbered ? this.#u32(DOMAIN_START) : 0,
      domainEnd: numbered ? this.#u32(DOMAIN_END) : 0xffff_ffff,
      probeSize: this.#probes() ? this.#u32(PROBE_SIZE) : 0,
      bypass: this.#hasBypass() ? this.#bypass() : undefined,
    };
  }

  #hasBypass(): boolean {
    return this.#features.has(BYPASS_CONFIG) || this.#faults.has('bypass-read-without-feature');
  }

  #probes(): boolean {
    return this.#features.has(PROBE) || this.#faults.has('probe-without-feature');
  }

  /** The lowest bit of page_size_mask: everything that is mapped is a multiple of it. */
  #granule(): bigint {
    if (this.#faults.has('page-size-4096')) return 4096n;
    const mask = this.#u64(PAGE_SIZE_MASK);
    return mask & -mask;
  }

  #bypass(): boolean {
    const value = this.#registers.readDevice(BYPASS, 1);
    return this.#faults.has('takes-bypass-high-bits') ? value === 1 : (value & 1) === 1;
  }

  #u64(offset: number): bigint {
    if (this.#faults.has('wide-config-read')) this.#registers.readDevice(offset, 8);
    return BigInt(this.#u32(offset)) | (BigInt(this.#u32(offset + 4)) << 32n);
  }

  #u32(offset: number): number {
    if (this.#faults.has('byte-config-read')) return this.#assembled(offset, 1);
    if (this.#faults.has('half-word-config-read')) return this.#assembled(offset, 2);
    return this.#registers.readDevice(offset, 4);
  }

  #assembled(offset: number, width: 1 | 2): number {
    let value = 0;
    for (let at = 0; at < 4; at += width) value += this.#registers.readDevice(offset + at, width) * 2 ** (8 * at);
    return value;
  }
}

/** Writes the global bypass. */
export function writeBypass(registers: DeviceRegisters, on: boolean, faults: DriverFaults): void {
  const width = faults.has('writes-bypass-wide') ? 4 : 1;
  let value = on ? 1 : 0;
  if (on && faults.has('writes-bypass-two')) value = 2;
  if (on && faults.has('writes-bypass-all-ones')) value = 0xff;
  if (faults.has('writes-bypass-inverted')) value = 1 - value;
  registers.writeDevice(BYPASS, width, value);
  if (faults.has('bypass-written-twice')) registers.writeDevice(BYPASS, width, value);
}

/** Writes 0 to all of it. */
export function scrubConfig(registers: DeviceRegisters): void {
  for (let offset = 0; offset <= BYPASS; offset += 4) registers.writeDevice(offset, 4, 0);
}

/** Writes to a field that only the device may set. */
export function writePageSizeMask(registers: DeviceRegisters): void {
  registers.writeDevice(PAGE_SIZE_MASK, 4, 0x1000);
}
