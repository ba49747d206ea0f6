import { type Call, defineMonitor, type EventOf, requestStatus, type Seen } from '../api/index.ts';
import { overlaps, type Range, rangeOf } from './grants.ts';

type Request = EventOf<'request'>;
const REQUIREMENTS = [
  'iommu/safety/map-before-dma',
  'iommu/safety/unmap-before-reuse',
  'iommu/safety/failed-map-reported',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

const isSame = ({ device, fields: a }: Request, { device: other, fields: b }: Request): boolean =>
  device === other && a.domain === b.domain && a.virt_start === b.virt_start && a.virt_end === b.virt_end;

/** A forged entry for the same descriptors cannot be told from the answer. */
const isForged = (seen: Seen<Ids>, { device, headIndex }: Request, { seq }: EventOf<'answer'>): boolean =>
  seen
    .of('completion')
    .some((it) => it.seq < seq && it.device === device && it.headIndex === headIndex && seen.world.isForged(it));

/** No request of the command is still with the device when it is answered with ok, unless another has done the same. */
function judgeCall(seen: Seen<Ids>, id: Ids, name: 'MAP' | 'UNMAP', { verb, answer, requests }: Call): void {
  const own = requests(name);
  const isAnswered = (request: Request): boolean => (seen.answerTo(request)?.seq ?? Infinity) < answer.seq;
  for (const request of own.filter((it) => !isForged(seen, it, answer))) {
    const isDone = isAnswered(request) || own.some((other) => isSame(other, request) && isAnswered(other));
    seen.check(id, isDone, answer, `The driver answered '${verb}' with ok before the device had completed ${name}.`);
  }
}

/** No MAP of the range that was asked for was refused, unless the driver has tried again in whatever pieces. */
function judgeRefusals(seen: Seen<Ids>, { verb, args, values, answer, requests }: Call): void {
  const asked = rangeOf(args['iova'] ?? values['iova'], BigInt(args['length'] ?? 0));
  const maps = requests('MAP').filter((map) => asked && overlaps(asked, mappedBy(map)));
  const statusOf = (request: Request): number | undefined => seen.answerTo(request)?.status;
  for (const map of maps) {
    const isMadeGood = maps.some((other) => statusOf(other) === 0 && overlaps(mappedBy(other), mappedBy(map)));
    const status = statusOf(map);
    if (status === undefined || isMadeGood || isForged(seen, map, answer)) continue;
    const says = `The device failed MAP with ${requestStatus(status)}, but the driver answered '${verb}' with ok.`;
    seen.check('iommu/safety/failed-map-reported', false, answer, says);
  }
}

const mappedBy = ({ fields: { virt_start = 0n, virt_end = 0n } }: Request): Range => ({
  start: virt_start,
  end: virt_end,
});

export default defineMonitor({
  id: 'early-answers',
  title: 'Nothing is reported as mapped or unmapped before the device has completed the request successfully',
  requirements: REQUIREMENTS,
  judge(seen) {
    for (const call of seen.calls()) {
      if (!call.ok) continue;
      if (call.verb === 'map' || call.verb === 'alloc') {
        judgeCall(seen, 'iommu/safety/map-before-dma', 'MAP', call);
        judgeRefusals(seen, call);
      }
      if (call.verb === 'unmap' || call.verb === 'free') {
        judgeCall(seen, 'iommu/safety/unmap-before-reuse', 'UNMAP', call);
      }
    }
  },
  mustCatch: {
    'always-ok-after-failed-map': 'iommu/safety/failed-map-reported',
    'map-answered-early': 'iommu/safety/map-before-dma',
    'looks-at-status-early': 'iommu/safety/map-before-dma',
    'unmap-answered-early': 'iommu/safety/unmap-before-reuse',
    'frees-before-unmap-completes': 'iommu/safety/unmap-before-reuse',
  },
});
