import { describe, expect, it } from 'vitest';
import { watchersOf } from '../scoring/judge-play.ts';
import { REVISIONS, requirementSet } from '../scoring/requirement-set.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import { machineOf } from '../../cases/api/default-machine.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import { allVariants } from './plan.ts';
import { unplayable } from './claims.ts';

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
    ['experimental/built-in-topology', { topologies: ['built-in-2019'], transports: ['pci', 'mmio'] }, 'experimental'],
  ] as const)('makes %s not applicable', (id, claim, word) => {
    const refused = verdictOf(id, { ...MODEST, verbs: [...MODEST.verbs, 'poke'] });
    expect(refused).toEqual({ verdict: 'not-applicable', says: expect.stringContaining(word) });
    expect(verdictOf(id, { ...MODEST, verbs: [...MODEST.verbs, 'poke'], ...claim })).toBeUndefined();
  });
});

describe('a machine that can be described in several forms', () => {
  const treeReader: DriverIdentity = { ...MODEST, topologies: ['device-tree'] };

  it('is played in front of a driver that reads any of them', () => {
    expect(verdictOf('topology/gap:without', treeReader)).toBeUndefined();
    expect(verdictOf('topology/gap:without', MODEST)).toBeUndefined();
  });

  it('is not, if it is about another form', () => {
    expect(verdictOf('topology/all-node-types', treeReader)?.says).toMatch(/a VIOT\.$/);
    expect(verdictOf('topology/iommu-map:holes', MODEST)?.says).toMatch(/a device tree\.$/);
  });
});

describe('a machine that looks or is described unusually', () => {
  const verbs = [...MODEST.verbs, 'detach'] as const;

  it.each([
    ['transport-pci/few-vectors:three-vectors', { freshPciConfig: true }, 'at boot only'],
    ['transport-pci/shared-vector', { freshPciConfig: true }, 'at boot only'],
    ['config-layout/length:36-bytes', { freshPciConfig: true }, 'at boot only'],
    ['transport-pci/without-msix', { freshPciConfig: true, lineInterrupts: true }, 'at boot only'],
  ] as const)('is untested in front of a driver that does not get to see it: %s', (id, claim, word) => {
    expect(verdictOf(id, MODEST)).toEqual({ verdict: 'untested', says: expect.stringContaining(word) });
    expect(verdictOf(id, { ...MODEST, ...claim })).toBeUndefined();
  });

  it('is played where places last for a boot, if it fits into them', () => {
    const guest: DriverIdentity = { ...MODEST, verbs, freshPciConfig: 'in-places', lineInterrupts: true };
    for (const id of ['second-instances', 'structures-moved', 'capability-order:reserved-last', 'large-length'])
      expect(verdictOf(`transport-pci/${id}`, guest), id).toBeUndefined();
    const says = expect.stringContaining('fixed at boot');
    for (const id of [
      'few-vectors:three-vectors',
      'without-msix',
      'capability-order:reversed',
      'reserved-bar',
      'longer-capabilities',
      'virtual-functions',
      'through-pci-cfg',
    ])
      expect(verdictOf(`transport-pci/${id}`, guest), id).toEqual({ verdict: 'untested', says });
  });

  it('is told in the form that the oddity has', () => {
    const treeReader: DriverIdentity = { ...MODEST, verbs, transports: ['pci', 'mmio'], topologies: ['device-tree'] };
    expect(verdictOf('topology/odd-tables:plain', treeReader)).toBeUndefined();
    expect(verdictOf('topology/odd-tables:revision-1', treeReader)?.says).toMatch(/a VIOT\.$/);
    expect(verdictOf('topology/odd-trees:disabled-iommu', treeReader)).toBeUndefined();
    expect(verdictOf('topology/odd-trees:disabled-iommu', MODEST)?.says).toMatch(/a device tree\.$/);
  });

  it('is untested where machines are described plainly, and have one root complex', () => {
    const guest: DriverIdentity = { ...MODEST, topologies: ['viot', 'device-tree'], pciBridges: true };
    for (const id of ['topology/odd-tables:revision-1', 'topology/iommu-map:two-root-complexes']) {
      expect(verdictOf(id, guest)).toBeUndefined();
      const says = expect.stringContaining('one root complex');
      expect(verdictOf(id, { ...guest, plainDescriptions: true })).toEqual({ verdict: 'untested', says });
    }
  });
});

it('an endpoint in a window is for drivers that know windows', () => {
  const pci: DriverIdentity = { ...MODEST, topologies: ['device-tree'] };
  expect(verdictOf('topology/platform-endpoint:device-tree', pci)).toEqual({
    verdict: 'not-applicable',
    says: 'The driver does not claim to understand endpoints in windows of registers.',
  });
  const both: DriverIdentity = { ...pci, transports: ['pci', 'mmio'] };
  expect(verdictOf('topology/platform-endpoint:device-tree', both)).toBeUndefined();
  expect(verdictOf('topology/platform-endpoint:device-tree', { ...both, enginesOnPciOnly: true })).toEqual({
    verdict: 'untested',
    says: 'A DMA engine that is no PCI function does not get to this driver.',
  });
});

describe('a driver whose endpoints interrupt only where PROBE reports it', () => {
  const choosy: DriverIdentity = { ...MODEST, severalIommus: true, interruptsByProbe: true };

  it('does not meet an endpoint that interrupts behind an IOMMU without PROBE', () => {
    const says = expect.stringContaining('does not offer PROBE');
    const id = 'topology/iommu-configurations:without-probe';
    expect(verdictOf(id, choosy)).toEqual({ verdict: 'untested', says });
    expect(verdictOf(id, { ...choosy, interruptsByProbe: false })).toBeUndefined();
  });

  it('meets the DMA engine there, which never interrupts', () => {
    expect(verdictOf('feature-bits/optional:no-probe', choosy)).toBeUndefined();
  });
});

it('no monitor watches an experimental machine', () => {
  expect(watchersOf(machineOf({ topology: 'built-in-2019' }), MONITORS)).toEqual([]);
  expect(watchersOf(machineOf({ topology: 'two-iommus' }), MONITORS)).toBe(MONITORS);
});

const applies = (identity: DriverIdentity, row = 'platform/iommus/independent'): boolean | undefined =>
  requirementSet('1.4', identity, new Set()).find(({ id }) => id === row)?.applicable;

describe('a requirement set', () => {
  it.each(REVISIONS)('%s has nothing experimental', (revision) => {
    const rows = requirementSet(revision, MODEST, new Set());
    expect(rows.filter(({ id }) => id.startsWith('experimental/'))).toEqual([]);
  });

  it('leaves out what only a machine with several IOMMUs can show', () => {
    expect([applies(MODEST), applies({ ...MODEST, severalIommus: true })]).toEqual([false, true]);
  });

  it('leaves out endpoints in windows for a driver that knows PCI alone', () => {
    const row = 'platform/viot/mmio-endpoints';
    expect([applies(MODEST, row), applies({ ...MODEST, transports: ['pci', 'mmio'] }, row)]).toEqual([false, true]);
  });
});
