import { defineCase } from '../api/index.ts';
import { comesUpWith } from './comes-up-with.ts';

export default defineCase({
  id: 'transport-pci/longer-capabilities',
  title: 'A capability may be longer than this version of the specification knows',
  demands:
    'A device may append data to any of its capabilities. The driver has to take what it knows from the beginning, ' +
    'and to leave the rest alone.',
  ...comesUpWith('Every virtio capability has a cap_len that is larger by 8 than specified', [
    'pci/driver/caps/accept-larger-cap-len',
  ]),

  vary: { '': 'pci-larger-cap-len' } as const,

  mustCatch: {
    'cap-len-exact': 'pci/driver/caps/accept-larger-cap-len',
    'cap-len-longer-refused': 'pci/driver/caps/accept-larger-cap-len',
  },
});
