import { expect, test } from 'vitest';
import { iommuSwitches } from './kernel-switches.ts';

test.each([
  ['quiet', true, false],
  ['iommu.strict=1 iommu.passthrough=0', false, false],
  ['iommu.strict=1 iommu.strict=off', true, false],
  ['iommu.strict=1 iommu.passthrough=0 iommu.passthrough=1', false, true],
  ['iommu.passthrough=on', true, true],
  ['iommu=nopt,pt', true, true],
  ['iommu=pt iommu=nopt', true, false],
  ['iommu=pt iommu=soft', true, true],
  ['iommu.strict=1 iommu.strict=maybe iommu.passthrough=perhaps', false, false],
])('%s: lazy %s, passthrough %s', (commandLine, lazyUnmap, passthrough) => {
  expect(iommuSwitches(commandLine)).toEqual({ lazyUnmap, passthrough });
});
