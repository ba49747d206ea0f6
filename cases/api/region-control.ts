/**
 * The control of cases about odd property lists: a second endpoint whose list is plain. A driver that maps into its
 * region looks at no region at all, which is broken elsewhere; what it would make of an odd list cannot be told.
 */
import type { Driver, Given, Seen } from './vocabulary.ts';

const REGION = { subtype: 0, start: 0x7000_0000n, end: 0x7000_ffffn };
const BESIDE = 0x7800_0000n;
const PAGE = 0x1000;
const DOMAIN = 'control';

/** For `given`: who the control is. */
export const CONTROL_ENDPOINT: NonNullable<Given['endpoints']> = { dma2: { resvMem: [REGION] } };

/** For `when`: has the driver map beside the control's region and, if it can do that, inside. */
export async function mapControlRegion(driver: Driver): Promise<void> {
  await driver.try.attach({ endpoint: 'dma2', domain: DOMAIN });
  const beside = await driver.try.map({ domain: DOMAIN, iova: BESIDE, length: PAGE, access: 'read-write' });
  if (beside.ok) await driver.try.map({ domain: DOMAIN, iova: REGION.start, length: PAGE, access: 'read-write' });
}

/** For `then`: whether the driver keeps out of the control's region. If not, the case is untested, and says so. */
export function heedsControlRegion(seen: Pick<Seen, 'of' | 'named' | 'untested'>): boolean {
  const covers = (address: bigint): boolean =>
    seen
      .named('MAP')
      .some(({ fields: { virt_start = 0n, virt_end = 0n } }) => virt_start <= address && virt_end >= address);
  const inside = seen
    .of('verb')
    .some(({ verb, args }) => verb === 'map' && args['iova'] === `0x${REGION.start.toString(16)}`);
  const heeds = inside && covers(BESIDE) && !covers(REGION.start);
  if (!heeds) {
    seen.untested(
      'The driver did not show that it keeps out of a region which a plain property reserves, so nothing can be told of its reading of others.',
    );
  }
  return heeds;
}
