import { defineMonitor, hex } from '../api/index.ts';
import { inSession, inEachSession } from './sessions.ts';

const LENGTHS: readonly number[] = [1, 2, 4];

export default defineMonitor({
  id: 'pci-cfg-window',
  title: 'The PCI_CFG window is aimed at aligned places inside virtio structures',
  requirements: [
    'pci/driver/pci-cfg-cap/offset-multiple-of-length',
    'pci/driver/pci-cfg-cap/aligned-accesses',
    'pci/driver/pci-cfg-cap/window-inside-structure',
  ],
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    for (const access of inSession(session, 'window-access')) {
      const { bar, offset, length, inside } = access;
      const says = `pci_cfg_data is accessed with cap.offset ${hex(offset)} and cap.length ${length}`;
      seen.check(
        'pci/driver/pci-cfg-cap/offset-multiple-of-length',
        length > 0 && offset % length === 0,
        access,
        `${says}; the offset has to be a multiple of the length.`,
      );
      seen.check(
        'pci/driver/pci-cfg-cap/aligned-accesses',
        LENGTHS.includes(length) && offset % length === 0,
        access,
        `${says}, which is no aligned access of 1, 2 or 4 bytes.`,
      );
      seen.check(
        'pci/driver/pci-cfg-cap/window-inside-structure',
        inside,
        access,
        `${says} in BAR ${bar}, where no virtio structure lies.`,
      );
    }
  }),
  mustCatch: {
    'window-reads-whole-words': [
      'pci/driver/pci-cfg-cap/offset-multiple-of-length',
      'pci/driver/pci-cfg-cap/aligned-accesses',
    ],
    'window-length-left': [
      'pci/driver/pci-cfg-cap/offset-multiple-of-length',
      'pci/driver/pci-cfg-cap/aligned-accesses',
    ],
    'window-into-msix-table': 'pci/driver/pci-cfg-cap/window-inside-structure',
    'window-past-structures': 'pci/driver/pci-cfg-cap/window-inside-structure',
  },
});
