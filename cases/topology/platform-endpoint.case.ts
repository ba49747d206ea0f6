import { defineCase, describedId } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'topology/platform-endpoint',
  title: 'An endpoint that is no PCI function is named by the ID that the platform gives it',
  demands:
    'Endpoint IDs belong to the platform. That of a device outside of PCI stands in a node of its own or in the cell of its iommus, ' +
    'is no requester ID, and may have more than 16 bits.',
  requirements: ['platform/viot/mmio-endpoints', 'platform/device-tree/iommus'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    viot: 'mmio',
    'device-tree': 'device-tree',
    'device-tree-mmio': 'device-tree-mmio',
  } as const,

  given: (topology) => ({ topology, endpoints: { rng: {}, platform: {} } }),

  async when({ driver, machine }) {
    const started = await driver.try.start();
    if (!started.ok) return;
    const attached = await driver.try.attach({ endpoint: 'platform' });
    const mapped = await driver.try.map({ iova: IOVA, length: 0x1000, access: 'read-write', buffer: 'b1' });
    if (!attached.ok || !mapped.ok) return;
    await machine.dma({ endpoint: 'platform', address: IOVA, access: 'read', label: 'mapped' });
  },

  then(seen, topology) {
    const byTree = seen.driver.description === 'device-tree';
    const requirement = byTree ? 'platform/device-tree/iommus' : 'platform/viot/mmio-endpoints';
    const id = describedId('platform', topology);
    const attach = seen.answers.find(({ verb }) => verb === 'attach');
    if (!attach || id === undefined) return;
    const named = seen.named('ATTACH').some(({ fields }) => fields.endpoint === id);
    seen.check(
      requirement,
      named,
      attach,
      `The endpoint has ID 0x${id.toString(16)}, and no ATTACH names it; attach answers ${attach.outcome}${attach.reason ? `: ${attach.reason}` : ''}.`,
    );
    for (const access of named ? seen.dma('mapped') : []) {
      seen.check(
        requirement,
        access.outcome === 'ok',
        access,
        `The endpoint is attached and 0x${IOVA.toString(16)} mapped, and its access ends with ${access.outcome}.`,
      );
    }
  },

  mustCatch: {
    'platform-endpoint-forgotten': 'platform/viot/mmio-endpoints',
    'platform-endpoint-by-address': 'platform/device-tree/iommus',
    'iommus-phandle-taken-for-id': 'platform/device-tree/iommus',
  },
});
