import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/reserved-bar',
  title: 'Virtio capabilities with a reserved bar value are skipped',
  demands:
    'Values of bar above 5 are reserved. A driver has to pass such a capability over and to take the next one of the ' +
    'same type; the registers that it looks for are there.',
  ...comesUpWith('Capabilities with a bar above 5 stand before, between and behind the real ones', [
    'pci/driver/caps/ignore-reserved-bar',
  ]),

  vary: { '': 'pci-reserved-bar' } as const,

  mustCatch: {
    'takes-reserved-bar': 'pci/driver/caps/ignore-reserved-bar',
    'reserved-bar-modulo-6': 'pci/driver/caps/ignore-reserved-bar',
  },
});
