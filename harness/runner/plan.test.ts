import { describe, expect, it } from 'vitest';
import { defineCase } from '../../cases/api/define-case.ts';
import type { TopologyName } from '../../cases/api/vocabulary.ts';
import type { DeviceFaultName } from '../../reference-device/device-faults.ts';
import { allVariants, oneOfEachCase, planRun } from './plan.ts';

const made = (id: string, vary: Readonly<Record<string, TopologyName>>, faults: readonly DeviceFaultName[] = []) =>
  defineCase({
    id,
    title: id,
    demands: '',
    requirements: ['iommu/driver/map/virt-end-gt-start'],
    vary,
    given: (topology) => ({ topology, faults }),
    when: async () => {},
    then: () => {},
    mustCatch: {},
  });

const CATALOGUE = [
  made('a/one', { only: 'plain' }),
  made('a/two', { first: 'plain', second: 'all-node-types' }),
  made('b/three', { only: 'plain' }),
];

const ids = (globs: readonly string[], shuffle = false, seed = 1): string[] =>
  planRun(CATALOGUE, { globs, seed, shuffle }).map(({ id }) => id);

describe('a plan', () => {
  it('names a variant only where a case has several', () => {
    expect(allVariants(CATALOGUE).map(({ id }) => id)).toEqual(['a/one', 'a/two:first', 'a/two:second', 'b/three']);
  });

  it("gives the variant without a name the case's own id", () => {
    const withControl = made('a/four', { '': 'plain', control: 'plain' });
    expect(allVariants([withControl]).map(({ id }) => id)).toEqual(['a/four', 'a/four:control']);
  });

  it('brings variants with one topology together', () => {
    expect(ids([])).toEqual(['a/one', 'a/two:first', 'b/three', 'a/two:second']);
  });

  it('leaves those in which the device means harm for the end of their topology', () => {
    const hostile = made('a/hostile', { only: 'plain' }, ['never-complete']);
    const plan = planRun([hostile, ...CATALOGUE], { globs: [], seed: 1, shuffle: false });
    expect(plan.map(({ id }) => id)).toEqual(['a/one', 'a/two:first', 'b/three', 'a/hostile', 'a/two:second']);
  });

  it('takes globs of variants and of whole cases', () => {
    expect(ids(['a/two'])).toEqual(['a/two:first', 'a/two:second']);
    expect(ids(['*three', 'a/two:s*'])).toEqual(['a/two:second', 'b/three']);
  });

  it('refuses a glob that matches nothing, by name', () => {
    expect(() => ids(['a/*', 'c/*'])).toThrow("No case matches 'c/*'.");
  });

  it('shuffles the same way for the same seed', () => {
    expect(ids([], true, 7)).toEqual(ids([], true, 7));
    expect(ids([], true, 7).toSorted()).toEqual(ids([]).toSorted());
  });
});

const few = (catalogue: typeof CATALOGUE, isPlayable: (id: string) => boolean): string[] =>
  oneOfEachCase(planRun(catalogue, { globs: [], seed: 1, shuffle: false }), ({ id }) => isPlayable(id)).map(
    ({ id }) => id,
  );

describe('one variant of each case', () => {
  it('is the first of the plan, in its order', () => {
    expect(few(CATALOGUE, () => true)).toEqual(['a/one', 'a/two:first', 'b/three']);
  });

  it('is the first that can be played, and the first of all where none can', () => {
    expect(few(CATALOGUE, (id) => id.endsWith(':second'))).toEqual(['a/one', 'b/three', 'a/two:second']);
  });

  it('is a control only where nothing else can be played', () => {
    const odd = { ...made('a/odd', { control: 'plain', odd: 'plain' }), control: 'control' };
    expect(few([odd], () => true)).toEqual(['a/odd:odd']);
    expect(few([odd], (id) => id === 'a/odd:control')).toEqual(['a/odd:control']);
  });
});
