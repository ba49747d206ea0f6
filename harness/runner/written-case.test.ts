import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../cases/api/define-case.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { DRIVER_FAULTS } from '../drivers/sample-driver/driver-faults.ts';
import { checkCatalogue } from './catalogue-check.ts';
import { Player } from './player.ts';
import { selftest } from './selftest.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-written-case-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The case that the page writes, as if it lay where it is said to lie. */
async function writtenCase(): Promise<Case> {
  const page = readFileSync('cases/WRITING.md', 'utf8');
  const text = /```ts\n(.*?)```/s.exec(page)?.[1] ?? '';
  const file = join(scratch, 'written.case.ts');
  writeFileSync(file, text.replace('../api/index.ts', resolve('cases/api/index.ts')));
  const { default: written } = (await import(pathToFileURL(file).href)) as { default: Case };
  return written;
}

describe('the case that cases/WRITING.md writes', () => {
  it('is well formed, catches its fault, and passes the faultless driver', async () => {
    const written = await writtenCase();
    checkCatalogue({
      cases: [written],
      monitors: [],
      driverFaults: new Set(Object.keys(DRIVER_FAULTS)),
      fileOf: (id) => id,
      hasFile: (id) => id === 'map/readable-when-asked',
    });
    const { rows, falseAlarms } = await selftest({
      catalogue: [written],
      monitors: [],
      stands: [{ before: (traits, monitors) => new Player(sampleDriver(traits), monitors) }],
      legalDrivers: [],
      tell: () => {},
    });
    expect(rows.map(({ fault, caughtIn }) => [fault, caughtIn])).toEqual([
      ['map-read-missing', 'map/readable-when-asked:both'],
    ]);
    expect(falseAlarms).toEqual([]);
  });
});
