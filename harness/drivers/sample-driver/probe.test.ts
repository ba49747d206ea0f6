import { describe, expect, it } from 'vitest';
import type { DriverFaultName } from './driver-faults.ts';
import { reservedRegions } from './probe.ts';

const NO_FAULTS = new Set<DriverFaultName>();

/** RESV_MEM, subtype MSI, 0xfee00000 to 0xfeefffff. */
const MSI = [1, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0xe0, 0xfe, 0, 0, 0, 0, 0xff, 0xff, 0xef, 0xfe, 0, 0, 0, 0];
/** Type 2, which nobody defines, two bytes long. */
const UNKNOWN = [2, 0, 2, 0, 0xaa, 0xbb];
const MSI_REGION = { start: 0xfee0_0000n, end: 0xfeef_ffffn, kind: 'msi' };

const listOf = (...properties: number[][]): Uint8Array => Uint8Array.from(properties.flat());
const padded = (list: Uint8Array, length: number): Uint8Array => {
  const out = new Uint8Array(length);
  out.set(list);
  return out;
};

describe('the property list of PROBE', () => {
  it('is read up to the first empty property', () => {
    expect(reservedRegions(padded(listOf(MSI), 512), NO_FAULTS)).toEqual([MSI_REGION]);
  });

  it('is read to its last byte if no empty property ends it', () => {
    expect(reservedRegions(listOf(MSI, MSI), NO_FAULTS)).toEqual([MSI_REGION, MSI_REGION]);
  });

  it('is read on behind a property of unknown type', () => {
    expect(reservedRegions(listOf(UNKNOWN, MSI), NO_FAULTS)).toEqual([MSI_REGION]);
  });

  it('gives no region for a type with reserved bits', () => {
    const list = listOf(MSI);
    list[1] = 0x80;
    expect(reservedRegions(list, NO_FAULTS)).toEqual([]);
  });

  it('gives a reserved region for an unknown subtype, whatever the reserved bytes hold', () => {
    const list = listOf(MSI);
    list.set([9, 0xa5, 0xa5, 0xa5], 4);
    expect(reservedRegions(list, NO_FAULTS)).toEqual([{ ...MSI_REGION, kind: 'reserved' }]);
  });

  it('takes a property that is longer than known', () => {
    const long = [...MSI, 1, 2, 3, 4, 5, 6, 7, 8];
    long[2] = 28;
    expect(reservedRegions(listOf(long, MSI), NO_FAULTS)).toEqual([MSI_REGION, MSI_REGION]);
  });

  it('is given up where a property leaves it', () => {
    for (let length = 0; length < MSI.length; length++) {
      expect(reservedRegions(listOf(MSI).subarray(0, length), NO_FAULTS)).toEqual([]);
    }
  });
});
