import { type DeviceFaultName, type Driver, type RequirementId, type Seen, STATUS, statusWith } from '../api/index.ts';

const REQUESTQ = 0;

/** What keeps the IOMMU from being in use; undefined if DRIVER_OK is set and something has come on requestq. */
function shortfall(seen: Seen): string | undefined {
  const driverOk = statusWith(seen.events, 'register-write', STATUS.DRIVER_OK);
  const start = seen.calls('start')[0];
  if (!driverOk)
    return start?.ok === false ? `the driver does not start: ${start.answer.reason}` : 'DRIVER_OK is never set';
  const came = [...seen.of('notification'), ...seen.of('chain')].some(
    ({ device, queue, seq }) => device === 'iommu' && queue === REQUESTQ && seq > driverOk.seq,
  );
  return came ? undefined : 'nothing comes on requestq';
}

/**
 * What a case is made of that shows a driver one oddity in configuration space, and asks for nothing but that the device is
 * brought into use. What becomes of its requests is for others. Each row is the deviation.
 */
export const comesUpWith = <const Id extends RequirementId>(oddity: string, requirements: readonly Id[]) => ({
  requirements,
  needs: { verbs: ['start', 'attach'] } as const,
  given: (deviation: DeviceFaultName) => ({ endpoints: { dma: {} }, faults: [deviation] }),
  async when({ driver }: { readonly driver: Driver }): Promise<void> {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
  },
  then(seen: Seen<Id>): void {
    const [start] = seen.calls('start');
    if (!start) return;
    const missing = shortfall(seen);
    seen.check(requirements, missing === undefined, start.answer, `${oddity}, and ${missing}.`);
  },
});
