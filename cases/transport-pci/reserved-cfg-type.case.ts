import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/reserved-cfg-type',
  title: 'Virtio capabilities of a reserved type are skipped',
  demands:
    'Later versions of the specification may define further types of capabilities. A driver of today has to pass them ' +
    'over, whatever their numbers have in common with the types that it knows.',
  ...comesUpWith('Capabilities with cfg_type 0x11, 0x12 and 0x14 stand before, between and behind the real ones', [
    'pci/driver/caps/ignore-reserved-cfg-type',
  ]),

  vary: { '': 'pci-reserved-cfg-type' } as const,

  mustCatch: {
    'cfg-type-low-bits': 'pci/driver/caps/ignore-reserved-cfg-type',
    'unknown-cfg-type-gives-up': 'pci/driver/caps/ignore-reserved-cfg-type',
  },
});
