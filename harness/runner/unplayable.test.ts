import { describe, expect, it } from 'vitest';
import { watchersOf } from '../scoring/watchers.ts';
import { REVISIONS, requirementSet } from '../scoring/requirement-set.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { allVariants } from './plan.ts';
import { unplayable } from './run-case.ts';

const MODEST: DriverIdentity = {
  name: 'modest',
  version: '1',
  configuration: '',
  verbs: ['start', 'stop', 'attach', 'map', 'unmap', 'io'],
  transports: ['pci'],
  topologies: ['viot'],
  lazyUnmap: false,
};

const verdictOf = (id: string, identity: DriverIdentity) =>
  unplayable(allVariants(CASES).find((planned) => planned.id === id)!, identity);

describe('a machine that a driver does not claim to understand', () => {
  it.each([
    ['topology/same-address-twice', { severalIommus: true }, 'several IOMMUs'],
    ['topology/conventional-bus:own-drivers', { pciBridges: true }, 'PCI bridges'],
    ['experimental/built-in-topology', { topologies: ['built-in-2019'] }, 'experimental'],
  ] as const)('makes %s not applicable', (id, claim, word) => {
    const refused = verdictOf(id, { ...MODEST, verbs: [...MODEST.verbs, 'poke'] });
    expect(refused).toEqual({ verdict: 'not-applicable', says: expect.stringContaining(word) });
    expect(verdictOf(id, { ...MODEST, verbs: [...MODEST.verbs, 'poke'], ...claim })).toBeUndefined();
  });
});

it('no monitor watches an experimental machine', () => {
  expect(watchersOf('built-in-2019', MONITORS)).toEqual([]);
  expect(watchersOf('two-iommus', MONITORS)).toBe(MONITORS);
});

const applies = (identity: DriverIdentity): boolean | undefined =>
  requirementSet('1.4', identity, new Set()).find(({ id }) => id === 'platform/iommus/independent')?.applicable;

describe('a requirement set', () => {
  it.each(REVISIONS)('%s has nothing experimental', (revision) => {
    const rows = requirementSet(revision, MODEST, new Set());
    expect(rows.filter(({ id }) => id.startsWith('experimental/'))).toEqual([]);
  });

  it('leaves out what only a machine with several IOMMUs can show', () => {
    expect([applies(MODEST), applies({ ...MODEST, severalIommus: true })]).toEqual([false, true]);
  });
});
