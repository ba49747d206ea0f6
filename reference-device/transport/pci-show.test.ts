import { describe, expect, it } from 'vitest';
import type { DeviceFaultName } from '../device-faults.ts';
import { pciShow, SHOW_FAULTS } from './pci-show.ts';
import { placeOf } from './virtio-capabilities.ts';

const DEVICE = { device: 0x1057, configLength: 40 };
/** Four structures of a page. */
const BAR_BYTES = 0x4000;
const PLAIN_TYPES = [1, 3, 4, 2, 5];

const show = (...on: DeviceFaultName[]) => pciShow(DEVICE, new Set(on));
const typesOf = (...on: DeviceFaultName[]): number[] => show(...on).capabilities.map(({ body }) => body[1]!);

describe('what a function shows in configuration space', () => {
  it('is the plain list without a switch', () => {
    expect(typesOf()).toEqual(PLAIN_TYPES);
    expect(show().identity).toEqual({ vendor: 0x1af4, device: 0x1057, revision: 1 });
  });

  it('is somebody else where a switch says so', () => {
    expect(show('pci-other-type').identity).toMatchObject({ vendor: 0x1af4, device: 0x1045 });
    expect(show('pci-other-vendor').identity).toMatchObject({ vendor: 0x1b36, device: 0x1057 });
  });

  it('puts reserved types and reserved bars before, between and behind the real capabilities', () => {
    expect(typesOf('pci-reserved-cfg-type')).toEqual([0x11, 0x12, 1, 3, 0x14, 4, 2, 5, 0x11, 0x14]);
    expect(typesOf('pci-reserved-bar')).toEqual([1, 2, 1, 3, 4, 4, 2, 5, 1, 4]);
    expect(show('pci-reserved-bar').capabilities.map(({ body }) => body[2])).toEqual([6, 7, 0, 0, 8, 0, 0, 0, 0xff, 6]);
  });

  it('lists what there is in the order asked for, once, and what was left out behind it', () => {
    const order = ['reserved-0x12', 'NOTIFY_CFG', 'MSIX', 'power-management', 'COMMON_CFG', 'reserved-0x12'] as const;
    const listed = pciShow(DEVICE, new Set(), { capabilities: order }).capabilities;
    expect(listed.map(({ id, body }) => (id === 9 ? body[1] : `id ${id}`))).toEqual([
      0x12,
      2,
      'id 17',
      'id 1',
      1,
      0x12,
      3,
      4,
      5,
    ]);
    expect(
      pciShow(DEVICE, new Set(), { capabilities: order, vectors: 0 }).capabilities.map(({ id }) => id),
    ).not.toContain(17);
  });

  it('puts the second instances, PCI_CFG left out, behind the first', () => {
    expect(typesOf('pci-second-instances')).toEqual([...PLAIN_TYPES, 1, 3, 4, 2]);
    const offsets = show('pci-second-instances').capabilities.map(({ body }) =>
      new DataView(body.buffer).getUint32(6, true),
    );
    expect(offsets[5]).toBe(offsets[0]! + 0x800);
  });

  it('keeps every structure inside the BAR, and two instances of one apart', () => {
    for (const lengths of [[], ['pci-large-length']] as const) {
      const places = show('pci-second-instances', ...lengths)
        .capabilities.filter(({ name }) => name !== 'PCI_CFG')
        .map((capability) => placeOf(capability))
        .toSorted((one, other) => one.offset - other.offset);
      expect(places).toHaveLength(8);
      for (const [index, { offset, length }] of places.entries()) {
        expect(offset + length).toBeLessThanOrEqual(places[index + 1]?.offset ?? BAR_BYTES);
      }
    }
  });

  it('says in cap_len how long each capability is', () => {
    for (const on of [undefined, 'pci-larger-cap-len', 'pci-vendor-capability'] as const) {
      for (const { body } of show(...(on ? [on] : [])).capabilities) expect(body[0]).toBe(body.length + 2);
    }
  });

  it('fits into configuration space behind MSI-X whatever switch is on', () => {
    for (const name of SHOW_FAULTS) {
      const bytes = show(name).capabilities.reduce((sum, { body }) => sum + ((body.length + 2 + 3) & ~3), 0);
      expect(0x4c + bytes, name).toBeLessThanOrEqual(256);
    }
  });
});
