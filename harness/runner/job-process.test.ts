import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import { HarnessError } from '../harness-error.ts';
import type { Job, Played } from './job.ts';
import { JobProcess } from './job-process.ts';
import { planned } from './plan.ts';

const entry = new URL('fixtures/mortal-job.ts', import.meta.url);
const told: string[] = [];
const processes: JobProcess[] = [];

afterEach(async () => {
  for (const process of processes.splice(0)) await process.end();
});

function started(options = {}): JobProcess {
  const process = new JobProcess({ entry, tell: (line) => void told.push(line), ...options });
  processes.push(process);
  return process;
}

const before = (process: JobProcess, word = 'plays'): Job =>
  process.before({ words: [word], profile: 'spec', isLogged: true });
const play = (job: Job, id: string): Promise<Played> => job.play({ ...planned(CASES[0]!, CASES[0]!.variants[0]!), id });

/** The process of a job, which tells of it when it meets. */
async function pidOf(job: Job): Promise<number> {
  await job.meet({ topology: 'plain' }, 1);
  return Number(/\d+$/.exec(told.at(-1) ?? '')?.[0]);
}

describe('a process that plays', () => {
  it('meets the driver, tells of the machine before it plays, and answers', async () => {
    const job = before(started());
    expect(await job.meet({ topology: 'plain' }, 1)).toMatchObject({ name: 'fixture' });
    const seen: string[] = [];
    const variant = planned(CASES[0]!, CASES[0]!.variants[0]!);
    const played = await job.play(variant, ({ topology }) => void seen.push(topology));
    expect(seen).toEqual([variant.setup.topology]);
    expect(played).toMatchObject({ driver: 'usable', driverLog: `${variant.id} by plays` });
  });

  it('takes one driver after the other', async () => {
    const process = started();
    expect((await play(before(process, 'one'), 'a')).driverLog).toBe('a by one');
    expect((await play(before(process, 'other'), 'b')).driverLog).toBe('b by other');
  });

  it.each([
    ['SIGKILL', 'The process that played this was ended by SIGKILL.'],
    ['SIGBUS', 'The process that played this was ended by SIGBUS: memory that the driver shares was not there.'],
  ])('that is ended by %s costs one variant', async (id, error) => {
    const job = before(started());
    expect(await play(job, id)).toMatchObject({ error, driver: 'absent' });
    expect(await play(job, 'next')).toMatchObject({ driver: 'usable' });
  });

  it('answers questions, and says in a sentence that it is gone', async () => {
    const job = before(started());
    expect(await job.ask?.('SIGKILL')).toBe('The process that was to answer was ended by SIGKILL.');
    expect(await job.ask?.(['plain', 1n])).toEqual({ question: ['plain', 1n] });
  });

  it('that never comes back costs one variant', async () => {
    const job = before(started({ silenceMs: 15_000 }));
    expect(await play(job, 'loops')).toMatchObject({
      error: 'The process that played this gave no sign of life for 15 s.',
    });
    expect(await play(job, 'next')).toMatchObject({ driver: 'usable' });
  });

  it('says why a driver cannot be met, and that it died of it', async () => {
    await expect(before(started(), 'refuses').meet({ topology: 'plain' }, 1)).rejects.toMatchObject({
      message: 'There is no such driver.',
      exitCode: 4,
      hint: 'Name another.',
    });
    const death: unknown = await before(started(), 'dies')
      .meet({ topology: 'plain' }, 1)
      .catch((error: unknown) => error);
    expect(death).toBeInstanceOf(HarnessError);
    expect(death).toMatchObject({ message: 'The process that was to meet the driver ended with exit code 3.' });
  });

  it('shows the stack of a mistake of our own', async () => {
    const error: unknown = await play(before(started()), 'fails').catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(HarnessError);
    expect(String((error as Error).stack)).toMatch(/TypeError: a mistake of our own[^]*mortal-job/);
  });

  it.each(['plays', 'stays'])('is gone once its job is closed, also if it %s', async (word) => {
    const job = before(started({ farewellMs: 1000 }), word);
    const pid = await pidOf(job);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    await job.close();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });
});
