import { accessText, type DeviceFault, defineCase } from '../api/index.ts';

const NOMEM = 8;

/** The MAP of a bring-up that is refused: by then others have been answered with OK. */
const refusedMap = (nth: number): DeviceFault => ({ name: 'status-of-request', request: 'MAP', nth, status: NOMEM });

export default defineCase({
  id: 'free/failed-start',
  title: 'When the driver of an endpoint cannot be brought up, what it had mapped by then is unmapped',
  demands:
    'A device that refuses a MAP half way leaves a driver with rings and buffers that nobody is going to use. They have to be unmapped ' +
    'before their memory is given to somebody else; the way out after an error is the one that is seldom tried.',
  requirements: ['platform/free/unmapped-on-release'],
  needs: { verbs: ['start', 'stop'] },

  vary: {
    'network-card-second-map': { slot: 'net', nth: 2 },
    'network-card-third-map': { slot: 'net', nth: 3 },
    'rng-second-map': { slot: 'rng', nth: 2 },
    'disk-second-map': { slot: 'disk', nth: 2 },
  } as const,

  // Without a region for interrupts the doorbell takes a MAP of its own.
  given: ({ slot, nth }) => ({
    topology: slot === 'rng' ? 'plain' : slot,
    endpoints: { [slot]: { resvMem: [] } },
    faults: [refusedMap(nth)],
  }),

  async when({ driver, machine }, { slot }) {
    await driver.try.start();
    await machine.retryAddresses({ endpoint: slot, label: 'stale' });
    if (driver.offers('release')) await driver.try.release({ endpoint: slot });
  },

  then(seen) {
    if (seen.named('MAP').every((map) => seen.answerTo(map)?.status === 0)) {
      seen.untested('The driver did not map so much at start.');
    }
    for (const access of seen.dma('stale')) {
      const says = `A DMA ${accessText(access)} still succeeds after the endpoint's driver could not be brought up; a fault was expected.`;
      seen.check('platform/free/unmapped-on-release', seen.world.withdrawn(access), access, says);
    }
  },

  mustCatch: { 'error-path-keeps-mapping': 'platform/free/unmapped-on-release' },
  shippedIn: ['EDK II, drivers that fail after Map() and return without Unmap() (tianocore/edk2#9771, 2019).'],
});
