import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../harness-error.ts';
import { doctor, type Examination } from './doctor.ts';
import { DriverGone, type DriverUnderTest } from './driver-session.ts';
import { fakeIdentity, fakeMachine } from './fixtures/fake-machine.ts';
import { modelDriver } from './fixtures/model-driver.ts';
import { openShim } from './shim-session.ts';

async function examine(driver: DriverUnderTest): Promise<Examination[]> {
  const results: Examination[] = [];
  for await (const result of doctor(driver)) results.push(result);
  return results;
}

/** The steps that went wrong. */
const wrong = async (driver: DriverUnderTest): Promise<Examination[]> =>
  (await examine(driver)).filter(({ ok }) => !ok);

/** Only these may have short deadlines: on a busy machine others would miss them by accident. */
const FALLS_SILENT = new Set(['silent', 'no-yaml-block', 'never-answers']);

const fixture = (name: string): DriverUnderTest => ({
  open: () =>
    openShim({
      command: process.execPath,
      args: [`${name}.mjs`],
      cwd: fileURLToPath(new URL('fixtures', import.meta.url)),
      machine: fakeMachine(),
      identity: fakeIdentity(['start', 'stop', 'peek', 'regions', 'alloc']),
      deadlines: FALLS_SILENT.has(name) ? { startMs: 2000, answerMs: 300 } : {},
    }),
});

describe('the doctor', () => {
  it('finds nothing wrong with a driver that is well', async () => {
    const results = await examine(modelDriver());
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.map(({ step }) => step)).toEqual([
      'starts',
      'announces a TAP 14 stream',
      'refuses a verb that does not exist',
      'refuses the verbs that it does not declare',
      'starts and stops on a plain machine',
      'takes a second start or stop without harm',
      'answers the verbs that it declares',
      'lets an endpoint reach what is mapped',
      'takes the mapping away with unmap',
      'stops at the end',
      'has a log',
      'ends when its stdin is closed',
    ]);
  });

  it('does not hold against a driver what it does not claim', async () => {
    expect(await wrong(modelDriver(['start', 'stop']))).toEqual([]);
    expect(await wrong(modelDriver(['start', 'stop', 'attach', 'map', 'unmap', 'peek']))).toEqual([]);
  });

  it('examines a shim that keeps the contract to its end', async () => {
    const results = await examine(fixture('obedient'));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.at(-1)?.says).toBe('The driver ended by itself.');
    expect(results.find(({ step }) => step.startsWith('answers'))?.says).toBe(
      'Every declared verb was answered, not all with ok: "alloc": not ok (no memory).',
    );
  });

  it.each([
    ['dies-on-start', 'starts', /exit code 7/, /by hand/],
    ['silent', 'announces a TAP 14 stream', /did not begin its stdout/, /flush/],
    ['binary-garbage', 'announces a TAP 14 stream', /instead of "TAP version 14"/, /first line of stdout/],
    ['always-ok', 'refuses a verb that does not exist', /none of its answers/, /SKIP/],
    ['no-yaml-block', 'refuses a verb that does not exist', /without the YAML block/, /VERBS\.md/],
    ['dies-in-command', 'refuses a verb that does not exist', /SIGKILL/, /signal’s cause/],
    ['never-answers', 'refuses a verb that does not exist', /did not answer/, /flush stdout/],
  ])('says what is wrong with a shim and what to do: %s', async (name, step, says, hint) => {
    const [first] = await wrong(fixture(name));
    expect(first).toMatchObject({
      step,
      says: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    });
  });

  it('says that a shim has to be killed', async () => {
    const deaf = await wrong(fixture('deaf-at-the-end'));
    expect(deaf).toMatchObject([
      { step: 'ends when its stdin is closed', hint: expect.stringMatching(/end of input/) },
    ]);
  });

  it.each([
    [
      'an unmap that does nothing',
      'unmap',
      { outcome: 'ok', values: {} },
      'takes the mapping away with unmap',
      /did not fault/,
    ],
    [
      'a map that does nothing',
      'map',
      { outcome: 'ok', values: {} },
      'lets an endpoint reach what is mapped',
      /could not read/,
    ],
    [
      'a poke that does nothing',
      'poke',
      { outcome: 'ok', values: {} },
      'lets an endpoint reach what is mapped',
      /"poke" stored/,
    ],
    [
      'a peek that invents',
      'peek',
      { outcome: 'ok', values: { bytes: 'ff' } },
      'lets an endpoint reach what is mapped',
      /"peek" gave ff/,
    ],
    [
      'bytes without quotes',
      'peek',
      { outcome: 'ok', values: { bytes: 1200000 } },
      'answers the verbs that it declares',
      /bytes: 1200000/,
    ],
    [
      'a declared verb that is none',
      'bypass',
      { outcome: 'skip', values: {} },
      'answers the verbs that it declares',
      /declares "bypass"/,
    ],
    [
      'a start that fails',
      'start',
      { outcome: 'not-ok', reason: 'No BAR.', values: {} },
      'starts and stops on a plain machine',
      /not ok \(No BAR\) to "start"/,
    ],
  ] as const)('finds %s', async (_what, verb, answer, step, says) => {
    const driver = modelDriver(undefined, (command) => (command.verb === verb ? answer : undefined));
    expect(await wrong(driver)).toContainEqual(expect.objectContaining({ step, says: expect.stringMatching(says) }));
  });

  it('finds an undeclared verb that is answered', async () => {
    const driver = modelDriver(['start', 'stop'], ({ verb }) =>
      verb === 'faults' ? { outcome: 'ok', values: {} } : undefined,
    );
    expect(await wrong(driver)).toMatchObject([
      { says: 'The driver answered ok to "faults", which it does not declare.' },
    ]);
  });

  it('stops when the driver has gone', async () => {
    const driver = modelDriver(undefined, ({ verb }) => {
      if (verb === 'map') throw new DriverGone({ how: 'crashed', says: 'Oops.' });
      return undefined;
    });
    expect((await examine(driver)).at(-1)).toMatchObject({ step: 'answers the verbs that it declares', says: 'Oops.' });
  });

  it('leaves to the harness what the driver is not to blame for', async () => {
    const driver = { open: () => Promise.reject(new HarnessError('No sockets.')) };
    await expect(examine(driver)).rejects.toThrow('No sockets.');
  });
});
