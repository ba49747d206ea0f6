import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { checkKcidb } from '../../reports/fixtures/kcidb-schema.ts';
import { testPaths } from '../../reports/kcidb/test-paths.ts';
import { readEventLog } from '../../reports/record/event-log.ts';
import { allVariants } from '../runner/plan.ts';
import { program } from './program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-kcidb-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let said = '';

function viommuspec(...args: string[]): Promise<number> {
  said = '';
  const hear = (text: string): void => void (said += text);
  return program(args, { columns: 100, colour: false, isLive: false, print: hear, note: hear, draw: hear });
}

const submission = (): ReturnType<typeof checkKcidb> => checkKcidb(readFileSync(join(scratch, 'kcidb.json'), 'utf8'));

describe('--format kcidb', () => {
  it('says of what build the results are, in the log and after it', async () => {
    const log = join(scratch, 'results.ndjson');
    const sample = ['run', '--driver', 'sample', '--case', 'dma/after-unmap', '--out', scratch, '--format', 'kcidb'];
    expect(await viommuspec(...sample, '--kcidb-origin', 'mylab', '--kcidb-build', 'maestro:67c1e9')).toBe(0);
    const mine = submission().tests[0];
    expect(mine).toMatchObject({ origin: 'mylab', build_id: 'maestro:67c1e9', status: 'PASS' });
    const { header } = readEventLog(log);
    expect(header.kcidb).toEqual({ origin: 'mylab', build: 'maestro:67c1e9' });
    expect(header.command).not.toContain('kcidb');
    expect(await viommuspec('report', log, '--format', 'kcidb')).toBe(0);
    expect(submission().tests[0]).toEqual(mine);
    expect(await viommuspec('report', log, '--format', 'kcidb', '--kcidb-build', 'maestro:1')).toBe(0);
    expect(submission().tests[0]).toMatchObject({ build_id: 'maestro:1' });
  });

  it.each([
    [['--kcidb-origin', 'My Lab'], "--kcidb-origin is 'My Lab'; it has to be of lower-case letters"],
    [['--kcidb-build', '67c1e9'], "--kcidb-build is '67c1e9'; it has to be the id of a build, such as maestro:67c1e9."],
    [['--kcidb-build', 'a:b', '--kernel', 'trixie', '--kernel', 'trixie-backports'], '--kcidb-build is one build'],
  ])('refuses %j', async (words, says) => {
    expect(await viommuspec('run', '--out', join(scratch, 'refused'), ...words)).toBe(2);
    expect(said).toContain(says);
  });

  it('has a path for each variant of the catalogue, that no other has', () => {
    const ids = allVariants(CASES).map(({ id }) => id);
    expect(testPaths(ids)).toEqual(ids.map((id) => `viommuspec.${id.replaceAll(/[/:]/g, '.')}`));
    expect(new Set(testPaths(ids)).size).toBe(ids.length);
  });
});
