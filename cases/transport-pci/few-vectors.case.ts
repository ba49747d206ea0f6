import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/few-vectors',
  title: 'A device with fewer MSI-X vectors than events is used all the same',
  demands:
    'A driver has to work with an MSI-X table of any size. With one or two vectors it can let events share one, go ' +
    'without some, or fall back on INTx.',
  ...comesUpWith('The MSI-X table has fewer vectors than there are events', ['pci/driver/msix/any-table-size']),

  vary: { 'one-vector': 1, 'two-vectors': 2, 'three-vectors': 3 },

  given: (vectors) => ({ vectors, endpoints: { dma: {}, rng: { vectors } } }),

  mustCatch: {
    'wants-three-vectors': 'pci/driver/msix/any-table-size',
    'wants-two-vectors': 'pci/driver/msix/any-table-size',
  },
});
