import { accessText, defineCase, type EventOf, mappingAt, type Seen } from '../api/index.ts';

/** No driver collects more before it flushes than some of these transfers leave behind. */
const TRANSFERS = 6;

export default defineCase({
  id: 'free/postponed',
  title: 'What a driver postpones in lazy mode is unmapped a moment later',
  demands:
    'A driver may collect unmappings to save flushes. Its user has agreed to a window in which a returned buffer can still be reached, ' +
    'not to one without an end: some time later, and once the driver of the endpoint is down, nothing is reachable.',
  requirements: ['platform/free/postponed-unmap-done', 'platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'io', 'faults', 'release'] },

  given: () => ({ endpoints: { rng: {}, dma: {} } }),

  async when({ driver, machine }) {
    await driver.start();
    for (let transfer = 0; transfer < TRANSFERS; transfer++) await driver.io({ endpoint: 'rng' });
    // A driver without a timer does what it has postponed when it is asked for something else.
    await driver.faults();
    await machine.retryAddresses({ endpoint: 'rng', label: 'postponed', patient: true });
    await driver.release({ endpoint: 'rng' });
    await machine.retryAddresses({ endpoint: 'rng', label: 'stale', patient: true });
  },

  then(seen) {
    for (const [label, since] of [
      ['postponed', 'the endpoint had given the buffer back'],
      ['stale', 'its driver was taken down'],
    ] as const) {
      for (const access of seen.dma(label)) {
        const isKept = label === 'postponed' && isInPool(seen, access);
        const isGone = isKept ? undefined : seen.world.withdrawn(access);
        const says = `A ${accessText(access)} succeeds long after ${since}; a fault was expected.`;
        seen.check('platform/free/postponed-unmap-done', isGone, access, says);
        if (label === 'stale') seen.check('platform/free/unmapped-on-release', isGone, access, says);
      }
    }
  },

  mustCatch: {
    'lazy-unmaps-dropped': 'platform/free/postponed-unmap-done',
    'rng-keeps-mapping': 'platform/free/unmapped-on-release',
  },
});

/** Whether what lets `access` through has served one buffer after the other: that is meant to stay. */
function isInPool(seen: Seen, access: EventOf<'dma'>): boolean {
  const mappings = seen.world.mappingsFor(access.endpoint, access) ?? [];
  const mapping = mappingAt({ mappings }, access.address);
  const served = seen.of('exposed').filter(({ what, endpoint, address, seq }) => {
    const isBehind = mapping && seq > mapping.madeBy && mapping.virt_start <= address && address <= mapping.virt_end;
    return isBehind && what === 'buffer' && endpoint === access.endpoint;
  });
  return served.length > 1;
}
