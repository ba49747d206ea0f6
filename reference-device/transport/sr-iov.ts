/** What a function with virtual functions shows of them in configuration space (PCI Express 9.3.3). */
import type { PciCapability } from './pci-config.ts';

/** Version 2, an endpoint that is part of the root complex; nothing else of it is of use here. */
export const PCI_EXPRESS: PciCapability = {
  id: 0x10,
  body: Uint8Array.from({ length: 0x3a }, (_, at) => (at === 0 ? 0x92 : 0)),
};

const FUNCTIONS = 4;
/** Offsets behind the header of the capability. */
const CONTROL = 4;
const INITIAL_VFS = 8;
const TOTAL_VFS = 10;
const NUM_VFS = 12;
const BODY_LENGTH = 0x3c;

function capability(): PciCapability {
  const body = new Uint8Array(BODY_LENGTH);
  body[INITIAL_VFS] = FUNCTIONS;
  body[TOTAL_VFS] = FUNCTIONS;
  const writable = new Uint8Array(BODY_LENGTH);
  writable.fill(0xff, CONTROL, CONTROL + 2);
  writable.fill(0xff, NUM_VFS, NUM_VFS + 2);
  return { id: 0x10, body, writable, name: 'SR-IOV' };
}

/** Virtual functions that a driver can enable; nothing comes of it, since no case looks for them. */
export const SR_IOV: PciCapability = capability();
