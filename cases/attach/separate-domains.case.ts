import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: 'attach/separate-domains',
  title:
    'Endpoints that were put into different domains have different domain numbers, and do not see each other’s mappings',
  demands:
    'A domain number names one address space. A driver that gives two domains one number lets each endpoint reach what was mapped ' +
    'for the other.',
  requirements: ['platform/map/exactly-as-asked', 'iommu/prose/one-domain-per-endpoint'],
  needs: { verbs: ['start', 'attach', 'map'] },

  vary: { 'two-domains': ['d1', 'd2'], 'one-domain': ['d1', 'd1'] } as const,

  given: () => ({ endpoints: { dma: {}, dma2: {} } }),

  async when({ driver, machine }, [first, second]) {
    const started = await driver.try.start();
    if (!started.ok) return;
    const one = await driver.try.attach({ endpoint: 'dma', domain: first });
    const other = await driver.try.attach({ endpoint: 'dma2', domain: second });
    if (!one.ok || !other.ok) return;
    const mapped = await driver.try.map({ domain: first, iova: IOVA, length: 0x1000, access: 'read-write' });
    if (!mapped.ok) return;
    await machine.dma({ endpoint: 'dma', address: IOVA, access: 'read', label: 'own' });
    await machine.dma({ endpoint: 'dma2', address: IOVA, access: 'read', label: 'other' });
  },

  then(seen, [first, second]) {
    const own = seen.dma('own')[0];
    const other = seen.dma('other')[0];
    if (!own || !other) return;
    const domainOf = (endpointId: number, before: number): number | undefined =>
      seen
        .named('ATTACH')
        .findLast(
          (attach) =>
            attach.fields.endpoint === endpointId && attach.seq < before && seen.answerTo(attach)?.status === 0,
        )?.fields.domain;
    const shared = first === second;
    const numbers = [domainOf(own.endpointId, own.seq), domainOf(other.endpointId, other.seq)];
    if (!shared && numbers.every((number) => number !== undefined)) {
      seen.check(
        'iommu/prose/one-domain-per-endpoint',
        numbers[0] !== numbers[1],
        other,
        `Two domains were asked for, and both endpoints were attached to domain ${numbers[0]}.`,
      );
    }
    seen.check(
      'platform/map/exactly-as-asked',
      own.outcome !== 'fault',
      own,
      'The endpoint cannot reach what was mapped in its domain.',
    );
    seen.check(
      'platform/map/exactly-as-asked',
      (other.outcome !== 'fault') === shared,
      other,
      shared
        ? 'The second endpoint of the domain cannot reach what was mapped there.'
        : 'An endpoint of another domain reaches what was mapped in this one.',
    );
  },

  mustCatch: {
    'domain-one-for-all': 'iommu/prose/one-domain-per-endpoint',
    'map-never-sent': 'platform/map/exactly-as-asked',
  },
});
