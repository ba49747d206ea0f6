/** What a driver makes of the reserved regions of endpoint `dma`, as far as it can be asked. */
import type { Driver, EventOf, Seen, TraceEvent } from './vocabulary.ts';
import { hex } from './words.ts';

/** Both ends belong to it. */
interface Region {
  readonly start: bigint;
  readonly end: bigint;
}

/** No case reserves this page, so that a refusal elsewhere says something. */
const BESIDE = 0x7800_0000n;
const PAGE = 0x1000;

/** For `when`: asks the driver which regions it knows, if it can say so, and then to map beside them and into each. */
export async function askAboutRegions(driver: Driver, regions: readonly Region[]): Promise<void> {
  if (driver.offers('regions')) await driver.try.regions({ endpoint: 'dma' });
  await driver.map({ iova: BESIDE, length: PAGE, access: 'read-write' });
  for (const { start } of regions) await driver.try.map({ iova: start, length: PAGE, access: 'read-write' });
}

/** The first MAP that touches the region. */
export const mapInto = (seen: Pick<Seen, 'named'>, { start, end }: Region): EventOf<'request'> | undefined =>
  seen.named('MAP').find(({ fields: { virt_start = 0n, virt_end = 0n } }) => virt_start <= end && virt_end >= start);

interface Knowledge {
  readonly isKnown: boolean;
  /** The answer or the MAP that shows it. */
  readonly at: TraceEvent;
}

/** For `then`: whether the driver lists the region, or will not map there; undefined if it was not asked. */
export function knowledgeOf(seen: Pick<Seen, 'calls' | 'named'>, region: Region): Knowledge | undefined {
  const lists = seen.calls('regions').filter(({ ok }) => ok);
  const list = lists.find(({ values }) => isListed(values['regions'], region));
  if (list) return { isKnown: true, at: list.answer };
  const asked = seen.calls('map').find(({ args }) => args['iova'] === hex(region.start));
  const map = mapInto(seen, region);
  if (asked) return { isKnown: map === undefined, at: map ?? asked.answer };
  return lists[0] && { isKnown: false, at: lists[0].answer };
}

/** `lines` are those of the verb `regions`: `0xfee00000 0xfeefffff msi`. */
function isListed(lines: unknown, { start, end }: Region): boolean {
  if (!Array.isArray(lines)) return false;
  return lines.some((line) => {
    const [from, to] = String(line).split(' ');
    return isHex(from) && isHex(to) && BigInt(from) <= start && BigInt(to) >= end;
  });
}

const isHex = (text: string | undefined): text is string => /^0x[0-9a-f]{1,16}$/i.test(text ?? '');
