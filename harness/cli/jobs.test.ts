import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { needs } from '../../scripts/test-tools/needs.ts';
import { readEventLog } from '../../reports/record/event-log.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-jobs-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const start = (name: string, ...words: string[]): ChildProcess =>
  spawn(
    process.execPath,
    ['--import', 'tsx', 'harness/cli/main.ts', 'run', '--driver', 'sample', '--out', join(scratch, name), ...words],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );

const logOf = (name: string): string => join(scratch, name, 'results.ndjson');

/** The log without what a clock put there. */
const timeless = (name: string): string =>
  readFileSync(logOf(name), 'utf8')
    .replace(/"startedAt":"[^"]*"/, '')
    .replace(/"durationMs":[\d.]+/g, '');

/** The processes that play in a run, once one variant has been judged. */
async function jobsOf(name: string, run: ChildProcess): Promise<number[]> {
  const isJudged = (): boolean => existsSync(logOf(name)) && readFileSync(logOf(name), 'utf8').includes('"verdict"');
  await expect.poll(isJudged, { timeout: 60_000 }).toBe(true);
  const { pid = 0 } = run;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

const areGone = (pids: readonly number[]): boolean => pids.every((pid) => !existsSync(`/proc/${pid}`));

describe('a run with --jobs', () => {
  it('leaves the same log as with one job, byte for byte but for times', async () => {
    const globs = ['dma/*', 'free/*', 'topology/*'].flatMap((glob) => ['--case', glob]);
    for (const jobs of ['1', '2']) {
      const run = start(jobs, '--jobs', jobs, '--fault', 'unmap-never-sent', ...globs);
      expect((await once(run, 'exit'))[0]).toBe(1);
    }
    expect(timeless('2')).toBe(timeless('1'));
  });

  it('loses no more than one variant where one of its processes is killed', async () => {
    const run = start('killed', '--jobs', '2', '--case', 'sweeps/*');
    const jobs = await jobsOf('killed', run);
    expect(jobs).toHaveLength(2);
    process.kill(jobs[0]!, 'SIGKILL');
    await once(run, 'exit');
    const { cases, footer } = readEventLog(logOf('killed'));
    const lost = cases.filter(({ judgement }) => judgement?.verdict === 'error');
    expect(lost.length).toBeLessThanOrEqual(1);
    for (const { judgement } of lost) {
      expect(judgement).toMatchObject({
        verdict: 'error',
        says: 'The process that played this was ended by SIGKILL.',
      });
    }
    expect(footer).toMatchObject({ notRun: [], interrupted: false });
  });

  it('ends all of them when it is interrupted', async () => {
    const run = start('interrupted', '--jobs', '2');
    const jobs = await jobsOf('interrupted', run);
    run.kill('SIGINT');
    expect((await once(run, 'exit'))[0]).toBe(130);
    expect(areGone(jobs)).toBe(true);
    expect(readEventLog(logOf('interrupted')).footer).toMatchObject({ interrupted: true });
  });

  it('is outlived by none of them where it is killed itself', needs('setpriv'), async () => {
    const run = start('orphaned', '--jobs', '2');
    const jobs = await jobsOf('orphaned', run);
    run.kill('SIGKILL');
    await once(run, 'exit');
    await expect.poll(() => areGone(jobs), { timeout: 10_000 }).toBe(true);
  });
});
