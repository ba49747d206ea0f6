import { describe, expect, it } from 'vitest';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { Seen } from '../../cases/api/vocabulary.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { Player } from './player.ts';
import { type FalseAlarm, selftest, type SelftestOptions, type SelftestResult, type Stand } from './selftest.ts';

const CASE = CASES.find(({ id }) => id === 'dma/after-unmap')!;
const MONITOR = MONITORS.find(({ id }) => id === 'probe-order')!;

/** A view of `seen` in which every check holds. */
function blind(seen: Seen): Seen {
  return new Proxy(seen, {
    get: (target, name) => {
      if (name === 'check')
        return (id: string, _holds: boolean, ...rest: [never, never]) => target.check(id as never, true, ...rest);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const weakenedCase = (it: Case): Case => ({
  ...it,
  variants: it.variants.map((variant) => ({
    name: variant.name,
    given: variant.given,
    when: (scene) => variant.when(scene),
    then: (seen) => variant.then(blind(seen)),
  })),
});

const weakenedMonitor = (it: Monitor): Monitor => ({ ...it, judge: (seen) => it.judge(blind(seen)) });

const STAND: Stand = { before: (traits, monitors) => new Player(sampleDriver(traits), monitors) };

const tested = (
  catalogue: readonly Case[],
  monitors: readonly Monitor[],
  stands: SelftestOptions['stands'] = [STAND],
): Promise<SelftestResult> => selftest({ catalogue, monitors, stands, legalDrivers: [], tell: () => {} });

const missedIn = ({ rows }: SelftestResult): string[] =>
  rows.filter(({ caughtIn }) => caughtIn === undefined).map(({ fault, judge }) => `${fault} by ${judge}`);

describe('the self-test', () => {
  it('sees every case and monitor catch what it names, and the faultless driver pass', async () => {
    const result = await tested([CASE], [MONITOR]);
    expect(missedIn(result)).toEqual([]);
    expect(result).toMatchObject({ falseAlarms: [], variantCount: CASE.variants.length });
    expect(result.rows).toHaveLength(
      [CASE, MONITOR].flatMap(({ mustCatch }) => Object.values(mustCatch).flat()).length,
    );
  });

  it('says the same, in the same order, however many drivers play at once', async () => {
    const monitors = MONITORS.slice(0, 3);
    expect(await tested([CASE], monitors, [STAND, STAND, STAND])).toEqual(await tested([CASE], monitors));
  });

  it('names the faults that a weakened case lets through', async () => {
    const result = await tested([weakenedCase(CASE)], [MONITOR]);
    expect(missedIn(result)).toEqual(Object.keys(CASE.mustCatch).map((fault) => `${fault} by dma/after-unmap`));
  });

  it('names the faults that a weakened monitor lets through', async () => {
    const result = await tested([CASE], [weakenedMonitor(MONITOR)]);
    expect(missedIn(result)).toEqual(Object.keys(MONITOR.mustCatch).map((fault) => `${fault} by monitor probe-order`));
  });

  it('names what a legal driver is blamed for, unless it is a reminder', async () => {
    const monitors = MONITORS.filter(({ id }) => id === 'descriptor-count');
    const reminder = 'split/driver/framing/no-excessive-descriptors';
    const alarms = async (reminders: readonly string[]): Promise<readonly FalseAlarm[]> => {
      const traits = { habits: ['one-descriptor-a-byte'] };
      const { falseAlarms } = await selftest({
        catalogue: [CASE],
        monitors,
        stands: [STAND],
        legalDrivers: [{ character: 'odd', traits, reminders }],
        tell: () => {},
      });
      return falseAlarms;
    };
    expect(await alarms([reminder])).toEqual([]);
    expect(await alarms([])).toContainEqual(
      expect.objectContaining({ character: 'odd', id: 'dma/after-unmap:one-page', verdict: 'warn' }),
    );
  });

  it('names the variants in which the faultless driver does not pass', async () => {
    const strict: Case = {
      ...CASE,
      mustCatch: {},
      variants: CASE.variants.map((variant) => ({
        ...variant,
        when: (scene) => variant.when(scene),
        then: (seen) => seen.check('platform/map/exactly-as-asked', false, undefined, 'Nothing is good enough.'),
      })),
    };
    const { falseAlarms } = await tested([strict], []);
    expect(falseAlarms).toEqual(
      CASE.variants.map(({ name }) => ({
        id: `dma/after-unmap:${name}`,
        verdict: 'fail',
        says: 'Nothing is good enough.',
      })),
    );
  });
});
