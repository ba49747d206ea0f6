import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import type { DriverUnderTest } from '../driver-contract/driver-session.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { playersOf } from './fixtures/play.ts';
import { changedVariants, type Round, verify, type VerifyResult } from './verify.ts';

const FREED = 'platform/free/unmapped-when-freed';

/** Opens as many sessions as asked for, each with its own faults, the last ones again and again. */
function moody(...faults: readonly (readonly string[])[]): DriverUnderTest {
  let opened = 0;
  return {
    open: (described) => sampleDriver({ faults: faults[Math.min(opened++, faults.length - 1)] ?? [] }).open(described),
  };
}

async function verified(
  driver: DriverUnderTest,
  signal = new AbortController().signal,
): Promise<VerifyResult & { orders: string[][] }> {
  const orders: string[][] = [];
  const result = await verify({
    driver,
    jobs: playersOf(driver, MONITORS),
    driverFaults: [],
    catalogue: CASES,
    monitors: MONITORS,
    globs: ['dma/*'],
    times: 3,
    seed: 1,
    tool: { name: 'viommuspec', version: '0' },
    observer: {
      roundStarted: () => void orders.push([]),
      started: () => {},
      caseStarted: (id) => void orders.at(-1)?.push(id),
      caseJudged: () => {},
    },
    signal,
  });
  return { ...result, orders };
}

describe('verify', () => {
  it('finds nothing that changes in front of the faultless driver, in another order each round', async () => {
    const { changed, errors, isComplete, rounds, orders } = await verified(sampleDriver({}));
    expect({ changed, errors, isComplete }).toEqual({ changed: [], errors: [], isComplete: true });
    expect(rounds.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    expect(new Set(orders.map((order) => order.join())).size).toBe(3);
    expect(new Set(orders.map((order) => order.toSorted().join())).size).toBe(1);
  });

  it('finds the variants that fail in one round only, and says in which', async () => {
    const { changed } = await verified(moody([], ['unmap-never-sent'], []));
    const found = changed.find(({ id }) => id === 'dma/after-unmap:one-page');
    expect(found?.groups).toMatchObject([
      { rounds: [1, 3], outcome: { verdict: 'pass', broken: [] } },
      { rounds: [2], outcome: { verdict: 'fail', broken: expect.arrayContaining([FREED]) } },
    ]);
  });

  it('is not complete when it is interrupted', async () => {
    const { rounds, isComplete } = await verified(sampleDriver({}), AbortSignal.abort());
    expect({ rounds, isComplete }).toEqual({ rounds: [], isComplete: false });
  });
});

const round = (seed: number, outcomes: Record<string, [verdict: 'pass' | 'fail', ...broken: string[]]>): Round => ({
  seed,
  outcomes: new Map(Object.entries(outcomes).map(([id, [verdict, ...broken]]) => [id, { verdict, broken }])),
});

describe('what changes from round to round', () => {
  it('sees one broken requirement take the place of another under the same verdict', () => {
    const changed = changedVariants([round(1, { a: ['fail', 'x'] }), round(2, { a: ['fail', 'y'] })]);
    expect(changed.map(({ id }) => id)).toEqual(['a']);
  });

  it('leaves out a round that never came to the variant', () => {
    expect(changedVariants([round(1, { a: ['pass'] }), round(2, {}), round(3, { a: ['pass'] })])).toEqual([]);
  });
});
