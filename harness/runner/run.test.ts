import { describe, expect, it } from 'vitest';
import { defineCase } from '../../cases/api/define-case.ts';
import type { TopologyName } from '../../cases/api/vocabulary.ts';
import { DriverGone, type DriverSession, type DriverUnderTest } from '../driver-contract/driver-session.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import type { CaseJudged, Footer, LogEvent } from '../../reports/record/model.ts';
import { unplayed } from '../scoring/judge-play.ts';
import { ExpectationBook } from '../scoring/expectations.ts';
import { playersOf } from './fixtures/play.ts';
import type { Job } from './job.ts';
import { planRun } from './plan.ts';
import { Player } from './player.ts';
import { run } from './run.ts';

/** Passes in front of any driver that starts. */
const starting = (id: string, vary: Readonly<Record<string, TopologyName>> = { '': 'plain' }) =>
  defineCase({
    id,
    title: id,
    demands: '',
    requirements: ['platform/order/no-dma-before-iommu'],
    vary,
    given: (topology) => ({ topology }),
    async when({ driver }) {
      await driver.try.start();
    },
    then(seen) {
      const start = seen.answers[0];
      seen.check('platform/order/no-dma-before-iommu', start?.outcome === 'ok', start, 'It did not start.');
    },
    mustCatch: {},
  });

const CASES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => starting(`test/${name}`));

/** The sample driver, with one of its answers replaced. */
function disturbed(
  disturb: (session: DriverSession, openCount: number) => DriverSession,
): DriverUnderTest & { opened: number } {
  const driver = sampleDriver({});
  return {
    opened: 0,
    async open(described) {
      this.opened++;
      return disturb(await driver.open(described), this.opened);
    },
  };
}

function withCommand(session: DriverSession, command: DriverSession['command']): DriverSession {
  return {
    machine: session.machine,
    identity: session.identity,
    command,
    takeLog: () => session.takeLog(),
    close: () => session.close(),
  };
}

const gone = (end: DriverGone['end'] = { how: 'crashed', says: 'The kernel panicked.' }): never => {
  throw new DriverGone(end);
};
const heldUp = (): never => gone({ how: 'held-up', says: 'soft lockup - CPU#0 stuck for 22s!' });

async function played(
  driver: DriverUnderTest,
  { catalogue = CASES, quick = false, jobs = playersOf(driver, []) } = {},
): Promise<{ footer: Footer; verdicts: CaseJudged[]; events: LogEvent[] }> {
  const events: LogEvent[] = [];
  const footer = await run({
    driver,
    jobs,
    driverFaults: [],
    catalogue,
    monitors: [],
    plan: planRun(catalogue, { globs: [], seed: 1, shuffle: false }),
    quick,
    revision: '1.4',
    seed: 1,
    expectations: () => new ExpectationBook([]),
    command: 'test',
    repeat: (id) => `repeat ${id}`,
    tool: { name: 'viommuspec', version: '0' },
    log: (event) => void events.push(event),
    observer: { started: () => {}, caseStarted: () => {}, caseJudged: () => {} },
    signal: new AbortController().signal,
  });
  return { footer, events, verdicts: events.filter((event) => event.event === 'verdict') };
}

/** The log without what a clock put there. */
const timeless = ({ events }: { events: LogEvent[] }): string =>
  JSON.stringify(events, (key, value: unknown) =>
    ['durationMs', 'startedAt'].includes(key) ? 0 : typeof value === 'bigint' ? String(value) : value,
  );

