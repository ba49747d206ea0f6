import { expect, it } from 'vitest';
import { cutRun, fixtureCase, runOf, syntheticRun } from './fixtures/synthetic-run.ts';
import { testPoints } from './test-points.ts';

it('has a point for every variant of a whole run, in its order, and no other', () => {
  const run = syntheticRun();
  expect(testPoints(run).map(({ id }) => id)).toEqual(run.cases.map(({ started }) => started.id));
});

it('has a point for what never started and one for the run as a whole', () => {
  const points = testPoints(runOf([fixtureCase('a/b')], { notRun: ['c/d'], exitCode: 6 }));
  expect(points.map(({ id, section, outcome }) => [id, section, outcome])).toEqual([
    ['a/b', 'a', 'pass'],
    ['c/d', 'c', 'unfinished'],
    ['the run as a whole', 'run', 'unfinished'],
  ]);
});

it('knows from the plan what a killed run never came to', () => {
  const run = cutRun();
  const plan = [...run.cases.map(({ started }) => started.id), 'z/last'];
  const points = testPoints({ ...run, header: { ...run.header, plan } });
  expect(points.map(({ id }) => id)).toContain('z/last');
  expect(points.at(-1)?.says).toBe('INCOMPLETE. The log has no end: the run was cut off after 4 of 6 variants.');
});

it('is red where only the run as a whole is', () => {
  const points = testPoints(runOf([fixtureCase('a/b')], { exitCode: 1, surprises: ['A stale expectation.'] }));
  expect(points.at(-1)).toMatchObject({ outcome: 'fail', says: 'A stale expectation.' });
});
