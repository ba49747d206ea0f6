/** The readable parts of requests (5.13.6), every offset written out. */
import type { DriverFaults } from './driver-faults.ts';
import { VIRTUAL_BASE } from './physical-memory.ts';

/** A request ready to be sent. */
export interface Request {
  readonly name: 'ATTACH' | 'DETACH' | 'MAP' | 'UNMAP' | 'PROBE';
  readonly readable: Uint8Array;
  /** Bytes that the device may write before the tail. */
  readonly propertiesLength: number;
}

/** What goes into reserved bytes that were not cleared. */
const GARBAGE = 0xa5;

const TYPE_ATTACH = 1;
const TYPE_DETACH = 2;
const TYPE_MAP = 3;
const TYPE_UNMAP = 4;
const TYPE_PROBE = 5;

export const ATTACH_BYPASS = 1;
export const MAP_READ = 1;
export const MAP_WRITE = 2;
export const MAP_MMIO = 4;

/** Writes one readable part after the other, all with the same mistakes. */
export class RequestWriter {
  readonly #ramStart: bigint;
  readonly #faults: DriverFaults;
  readonly #littleEndian: boolean;

  /** `ramStart` is where RAM begins in physical memory. */
  constructor(ramStart: bigint, faults: DriverFaults) {
    this.#ramStart = ramStart;
    this.#faults = faults;
    this.#littleEndian = !faults.has('request-big-endian');
  }

