import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { syntheticRun } from './fixtures/synthetic-run.ts';
import { writeReports } from './index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'reports-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('writes three reports into a directory that it makes, and leaves nothing else there', () => {
  const target = join(directory, 'a', 'b');
  expect(writeReports(syntheticRun(), target)).toEqual(
    ['report.html', 'junit.xml', 'results.tap'].map((name) => join(target, name)),
  );
  expect(readdirSync(target).toSorted()).toEqual(['junit.xml', 'report.html', 'results.tap']);
});

it('names the device profile of a run in every report that says what was tested', () => {
  const run = syntheticRun();
  writeReports({ ...run, header: { ...run.header, profile: 'qemu' } }, directory);
  for (const name of ['report.html', 'junit.xml']) {
    expect(readFileSync(join(directory, name), 'utf8')).toContain('device profile qemu');
  }
});

it('replaces the reports of an earlier run', () => {
  writeFileSync(join(directory, 'results.tap'), 'old');
  writeReports(syntheticRun(), directory);
  expect(readFileSync(join(directory, 'results.tap'), 'utf8')).toMatch(/^TAP version 14\n/);
});

it('leaves no half file behind where it cannot write', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => writeReports(syntheticRun(), join(directory, 'file'))).toThrow();
  expect(readdirSync(directory)).toEqual(['file']);
});
