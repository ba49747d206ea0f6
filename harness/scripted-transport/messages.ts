/**
 * The messages of vfio-user, in the spelling of its document (QEMU, docs/interop/vfio-user.rst): numbers, flags, structures.
 * Structures are those behind the 16-byte header; arrays and data that follow a structure are not part of it.
 */
import { wireStruct } from './wire-struct.ts';

/** Commands that a client sends. */
export const COMMAND = {
  VERSION: 1,
  DMA_MAP: 2,
  DMA_UNMAP: 3,
  DEVICE_GET_INFO: 4,
  DEVICE_GET_REGION_INFO: 5,
  DEVICE_GET_REGION_IO_FDS: 6,
  DEVICE_GET_IRQ_INFO: 7,
  DEVICE_SET_IRQS: 8,
  REGION_READ: 9,
  REGION_WRITE: 10,
  DEVICE_RESET: 13,
  REGION_WRITE_MULTI: 15,
} as const;

export const Header = wireStruct({ id: 'u16', command: 'u16', size: 'u32', flags: 'u32', error: 'u32' });

/** Bits of the header's flags. */
export const FLAG = { TYPE: 0xf, REPLY: 0x1, NO_REPLY: 0x10, ERROR: 0x20 } as const;

export const Version = wireStruct({ major: 'u16', minor: 'u16' });

export const DmaMap = wireStruct({ argsz: 'u32', flags: 'u32', offset: 'u64', address: 'u64', size: 'u64' });
export const DMA_MAP_FLAG = { READABLE: 1, WRITEABLE: 2 } as const;

export const DmaUnmap = wireStruct({ argsz: 'u32', flags: 'u32', address: 'u64', size: 'u64' });
/** Not in the document: QEMU sends it, with address and size 0, for "everything" (linux/vfio.h). */
export const DMA_UNMAP_FLAG_ALL = 2;

export const DeviceInfo = wireStruct({ argsz: 'u32', flags: 'u32', num_regions: 'u32', num_irqs: 'u32' });
export const DEVICE_FLAG = { RESET: 1, PCI: 2, PLATFORM: 4 } as const;

export const RegionInfo = wireStruct({
  argsz: 'u32',
  flags: 'u32',
  index: 'u32',
  cap_offset: 'u32',
  size: 'u64',
  offset: 'u64',
});
export const REGION_FLAG = { READ: 1, WRITE: 2 } as const;

export const IrqInfo = wireStruct({ argsz: 'u32', flags: 'u32', index: 'u32', count: 'u32' });
export const IRQ_INFO_FLAG = { EVENTFD: 1, MASKABLE: 2, AUTOMASKED: 4, NORESIZE: 8 } as const;

export const SetIrqs = wireStruct({ argsz: 'u32', flags: 'u32', index: 'u32', start: 'u32', count: 'u32' });
export const IRQ_SET = {
  DATA_NONE: 0x01,
  DATA_BOOL: 0x02,
  DATA_EVENTFD: 0x04,
  ACTION_MASK: 0x08,
  ACTION_UNMASK: 0x10,
  ACTION_TRIGGER: 0x20,
} as const;

export const RegionAccess = wireStruct({ offset: 'u64', region: 'u32', count: 'u32' });

export const WriteMulti = wireStruct({ wr_cnt: 'u64' });
/** One write of a REGION_WRITE_MULTI: a `RegionAccess` and eight bytes, of which `count` count. */
export const WRITE_ONE_SIZE = RegionAccess.size + 8;

/** Regions and interrupts of a PCI device by index (linux/vfio.h): BARs 0..5, ROM, configuration space, VGA. */
export const REGION = { CONFIG: 7, COUNT: 9 } as const;
/** INTx, MSI, MSI-X. */
export const IRQ = { INTX: 0, MSIX: 2, COUNT: 3 } as const;
export const CONFIG_SPACE_SIZE = 256;

/** A device that is no PCI function: its only region and its only interrupt. */
export const PLATFORM_REGION = { WINDOW: 0, COUNT: 1 } as const;
export const PLATFORM_IRQ = { LINE: 0, COUNT: 1 } as const;
