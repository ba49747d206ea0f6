/** Virtual functions of a PCI Express function, by its SR-IOV capability. */
import type { PciDevice } from './pci.ts';

const PCI_EXPRESS = 0x10;
const EXTENDED = 0x100;
const SR_IOV = 0x10;
const CONTROL = 0x08;
const TOTAL_VFS = 0x0e;
const NUM_VFS = 0x10;
const VF_ENABLE = 1;

/** Enables all virtual functions; undefined for a function that has none. */
export function virtualFunctions(pci: PciDevice): (() => void) | undefined {
  if (!pci.capabilities().some(({ id }) => id === PCI_EXPRESS)) return undefined;
  if ((pci.readConfig(EXTENDED, 4) & 0xffff) !== SR_IOV) return undefined;
  return () => {
    pci.writeConfig(EXTENDED + NUM_VFS, 2, pci.readConfig(EXTENDED + TOTAL_VFS, 2));
    pci.writeConfig(EXTENDED + CONTROL, 2, VF_ENABLE);
  };
}