  #begin(type: number, length: number): DataView {
    const view = new DataView(new ArrayBuffer(length));
    view.setUint8(0, this.#faults.has('request-types-off-by-one') ? type - 1 : type);
    if (this.#faults.has('reserved-request-type')) view.setUint8(0, 0x7f);
    if (this.#faults.has('head-reserved-left')) fill(view, 1, 4);
    return view;
  }

  #end(name: Request['name'], view: DataView, propertiesLength = 0): Request {
    let readable = new Uint8Array(view.buffer);
    if (this.#faults.has('request-padded')) {
      readable = Uint8Array.of(...readable.subarray(0, 4), 0, 0, 0, 0, ...readable.subarray(4));
    }
    if (this.#faults.has('request-too-short')) readable = readable.subarray(0, -8);
    if (this.#faults.has('request-too-long')) readable = Uint8Array.of(...readable, 0, 0, 0, 0, 0, 0, 0, 0);
    return { name, readable, propertiesLength };
  }

  #domain(view: DataView, domain: number, add: number): void {
    const number = this.#faults.has('domain-16-bit-truncation') ? domain & 0xffff : domain + add;
    view.setUint32(4, number, this.#littleEndian);
  }

  attach(domain: number, endpoint: number, flags: number): Request {
    const view = this.#begin(TYPE_ATTACH, 20);
    this.#domain(view, domain, 0);
    view.setUint32(8, endpoint, this.#littleEndian);
    if (this.#faults.has('attach-fields-swapped')) {
      view.setUint32(4, endpoint, true);
      view.setUint32(8, domain, true);
    }
    view.setUint32(12, this.#faults.has('attach-unknown-flag') ? flags | 0x100 : flags, this.#littleEndian);
    if (this.#faults.has('reserved-bytes-left')) fill(view, 16, 20);
    return this.#end('ATTACH', view);
  }

  detach(domain: number, endpoint: number): Request {
    const view = this.#begin(TYPE_DETACH, this.#faults.has('detach-16-bytes') ? 16 : 20);
    this.#domain(view, domain, this.#faults.has('detach-wrong-domain') ? 1 : 0);
    view.setUint32(8, endpoint, this.#littleEndian);
    if (this.#faults.has('detach-reserved-left')) fill(view, 12, view.byteLength);
    return this.#end('DETACH', view);
  }

  /** `end` is the last address of the range. */
  map(domain: number, start: bigint, end: bigint, physical: bigint, flags: number): Request {
    const view = this.#begin(TYPE_MAP, 36);
    this.#domain(view, domain, this.#faults.has('map-wrong-domain') ? 1 : 0);
    let [first, last, target] = [start, this.#lastMapped(start, end), physical];
    if (this.#faults.has('map-32-bit-truncation')) [first, last] = [low32(first), low32(last)];
    if (this.#faults.has('map-phys-32-bit-truncation')) target = low32(target);
    if (this.#faults.has('map-virtual-address')) target += VIRTUAL_BASE - this.#ramStart;
    if (this.#faults.has('map-phys-next-page')) target += end - start + 1n;
    if (this.#faults.has('map-fields-swapped')) [first, last, target] = [target, first, last];
    view.setBigUint64(8, first, this.#littleEndian);
    view.setBigUint64(16, last, this.#littleEndian);
    view.setBigUint64(24, target, this.#littleEndian);
    view.setUint32(32, this.#faults.has('map-unknown-flag') ? flags | 0x100 : flags, this.#littleEndian);
    return this.#end('MAP', view);
  }

  #lastMapped(start: bigint, end: bigint): bigint {
    if (this.#faults.has('map-end-exclusive')) return BigInt.asUintN(64, end + 1n);
    if (this.#faults.has('map-end-is-length')) return end - start + 1n;
    if (this.#faults.has('map-end-equals-start')) return start;
    return end;
  }

  /** `end` is the last address of the range. */
  unmap(domain: number, start: bigint, end: bigint, granule: bigint): Request {
    const view = this.#begin(TYPE_UNMAP, 28);
    this.#domain(view, domain, this.#faults.has('unmap-wrong-domain') ? 1 : 0);
    let [first, last] = [start, this.#lastUnmapped(start, end, granule)];
    if (this.#faults.has('unmap-last-granule-only')) first = end - granule + 1n;
    if (this.#faults.has('unmap-32-bit-truncation')) [first, last] = [low32(first), low32(last)];
    if (this.#faults.has('unmap-whole-space')) [first, last] = [0n, 0xffff_ffff_ffff_ffffn];
    view.setBigUint64(8, first, this.#littleEndian);
    view.setBigUint64(16, last, this.#littleEndian);
    if (this.#faults.has('unmap-reserved-left')) fill(view, 24, 28);
    return this.#end('UNMAP', view);
  }

  #lastUnmapped(start: bigint, end: bigint, granule: bigint): bigint {
    if (this.#faults.has('unmap-end-exclusive')) return BigInt.asUintN(64, end + 1n);
    if (this.#faults.has('unmap-one-granule-short')) return BigInt.asUintN(64, end - granule);
    if (this.#faults.has('unmap-one-granule-long')) return BigInt.asUintN(64, end + granule);
    if (this.#faults.has('unmap-first-granule-only')) return start + granule - 1n;
    return end;
  }

  probe(endpoint: number, probeSize: number): Request {
    const view = this.#begin(TYPE_PROBE, this.#faults.has('probe-without-reserved') ? 8 : 72);
    view.setUint32(4, endpoint, this.#littleEndian);
    if (this.#faults.has('probe-reserved-left')) fill(view, 8, view.byteLength);
    return this.#end('PROBE', view, this.#propertiesLength(probeSize));
  }

  #propertiesLength(probeSize: number): number {
    if (this.#faults.has('probe-buffer-without-tail')) return Math.max(probeSize - 4, 0);
    if (this.#faults.has('probe-buffer-short')) return Math.max(probeSize - 8, 0);
    if (this.#faults.has('probe-buffer-fixed')) return 512;
    if (this.#faults.has('probe-size-clamped')) return Math.min(probeSize, 4096);
    return probeSize;
  }
}

const low32 = (address: bigint): bigint => BigInt.asUintN(32, address);

function fill(view: DataView, from: number, until: number): void {
  for (let at = from; at < until; at++) view.setUint8(at, GARBAGE);
}
