import { execa } from 'execa';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from '../../scripts/test-tools/needs.ts';
import { checkContract, inventVerb } from './contract-check.ts';
import { DriverGone, type DriverSession } from './driver-session.ts';
import { fakeIdentity, fakeMachine } from './fixtures/fake-machine.ts';
import { openShim, type ShimOptions } from './shim-session.ts';

const folder = fileURLToPath(new URL('fixtures', import.meta.url));
const sessions: DriverSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

async function open(fixture: string, special: Partial<ShimOptions> = {}): Promise<DriverSession> {
  const session = await openShim({
    command: process.execPath,
    args: [`${fixture}.mjs`],
    cwd: folder,
    machine: fakeMachine(),
    identity: fakeIdentity(),
    ...special,
  });
  sessions.push(session);
  return session;
}

/** Only these may have a short deadline: on a busy machine others would miss it by accident. */
const FALLS_SILENT = new Set(['no-yaml-block', 'never-answers']);

const start = { verb: 'start', args: {} };

/** How the driver went in `happens`. */
async function endIn(happens: Promise<unknown>): Promise<DriverGone['end']> {
  const error: unknown = await happens.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof DriverGone) return error.end;
  throw new Error('the driver did not go', { cause: error });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits up to 5 s for a process to vanish. */
async function vanishes(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  return !isAlive(pid);
}

describe('a shim that keeps the contract', () => {
  it('is asked one command after the other', async () => {
    const session = await open('obedient');
    expect(await session.command(start)).toEqual({ outcome: 'ok', values: {} });
    expect(await session.command({ verb: 'regions', args: { endpoint: 'dma' } })).toEqual({
      outcome: 'ok',
      values: { regions: ['0xfee00000 0xfeefffff msi'], asked: 'dma' },
    });
    expect(await session.command({ verb: 'alloc', args: {} })).toEqual({
      outcome: 'not-ok',
      reason: 'no memory',
      values: { error: 'no memory' },
    });
    expect(session.takeLog()).toBe('obedient: up\n# thinking\n');
    expect(session.takeLog()).toBe('');
  });

  it('refuses a verb that does not exist, as the check before any case demands', async () => {
    expect(await checkContract(await open('obedient'), inventVerb())).toBeUndefined();
  });

  it('ends by itself when the session is closed, and the machine is closed once', async () => {
    const machine = fakeMachine();
    const session = await open('obedient', { machine });
    await session.close();
    await session.close();
    expect(session.endedByItself).toBe(true);
    expect(machine.closed).toBe(1);
    expect((await endIn(session.command(start))).says).toMatch(/^The harness closed the session\./);
  });

  it('is gone as soon as another channel shows a crash', async () => {
    const trouble = { how: 'crashed', says: 'The kernel says: Oops.' } as const;
    const session = await open('obedient', { trouble: () => trouble });
    expect(await endIn(session.command(start))).toEqual(trouble);
  });
});

describe('a shim that breaks the contract', () => {
  it('is caught when it answers ok to everything', async () => {
    const sentence = await checkContract(await open('always-ok'), 'nosuchverbhere');
    expect(sentence).toMatch(/^The driver answered "ok" to the verb "nosuchverbhere", which does not exist/);
  });

  it.each([
    ['floods-stdout', /^The driver wrote (a line of )?more than \d+ (characters|bytes) to stdout/],
    ['wrong-number', /^The driver numbered its answer 2 .* where 1 was next\.$/],
    ['bails-out', /^The driver bailed out: the device asked for a reset\.$/],
    ['no-yaml-block', /^The driver answered without the YAML block .* within 300 ms of "start"\.$/],
    ['never-answers', /^The driver did not answer within 300 ms of "start"\.$/],
    ['dies-in-command', /^The driver's program was ended by SIGKILL while "start" was waited for\.$/],
  ])('%s', async (fixture, says) => {
    const session = await open(fixture, { deadlines: { answerMs: FALLS_SILENT.has(fixture) ? 300 : 20_000 } });
    expect((await endIn(session.command(start))).says).toMatch(says);
    expect((await endIn(session.command(start))).says).toMatch(says);
  });

  it.each([
    ['silent', 'silent', /^The driver did not begin its stdout with "TAP version 14" within 300 ms of its start\.$/],
    [
      'dies-on-start',
      'exited',
      /exit code 7 while its start was waited for\. Its last words: "dies-on-start: no such device"\.$/,
    ],
    ['binary-garbage', 'broke-contract', /^The driver began its stdout with "[\u{20}-\u{fffd}]*" instead of/u],
    ['no-such-file', 'exited', /exit code 1/],
  ])('is not opened: %s', async (fixture, how, says) => {
    const machine = fakeMachine();
    const deadlines = { startMs: fixture === 'silent' ? 300 : 20_000 };
    const end = await endIn(open(fixture, { machine, deadlines }));
    expect(end.how).toBe(how);
    expect(end.says).toMatch(says);
    expect(machine.closed).toBe(1);
  });

  it('is not opened when its program does not exist', async () => {
    expect((await endIn(open('obedient', { command: './no-such-program' }))).how).toBe('exited');
  });
});

describe('a shim that goes', () => {
  it('harms nobody when nobody waits', async () => {
    let log = '';
    const session = await open('dies-when-idle', { onLog: (text) => (log += text) });
    await session.command(start);
    await expect.poll(() => log).toMatch(/process \d+/);
    expect(await vanishes(Number(/process (\d+)/.exec(log)?.[1]))).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const end = await endIn(session.command(start));
    expect(end.how).toBe('exited');
    expect(end.says).toMatch(/^The driver's program ended with exit code 3 while nothing was asked of it\./);
  });

  it('is killed when it is deaf to everything else', async () => {
    let log = '';
    const session = await open('never-answers', { onLog: (text) => (log += text) });
    await session.close();
    expect(session.endedByItself).toBe(false);
    expect(log).toBe('');
  });

  it('takes the children with it that it has left behind', async () => {
    let log = '';
    const session = await open('forks-and-dies', { onLog: (text) => (log += text) });
    await expect.poll(() => log).toMatch(/child \d+/);
    expect(await vanishes(Number(/child (\d+)/.exec(log)?.[1]))).toBe(true);
    expect((await endIn(session.command(start))).how).toBe('exited');
  });

  it('does not outlive a harness that is killed with SIGKILL', needs('setpriv'), async () => {
    const harness = execa(process.execPath, ['--import', 'tsx', `${folder}/harness-to-kill.mjs`], { reject: false });
    const [line]: unknown[] = await once(createInterface({ input: harness.stdout }), 'line');
    expect(isAlive(Number(line))).toBe(true);
    harness.kill('SIGKILL');
    await harness;
    expect(await vanishes(Number(line))).toBe(true);
  });
});
