import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coreDeviceRequirements } from './core.ts';
import { iommuDeviceRequirements } from './iommu.ts';
import { mmioTransportDeviceRequirements } from './mmio-transport.ts';
import { packedVirtqueueDeviceRequirements } from './packed-virtqueue.ts';
import { pciTransportDeviceRequirements } from './pci-transport.ts';
import { reservedFeatureDeviceRequirements } from './reserved-features.ts';
import type { DeviceRequirementRow, DeviceRequirementTable } from './row.ts';
import { splitVirtqueueDeviceRequirements } from './split-virtqueue.ts';

/** How many device-side statements the parts of virtio 1.4 have, administration aside. */
const TABLES: readonly { readonly name: string; readonly table: DeviceRequirementTable; readonly count: number }[] = [
  { name: 'iommu', table: iommuDeviceRequirements, count: 66 },
  { name: 'core', table: coreDeviceRequirements, count: 28 },
  { name: 'reserved-features', table: reservedFeatureDeviceRequirements, count: 13 },
  { name: 'split', table: splitVirtqueueDeviceRequirements, count: 24 },
  { name: 'packed', table: packedVirtqueueDeviceRequirements, count: 11 },
  { name: 'pci', table: pciTransportDeviceRequirements, count: 82 },
  { name: 'mmio', table: mmioTransportDeviceRequirements, count: 12 },
];

const TOP = new URL('../../', import.meta.url);
const OWN_FOLDER = 'requirements/';
const SEPARATOR = ' › ';
const ROWS: readonly (readonly [string, DeviceRequirementRow])[] = TABLES.flatMap(({ table }) => Object.entries(table));
const IDS = new Set(ROWS.map(([id]) => id));

const textOf = (path: string): string => readFileSync(new URL(path, TOP), 'utf8');

const hasComment = (path: string, id: string): boolean =>
  textOf(path)
    .split('\n')
    .some((line) => /^\s*(\/\/|\/\*\*|\*)/.test(line) && new RegExp(`${id}(?![a-z0-9-])`).test(line));

const hasTest = (path: string, title: string): boolean =>
  path.endsWith('.test.ts') && ["'", '"', '`'].some((quote) => textOf(path).includes(`(${quote}${title}${quote},`));

describe.each(TABLES)('the table $name', ({ name, table, count }) => {
  it('has every statement once, under its own name', () => {
    expect(Object.keys(table)).toHaveLength(count);
    expect(Object.keys(table).filter((id) => !id.startsWith(`${name}/`))).toEqual([]);
  });
});

describe('every device requirement', () => {
  it('names code that has its id in a comment', () => {
    const lacking = ROWS.filter(([id, row]) => 'code' in row && !hasComment(row.code, id)).map(([id]) => id);
    expect(lacking).toEqual([]);
  });

  it('names a test that exists', () => {
    const lacking = ROWS.filter(([, row]) => {
      if (!('test' in row)) return false;
      const [path = '', ...title] = row.test.split(SEPARATOR);
      return !hasTest(path, title.join(SEPARATOR));
    });
    expect(lacking.map(([id]) => id)).toEqual([]);
  });

  it('has a reason in a sentence if it has neither', () => {
    const reasons = ROWS.flatMap(([, row]) => ('reason' in row ? [row.reason] : []));
    expect(reasons.filter((reason) => !/^[A-Z].* .*\.$/.test(reason))).toEqual([]);
  });
});

it('no comment of the device names a device requirement that stands in no table', () => {
  const sources = readdirSync(new URL('reference-device/', TOP), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.startsWith(OWN_FOLDER) && !path.endsWith('.test.ts'),
  );
  const pattern = /\b(?:iommu|core|reserved-features|split|packed|pci|mmio)\/(?:device|legacy)(?:\/[a-z0-9-]+){1,2}/g;
  const named = sources.flatMap((path) => textOf(`reference-device/${path}`).match(pattern) ?? []);
  expect(named.length).toBeGreaterThan(100);
  expect([...new Set(named)].filter((id) => !IDS.has(id))).toEqual([]);
});
