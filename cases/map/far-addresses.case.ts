import { accessText, counted, defineCase, judgeUnmapped } from '../api/index.ts';

const LAST_PAGE = 0xffff_ffff_f000n;

export default defineCase({
  id: 'map/far-addresses',
  title: 'Mappings work above 32 bits and up to the last page of input_range',
  demands:
    'All addresses of a request have 64 bits. A driver that cuts them maps another place than it was asked to, and the last page ' +
    'of input_range is as good as any other.',
  requirements: ['platform/map/exactly-as-asked', 'iommu/driver/ops/respect-input-range'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'below-32-bits': { iova: 0x8000_0000n, length: 0x1000 },
    'across-32-bits': { iova: 0xffff_f000n + 0x100_0000_0000n, length: 0x2000 },
    'above-32-bits': { iova: 0x12_3456_7000n, length: 0x3000 },
    'last-page': { iova: LAST_PAGE, length: 0x1000 },
  },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver, machine }, { iova, length }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    await driver.try.attach({ endpoint: 'dma' });
    const { ok } = await driver.try.map({ iova, length, access: 'read-write' });
    if (!ok) return;
    const end = iova + BigInt(length) - 1n;
    await machine.dma({ endpoint: 'dma', address: iova, length: 1, access: 'read', label: 'mapped' });
    await machine.dma({ endpoint: 'dma', address: end, length: 1, access: 'read', label: 'mapped' });
    const unmapped = await driver.try.unmap({ iova, length });
    if (!unmapped.ok) return;
    await machine.dma({ endpoint: 'dma', address: iova, length: 1, access: 'read', label: 'unmapped' });
    await machine.dma({ endpoint: 'dma', address: end, length: 1, access: 'read', label: 'unmapped' });
  },

  then(seen, { iova, length }) {
    const range = `${counted(length, 'byte')} at 0x${iova.toString(16)}`;
    for (const access of seen.dma('mapped')) {
      seen.check(
        'platform/map/exactly-as-asked',
        access.outcome !== 'fault',
        access,
        `With ${range} mapped, an access to 0x${access.address.toString(16)} faults; it must go through.`,
      );
    }
    judgeUnmapped(
      seen,
      'platform/map/exactly-as-asked',
      seen.dma('unmapped'),
      (access) => `With ${range} unmapped again, a ${accessText(access)} goes through; it must fault.`,
    );
    for (const map of seen.named('MAP')) {
      const { virt_end = 0n } = map.fields;
      seen.check(
        'iommu/driver/ops/respect-input-range',
        virt_end <= LAST_PAGE + 0xfffn,
        map,
        `MAP has virt_end 0x${virt_end.toString(16)}; input_range ends at 0x${(LAST_PAGE + 0xfffn).toString(16)}.`,
      );
    }
  },

  mustCatch: {
    'map-32-bit-truncation': 'platform/map/exactly-as-asked',
    'unmap-32-bit-truncation': 'platform/map/exactly-as-asked',
    'map-end-exclusive': 'iommu/driver/ops/respect-input-range',
  },
});
