import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../../reports/fixtures/synthetic-run.ts';
import { eventsOf } from '../../reports/record/assemble.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import { keepPrevious, previousRun } from './previous-run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viommuspec-previous-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const planned = ({ header, ...run }: RunRecord): RunRecord => ({
  ...run,
  header: { ...header, plan: run.cases.map(({ started }) => started.id) },
});
const leave = (run: RunRecord): void =>
  writeFileSync(
    join(folder, 'results.ndjson'),
    [...eventsOf(run)].map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
const run = planned(syntheticRun());

describe('the previous run of a folder', () => {
  it('is its last log, without the traces', () => {
    leave(run);
    keepPrevious(folder);
    const previous = previousRun(folder, run.header);
    expect(previous?.cases.map(({ judgement }) => judgement?.verdict)).toEqual(
      run.cases.map(({ judgement }) => judgement?.verdict),
    );
    expect(previous?.cases.every(({ trace }) => trace.length === 0)).toBe(true);
  });

  it('stays the last one that came to its end', () => {
    leave(run);
    keepPrevious(folder);
    leave(planned(cutRun()));
    keepPrevious(folder);
    expect(previousRun(folder, run.header)?.cases).toHaveLength(run.cases.length);
  });

  it('is none of another driver, or of other variants', () => {
    leave(run);
    keepPrevious(folder);
    const { header } = run;
    expect(previousRun(folder, { ...header, driver: { ...header.driver, name: 'mine' } })).toBeUndefined();
    expect(previousRun(folder, planned(runOf([fixtureCase('a/b')])).header)).toBeUndefined();
    expect(previousRun(folder, { ...header, driver: { ...header.driver, version: '7.3' } })).toBeDefined();
  });

  it.each([
    ['no log', undefined],
    ['a log that is none', 'what?\n'],
    ['an empty log', ''],
  ])('is none where there was %s', (_what, text) => {
    if (text !== undefined) writeFileSync(join(folder, 'results.ndjson'), text);
    keepPrevious(folder);
    expect(previousRun(folder, run.header)).toBeUndefined();
    expect(readdirSync(folder).filter((name) => name.startsWith('previous'))).toEqual([]);
  });

  it('is none where somebody has put something else in its place', () => {
    writeFileSync(join(folder, 'previous.ndjson.gz'), 'no gzip');
    expect(previousRun(folder, run.header)).toBeUndefined();
  });
});