describe('a run', () => {
  it('fails the one case in which the driver crashed, and goes on with a new one', async () => {
    const driver = disturbed((session, openCount) =>
      openCount > 1
        ? session
        : withCommand(session, async (command) => (command.verb === 'start' ? gone() : session.command(command))),
    );
    const { footer, verdicts } = await played(driver);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['fail', ...Array(6).fill('pass')]);
    expect(verdicts[0]).toMatchObject({
      says: 'The kernel panicked.',
      findings: [{ requirement: 'platform/robustness/survives', keyword: 'MUST' }],
    });
    expect(driver.opened).toBe(2);
    expect(footer).toMatchObject({ exitCode: EXIT.unexpected, notRun: [] });
  });

  it('holds nothing against a driver that was held up in a case, or before one, and goes on with a new one', async () => {
    const driver = disturbed((session, openCount) => {
      if (openCount > 2) return session;
      if (openCount === 2) heldUp();
      return withCommand(session, async (command) => (command.verb === 'start' ? heldUp() : session.command(command)));
    });
    const { verdicts } = await played(driver);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['untested', 'untested', ...Array(5).fill('pass')]);
    expect(verdicts.map(({ says }) => says).slice(0, 2)).toEqual([
      'soft lockup - CPU#0 stuck for 22s!',
      'The driver did not come up: soft lockup - CPU#0 stuck for 22s!',
    ]);
    expect(verdicts.slice(0, 2).flatMap(({ findings, judged }) => [...findings, ...judged])).toEqual([]);
  });

  it('goes on where one case costs the driver in each of its variants', async () => {
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
    const catalogue = [
      starting('test/a', Object.fromEntries(names.map((name) => [name, 'plain']))),
      starting('test/b'),
    ];
    const driver = disturbed((session, openCount) =>
      openCount > names.length
        ? session
        : withCommand(session, async (command) => (command.verb === 'start' ? gone() : session.command(command))),
    );
    const { footer, verdicts } = await played(driver, { catalogue });
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([...Array(7).fill('fail'), 'pass']);
    expect(footer.notRun).toEqual([]);
  });

  it('goes on where a hostile device costs the driver in case after case', async () => {
    const catalogue = CASES.map((entry) => ({
      ...entry,
      variants: entry.variants.map((variant) => ({ ...variant, given: { faults: ['never-complete' as const] } })),
    }));
    const driver = disturbed((session) =>
      withCommand(session, async (command) => (command.verb === 'start' ? gone() : session.command(command))),
    );
    const { footer, verdicts } = await played(driver, { catalogue });
    expect(verdicts).toHaveLength(7);
    expect(footer.notRun).toEqual([]);
  });

  it('gives up after five drivers in a row that did not come up, whatever the case', async () => {
    const catalogue = [
      starting('test/a', {
        one: 'plain',
        two: 'plain',
        three: 'plain',
        four: 'plain',
        five: 'plain',
        six: 'plain',
        seven: 'plain',
      }),
    ];
    const driver = sampleDriver({});
    let opened = 0;
    const { footer } = await played(
      {
        open: async (described) => {
          opened++;
          const session = opened === 1 ? await driver.open(described) : gone();
          return withCommand(session, async (command) =>
            command.verb === 'start' ? gone() : session.command(command),
          );
        },
      },
      { catalogue },
    );
    expect(footer.exitCode).toBe(EXIT.incomplete);
    expect(footer.notRun).toEqual(['test/a:seven']);
  });

  it('gives up after five cases in a row that cost the driver, and is incomplete', async () => {
    const driver = disturbed((session) =>
      withCommand(session, async (command) => (command.verb === 'start' ? gone() : session.command(command))),
    );
    const { footer } = await played(driver);
    expect(footer.exitCode).toBe(EXIT.incomplete);
    expect(footer.notRun).toEqual(['test/f', 'test/g']);
  });

  it('refuses a driver that says yes to a verb that does not exist, before the first case', async () => {
    const driver = disturbed((session) => withCommand(session, async () => ({ outcome: 'ok', values: {} })));
    const refusal = await played(driver).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HarnessError);
    expect(refusal).toMatchObject({ exitCode: EXIT.driverDidNotStart });
  });

  it('counts a broken machine as its own error, and goes on', async () => {
    const driver = disturbed((session, openCount) =>
      openCount > 1
        ? session
        : {
            ...withCommand(session, (command) => session.command(command)),
            machine: {
              execute: async (command) => {
                if (command.do === 'stage') throw new HarnessError('The machine broke.');
                return session.machine.execute(command);
              },
              close: () => session.machine.close(),
            },
          },
    );
    const { footer, verdicts } = await played(driver);
    expect(verdicts[0]).toMatchObject({ verdict: 'error', says: 'The machine broke.' });
    expect(verdicts.slice(1).every(({ verdict }) => verdict === 'pass')).toBe(true);
    expect(footer.exitCode).toBe(EXIT.harnessError);
  });

  it('says that nothing was exercised if no case found anything to judge', async () => {
    const driver = disturbed((session) =>
      withCommand(session, async (command) =>
        command.verb === 'start' ? { outcome: 'skip', reason: 'not today', values: {} } : session.command(command),
      ),
    );
    const { verdicts } = await played(driver);
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['untested']));
  });

  it('writes a header, then each case with its trace and verdict, then a footer', async () => {
    const { events } = await played(sampleDriver({}));
    expect(events.map(({ event }) => event)).toEqual([
      'header',
      ...CASES.flatMap(() => ['case', 'trace', 'verdict']),
      'footer',
    ]);
  });

  it('with several jobs records the same, in the order of the plan', async () => {
    const names = ['one', 'two', 'three'];
    const catalogue = [
      starting('test/a', { tree: 'device-tree', plain: 'plain', window: 'mmio' }),
      starting('test/b', Object.fromEntries(names.map((name) => [name, 'plain']))),
      ...CASES,
    ];
    const alone = await played(sampleDriver({}), { catalogue });
    const together = await played(sampleDriver({}), { catalogue, jobs: playersOf(sampleDriver({}), [], 3) });
    expect(timeless(together)).toBe(timeless(alone));
  });

  it('records a variant whose job has died before it began', async () => {
    const alone = new Player(sampleDriver({}), []);
    const mortal: Job = {
      meet: (described, seed) => alone.meet(described, seed),
      play: (variant, started) =>
        variant.id === 'test/b'
          ? Promise.resolve({ ...unplayed({ unanswered: undefined, error: 'It died.' }), driver: 'absent' })
          : alone.play(variant, started),
      close: () => alone.close(),
    };
    const { events, verdicts } = await played(sampleDriver({}), { jobs: [mortal] });
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'error', ...Array(5).fill('pass')]);
    expect(events.filter(({ event }) => event === 'case')).toHaveLength(CASES.length);
  });

  it.each([
    [40, 2],
    [20, 1],
  ])(
    'starts a slow driver once more where %i variants are played in front of one machine: %i in all',
    async (count, starts) => {
      const names = Array.from({ length: count }, (_, index) => `${index}`);
      const catalogue = [starting('test/a', Object.fromEntries(names.map((name) => [name, 'plain'])))];
      const driver = Object.assign(
        disturbed((session) => session),
        { startsSlowly: true },
      );
      const { footer } = await played(driver, { catalogue, jobs: playersOf(driver, [], 2) });
      expect(footer.notRun).toEqual([]);
      expect(driver.opened).toBe(starts);
    },
  );

  it('with several jobs gives up where one job would', async () => {
    const driver = disturbed((session) =>
      withCommand(session, async (command) => (command.verb === 'start' ? gone() : session.command(command))),
    );
    const { footer } = await played(driver, { jobs: playersOf(driver, [], 3) });
    expect(footer.notRun).toEqual(['test/f', 'test/g']);
  });

  it('that is quick plays one variant of each case, and plans no other: the first that the driver can be taken through', async () => {
    const catalogue = [
      starting('test/any', { tree: 'device-tree', plain: 'plain', again: 'plain' }),
      starting('test/tree', { one: 'device-tree', several: 'device-tree-iommus' }),
    ];
    const readsNoTree = disturbed((session) => ({
      ...withCommand(session, (command) => session.command(command)),
      identity: { ...session.identity, topologies: ['viot'] },
    }));
    const { footer, events, verdicts } = await played(readsNoTree, { catalogue, quick: true });
    expect(verdicts.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['test/tree:one', 'not-applicable'],
      ['test/any:plain', 'pass'],
    ]);
    expect(events[0]).toMatchObject({ plan: ['test/tree:one', 'test/any:plain'] });
    expect(footer).toMatchObject({ exitCode: EXIT.asExpected, notRun: [] });
  });
});
