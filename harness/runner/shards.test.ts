import { describe, expect, it } from 'vitest';
import { EXIT } from '../harness-error.ts';
import { assemble, eventsOf } from '../../reports/record/assemble.ts';
import type { Header, RunRecord, Shard } from '../../reports/record/model.ts';
import { mergeShards, type NamedRun } from '../scoring/merge.ts';
import { sampleRun } from './fixtures/sample-run.ts';

const LIST = `dma/after-unmap*  it never unmaps
free/*  what is freed stays mapped
probe/list-shapes*  stale, but only the whole run can tell
nowhere  matches nothing`;

/** The parts of a driver that never unmaps; mmio cases make a second topology. */
const GLOBS = ['dma/*', 'free/*', 'probe/list-shapes', 'transport-mmio/plain-use'];

const played = async (shard?: Shard): Promise<RunRecord> =>
  assemble(await sampleRun({ globs: GLOBS, faults: ['unmap-never-sent'], list: LIST, ...(shard && { shard }) }));

const COUNT = 4;
const whole = await played();
const shards: NamedRun[] = [];
for (let index = 1; index <= COUNT; index++) {
  shards.push({ name: `shard-${index}`, run: await played({ index, count: COUNT }) });
}

/** The log as it would be written, without what a clock put there. */
const timeless = (record: RunRecord): string =>
  JSON.stringify([...eventsOf(record)], (key, value: unknown) =>
    key === 'durationMs' || key === 'startedAt' ? 0 : typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  );

const without = (index: number): NamedRun[] => shards.filter((_, at) => at !== index - 1);

describe('the shards of a run', () => {
  it('merge to what one run records, byte for byte apart from times', () => {
    expect(whole.footer?.surprises.some((it) => it.includes('stale'))).toBe(true);
    expect(timeless(mergeShards(shards))).toBe(timeless(whole));
    expect(timeless(mergeShards(shards.toReversed()))).toBe(timeless(whole));
  });

  it('share the plan out without boots that nobody needs', () => {
    expect(shards.flatMap(({ run: { cases } }) => cases.map(({ started: { id } }) => id))).toEqual(whole.header.plan);
  });
});

describe('merging', () => {
  it('says which shard is missing, and is incomplete then', () => {
    const { footer } = mergeShards(without(2));
    expect(footer?.exitCode).toBe(EXIT.incomplete);
    expect(footer?.surprises.at(-1)).toBe('Shard 2 of 4 is missing.');
    expect(footer?.notRun).toEqual(shards[1]?.run.cases.map(({ started: { id } }) => id));
  });

  it('says which shard was cut off', () => {
    const killed = {
      name: 'killed',
      run: { ...shards[1]!.run, cases: shards[1]!.run.cases.slice(1), footer: undefined },
    };
    const { footer } = mergeShards([...without(2), killed]);
    expect(footer?.exitCode).toBe(EXIT.incomplete);
    expect(footer?.surprises.at(-1)).toBe('Shard 2 of 4 was cut off (killed).');
    expect(footer?.notRun).toHaveLength(1);
  });

  it('says which shard did not start, and why, though its log knows nothing of the driver', () => {
    const { header, footer } = shards[1]!.run;
    const run: RunRecord = {
      header: { ...header, driver: { ...header.driver, version: '?' }, expectations: undefined, requirements: [] },
      cases: [],
      footer: { ...footer!, stopped: 'QEMU is not there.', exitCode: EXIT.driverDidNotStart },
    };
    for (const logs of [[{ name: 'shard-2', run }, ...without(2)], [{ name: 'shard-2', run }]]) {
      const merged = mergeShards(logs);
      expect(merged.footer?.exitCode).toBe(EXIT.incomplete);
      expect(merged.footer?.surprises).toContain('Shard 2 of 4 did not start (shard-2): QEMU is not there.');
      expect(merged.footer?.notRun).toEqual(
        expect.arrayContaining(shards[1]!.run.cases.map(({ started: { id } }) => id)),
      );
    }
    expect(mergeShards([{ name: 'shard-2', run }, ...without(2)]).header.driver).toEqual(header.driver);
  });

  it('says which log is empty, since its run was killed before it began', () => {
    const { footer } = mergeShards(without(2), ['shard-2']);
    expect(footer?.exitCode).toBe(EXIT.incomplete);
    expect(footer?.surprises.slice(-2)).toEqual([
      'Shard 2 of 4 is missing.',
      'Nothing stands in shard-2: its run was killed before it began.',
    ]);
    expect(() => mergeShards([], ['shard-1', 'shard-2'])).toThrow('Nothing stands in any of these logs.');
  });

  it('refuses more shards than there are variants', () => {
    const { run } = shards[0]!;
    const header = { ...run.header, shard: { index: 1, count: Number.MAX_SAFE_INTEGER } };
    expect(() => mergeShards([{ name: 'odd', run: { ...run, header, cases: [] } }])).toThrow(
      /^odd is one of 9007199254740991 shards of \d+ variants, which cannot be\.$/,
    );
  });

  it('refuses a shard that is there twice', () => {
    expect(() => mergeShards([...shards, { name: 'again', run: shards[2]!.run }])).toThrow(
      'Shard 3 of 4 is there twice: shard-3 and again.',
    );
  });

  it('refuses what is not a shard', () => {
    expect(() => mergeShards([{ name: 'whole', run: whole }])).toThrow('whole is not the log of a shard.');
  });

  it.each([
    [{ seed: 2 }, 'differ in seed'],
    [{ driver: { name: 'other', version: '1', configuration: '', faults: [] } }, 'differ in driver'],
    [{ shard: { index: 2, count: 5 } }, 'does not belong to shard 2 of 5'],
  ] as const)('refuses shards of different runs: %j', (difference, words) => {
    const { run: record } = shards[1]!;
    const other = { ...record, header: { ...record.header, ...difference } as Header };
    expect(() => mergeShards([...without(2), { name: 'other', run: other }])).toThrow(words);
  });
});
