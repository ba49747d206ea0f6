import { defineCase, describedPlace, hex } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'topology/platform-endpoint',
  title: 'An endpoint that is no PCI function is named by the ID that the platform gives it',
  demands:
    'Endpoint IDs belong to the platform. That of a device outside of PCI stands in a node of its own or in the cell of its iommus, ' +
    'is no requester ID, and may have more than 16 bits.',
  requirements: ['platform/viot/mmio-endpoints', 'platform/device-tree/iommus', 'platform/map/exactly-as-asked'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: {
    viot: { topology: 'mmio', endpoint: 'platform' },
    'device-tree': { topology: 'device-tree', endpoint: 'platform' },
    'device-tree-mmio': { topology: 'device-tree-mmio', endpoint: 'platform' },
    'pci-endpoint': { topology: 'mmio', endpoint: 'dma' },
  } as const,
  control: 'pci-endpoint',

  given: ({ topology, endpoint }) => ({ topology, endpoints: { rng: {}, [endpoint]: {} } }),

  async when({ driver, machine }, { endpoint }) {
    await driver.start();
    await driver.attach({ endpoint });
    await driver.map({ iova: IOVA, length: 0x1000, access: 'read-write', buffer: 'b1' });
    await machine.dma({ endpoint, address: IOVA, access: 'read', label: 'mapped' });
  },

  then(seen, { topology, endpoint }) {
    if (endpoint === 'dma') {
      for (const access of seen.dma('mapped')) {
        const isReached = seen.world.reached(access) || undefined;
        seen.check('platform/map/exactly-as-asked', isReached, access, '');
      }
      return;
    }
    const [attach] = seen.calls('attach');
    const place = describedPlace(endpoint, topology);
    if (!attach || !place) return;
    const named = attach
      .requests('ATTACH')
      .some(({ device, fields }) => device === place.iommu && fields.endpoint === place.id);
    for (const id of ['platform/viot/mmio-endpoints', 'platform/device-tree/iommus'] as const) {
      seen.check(
        id,
        named,
        attach.answer,
        `The endpoint has ID ${hex(place.id)}, and no ATTACH names it; attach answers ${attach.ok ? 'ok' : `not ok: ${attach.answer.reason}`}.`,
      );
      for (const access of named ? seen.dma('mapped') : []) {
        const says = `The endpoint is attached and ${hex(IOVA)} mapped, and its access ends with ${access.outcome}.`;
        seen.check(id, seen.world.reached(access), access, says);
      }
    }
  },

  mustCatch: {
    'platform-endpoint-forgotten': 'platform/viot/mmio-endpoints',
    'platform-endpoint-by-address': 'platform/device-tree/iommus',
    'iommus-phandle-taken-for-id': 'platform/device-tree/iommus',
  },
});
