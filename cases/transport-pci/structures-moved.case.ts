import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/structures-moved',
  title: 'The register structures are found by the capability list alone',
  demands:
    'A device is free in where it puts its register structures, in the order in which it lists them, and in what ' +
    'other capabilities stand in between. The driver has to walk the list.',
  ...comesUpWith('The structures lie in another order behind a power management capability', [
    'pci/legacy/detection/non-transitional-scan-caps',
  ]),

  vary: { '': 'pci-structures-moved' } as const,

  mustCatch: {
    'structures-at-fixed-places': 'pci/legacy/detection/non-transitional-scan-caps',
    'cfg-type-unread': 'pci/legacy/detection/non-transitional-scan-caps',
  },
});
