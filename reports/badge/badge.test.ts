import { XMLValidator } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { badgeJson } from './badge-json.ts';
import { badgeSvg } from './badge-svg.ts';
import { badgeOf } from './badge.ts';

it('is green for a good run only', () => {
  expect(badgeOf(runOf([fixtureCase('a/b')]))).toEqual({
    label: 'virtio-iommu',
    message: 'no MUST broken, 1 of 6 checked',
    color: 'brightgreen',
  });
  const { cases } = syntheticRun();
  expect(badgeOf(runOf(cases, { exitCode: 0 }))).toMatchObject({
    message: '1 MUST, 2 platform rules broken',
    color: 'red',
  });
  expect(badgeOf(runOf([], { exitCode: 5 })).color).toBe('red');
});

it('has no score for a run that is not whole', () => {
  expect(badgeOf(cutRun())).toMatchObject({ message: 'incomplete', color: 'lightgrey' });
  const run = runOf([fixtureCase('a/b')]);
  const shard = { ...run, header: { ...run.header, shard: { index: 1, count: 3 } } };
  expect(badgeOf(shard)).toMatchObject({ message: 'shard 1 of 3', color: 'lightgrey' });
});

it('is what a shields endpoint has to answer', () => {
  expect(JSON.parse(badgeJson.render(runOf([fixtureCase('a/b')])))).toEqual({
    schemaVersion: 1,
    label: 'virtio-iommu',
    message: 'no MUST broken, 1 of 6 checked',
    color: 'brightgreen',
  });
});

it('is a picture that says in words what it shows', () => {
  const picture = badgeSvg.render(runOf([fixtureCase('a/b')]));
  expect(XMLValidator.validate(picture)).toBe(true);
  expect(picture).toContain('<title>virtio-iommu: no MUST broken, 1 of 6 checked</title>');
});
