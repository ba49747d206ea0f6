import { defineMonitor, hex, mapFlags } from '../api/index.ts';
import { inSession, negotiated, inEachSession } from './sessions.ts';

const MAP_F_MMIO = 4;

/** No architecture has wider guest-physical addresses; kernels have their own addresses above. */
const SPACE_END = (1n << 56n) - 1n;

export default defineMonitor({
  id: 'map-targets',
  title: 'A mapping leads to RAM or to registers, says to which, and never out of guest-physical space',
  requirements: [
    'iommu/driver/map/mmio-flag-for-device-memory',
    'iommu/driver/map/single-memory-type',
    'iommu/prose/phys-in-guest-space',
  ],
  judge: inEachSession((seen, session) => {
    for (const map of inSession(session, 'request')) {
      const { target } = map;
      const { virt_start = 0n, virt_end = 0n, phys_start = 0n, flags = 0 } = map.fields;
      if (!target) continue;
      const end = phys_start + (virt_end - virt_start);
      const range = `MAP leads to ${hex(phys_start)} to ${hex(end)}`;
      // What is neither RAM nor among the registers that the device knows may still be somebody's.
      if (end > SPACE_END || !target.elsewhere) {
        const says = `${range}, where no guest-physical address is.`;
        seen.check('iommu/prose/phys-in-guest-space', end <= SPACE_END, map, says);
      }
      if (target.registers ? target.memory : !target.elsewhere) {
        const says = `${range}, which is RAM and device registers; it should be one of them.`;
        seen.check('iommu/driver/map/single-memory-type', !target.registers, map, says);
      }
      if (!target.registers || target.memory || target.elsewhere) continue;
      seen.held('iommu/driver/map/single-memory-type', map);
      if (!negotiated(session, 'VIRTIO_IOMMU_F_MMIO')) continue;
      seen.check(
        'iommu/driver/map/mmio-flag-for-device-memory',
        (flags & MAP_F_MMIO) !== 0,
        map,
        `${range}, which is device registers, with flags ${mapFlags(flags)}; MMIO (4) should be set.`,
      );
    }
  }),
  mustCatch: {
    'registers-mapped-as-memory': 'iommu/driver/map/mmio-flag-for-device-memory',
    'maps-memory-and-registers-at-once': 'iommu/driver/map/single-memory-type',
    'map-virtual-address': 'iommu/prose/phys-in-guest-space',
  },
});
