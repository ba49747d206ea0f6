import { describe, expect, it } from 'vitest';
import { PciCfgWindow, type WindowBacking } from './pci-cfg-window.ts';
import { PciConfigSpace } from './pci-config.ts';
import { BAR0_LAYOUT, PCI_CFG_FIELDS, virtioCapabilities } from './virtio-capabilities.ts';

const IDENTITY = { vendor: 1, device: 2, classCode: 3, revision: 4, subsystemVendor: 5, subsystem: 6 };

function opened() {
  const capabilities = virtioCapabilities(40, BAR0_LAYOUT, false);
  const config = new PciConfigSpace(IDENTITY, [0x4000, 0, 0, 0, 0, 0], capabilities);
  const accesses: Parameters<WindowBacking['accessed']>[0][] = [];
  const window = new PciCfgWindow(config, [0x4000, 0, 0, 0, 0, 0], {
    read: (_bar, offset, out) => out.setUint8(0, offset & 0xff),
    write: () => undefined,
    accessed: (access) => accesses.push(access),
  });
  window.structures = capabilities;
  const at = config.capabilityNamed('PCI_CFG');
  const aim = (offset: number, length: number): void => {
    for (const [field, value] of [
      [PCI_CFG_FIELDS.offset, offset],
      [PCI_CFG_FIELDS.length, length],
    ] as const) {
      const data = new DataView(new ArrayBuffer(4));
      data.setUint32(0, value, true);
      config.write(at + field, data);
      window.noteWrite(at + field, 4);
    }
  };
  return { config, window, at, aim, accesses };
}

describe('the PCI_CFG window', () => {
  it('reads where it was aimed, and tells whether that lies in a structure', () => {
    const { config, window, at, aim, accesses } = opened();
    aim(BAR0_LAYOUT.isr + 0x14, 1);
    window.readThrough();
    expect(config.readU16(at + PCI_CFG_FIELDS.data) & 0xff).toBe(0x14);
    aim(BAR0_LAYOUT.device + 40, 4);
    window.readThrough();
    expect(accesses.map(({ inside }) => inside)).toEqual([true, false]);
  });

  it('has nothing to tell before the driver has aimed it, nor after a new device has come', () => {
    const { window, aim, accesses } = opened();
    window.readThrough();
    expect(accesses).toEqual([]);
    aim(0, 4);
    window.structures = virtioCapabilities(40, BAR0_LAYOUT, false);
    window.readThrough();
    expect(accesses).toEqual([]);
  });

  it('tells of accesses with a length that no access can have, and carries none out', () => {
    const { window, aim, accesses } = opened();
    aim(0, 3);
    window.writeThrough();
    expect(accesses).toEqual([{ access: 'write', bar: 0, offset: 0, length: 3, inside: true }]);
  });
});
