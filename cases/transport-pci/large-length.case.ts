import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/large-length',
  title: 'Structures may be longer than the driver needs',
  demands:
    'The length of a structure may include padding and fields of later versions. The driver may check that it is ' +
    'large enough, and nothing else; that is true for the device configuration as well.',
  ...comesUpWith('The structures have lengths of up to 16 KiB, the device configuration among them', [
    'pci/driver/caps/handle-large-length',
    'core/driver/config/no-exact-size',
    'core/driver/config/check-minimum-size-only',
  ]),

  vary: { '': 'pci-large-length' } as const,

  mustCatch: {
    'refuses-large-structures': ['pci/driver/caps/handle-large-length', 'core/driver/config/no-exact-size'],
    'config-size-exact': [
      'core/driver/config/no-exact-size',
      'pci/driver/caps/handle-large-length',
      'core/driver/config/check-minimum-size-only',
    ],
  },
});
