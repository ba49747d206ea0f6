import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fakeIdentity } from '../driver-contract/fixtures/fake-machine.ts';
import { shimDriver } from '../driver-contract/shim.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { play, type Played } from './fixtures/play.ts';

/** Only these may have short deadlines: on a busy machine others would miss them by accident. */
const SHORT = { startMs: 10_000, answerMs: 700 };

/** Two variants of a case that maps, so that it is seen whether the run goes on. */
const GLOBS = ['map/end-after-start:one-page', 'map/end-after-start:two-pages'];

/** Takes the program `fixture` through them. */
const playFixture = (fixture: string, args: readonly string[], deadlines = {}): Promise<Played> =>
  play(
    shimDriver({
      identity: fakeIdentity(['start', 'stop', 'attach', 'map', 'unmap']),
      command: process.execPath,
      args: [`${fixture}.mjs`, ...args],
      folder: fileURLToPath(new URL('../driver-contract/fixtures', import.meta.url)),
      environment: {},
      deadlines,
    }),
    GLOBS,
  );

describe('a shim that means harm', () => {
  it.each([
    ['stalls', /^The driver did not answer within 700 ms of "map"\.$/, SHORT],
    ['floods', /^The driver wrote (a line of )?more than \d+ (characters|bytes) to stdout/, {}],
    ['forks-and-dies', /^The driver's program ended with exit code 3 while "map" was waited for\.$/, {}],
  ] as const)(
    '%s in the middle of a case: it fails with a sentence, and the run goes on',
    async (act, says, deadlines) => {
      const { footer, verdicts } = await playFixture('hostile-in-map', [act], deadlines);
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(['fail', 'fail']);
      for (const verdict of verdicts) expect(verdict.says).toMatch(says);
      expect(footer.exitCode).toBe(EXIT.unexpected);
    },
  );

  it('lies about all that it does: nothing is passed for that', async () => {
    const { footer, verdicts } = await playFixture('hostile-in-map', ['lies']);
    for (const { verdict, says } of verdicts) {
      expect(verdict).toBe('untested');
      expect(says).toBe("The driver answered 'start' with ok, and never brought the device up.");
    }
    expect(footer.exitCode).toBe(EXIT.nothingExercised);
  });

  it.each([
    ['leaves-in-mid-message', /the client was disconnected: it left in the middle of a message/],
    ['maps-memory-twice', /DMA_MAP refused: .*overlaps the window at 0x0/],
    ['claims-a-gigabyte', /a message claims 1073741824 bytes, more than \d+/],
  ])('is rude to its sockets, of which the log tells: %s', async (act, sentence) => {
    const { footer, verdicts } = await playFixture('rude-client', [act]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['untested', 'untested']);
    expect(verdicts.map(({ driverLog }) => driverLog).join('')).toMatch(sentence);
    expect(footer.exitCode).toBe(EXIT.nothingExercised);
  });

  it.each([
    ['always-ok', /which does not exist, so that none of its answers can be believed/, {}],
    ['never-answers', /^The driver did not answer within 700 ms/, SHORT],
    ['floods-stdout', /^The driver wrote/, {}],
    ['forks-and-dies', /^The driver's program ended with exit code 0/, {}],
    ['dies-on-start', /^The driver's program ended with exit code 7/, {}],
  ])('is turned away before any case, with a sentence: %s', async (fixture, says, deadlines) => {
    const error: unknown = await playFixture(fixture, [], deadlines).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HarnessError);
    expect(error).toMatchObject({
      message: expect.stringMatching(says),
      exitCode: EXIT.driverDidNotStart,
      hint: expect.stringMatching(/doctor/),
    });
  });
});
