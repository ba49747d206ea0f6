import {
  type Call,
  describedId,
  type EventOf,
  hex,
  mappingAt,
  type RequestName,
  type Seen,
  type SlotName,
  type TraceEvent,
} from '../api/index.ts';
import { type Row, statusName } from './answers.ts';

/** What a sweep judges, whichever request it strikes. */
export const SWEEP_REQUIREMENTS = [
  'platform/robustness/survives',
  'platform/robustness/survives-hostile',
  'iommu/safety/failed-map-reported',
  'iommu/safety/map-before-dma',
  'iommu/safety/unmap-before-reuse',
  'iommu/driver/ops/zero-used-len-is-failure',
  'iommu/prose/domain-created-by-attach',
  'platform/order/no-dma-before-iommu',
  'platform/free/unmapped-when-freed',
  'platform/detach/no-access-left',
] as const;
type SweepId = (typeof SWEEP_REQUIREMENTS)[number];

type Request = EventOf<'request'>;

/** The request that was answered in an unusual way. */
interface Strike {
  readonly request: Request;
  readonly name: RequestName;
  readonly completion: EventOf<'completion'> | undefined;
  /** The device has not done what it was asked for, and has said so. */
  readonly hasFailed: boolean;
  /** It has said so by used length 0: a driver should take that for a failure. */
  readonly isUnwritten: boolean;
  /** In words, for a sentence. */
  readonly says: string;
}

function strikeOf(seen: Seen<SweepId>, { request: name, nth, answer }: Row): Strike | undefined {
  const request = seen.requests.filter((event) => event.name === name)[nth - 1];
  if (!request?.complete) return undefined;
  const completion = seen.answerTo(request);
  const isUnwritten = answer === 'unwritten' && completion?.usedLength === 0;
  const status = completion?.status ?? 0;
  const says = isUnwritten ? 'came back with used length 0' : `was answered with ${statusName(status)}`;
  const hasFailed = isUnwritten || status !== 0;
  return { request, name, completion, hasFailed, isUnwritten, says: `${name} ${nth} ${says}` };
}

/** `id` for a refusal; an answer that was not written only SHOULD count as one. */
const breached = ({ isUnwritten }: Strike, id: SweepId): SweepId =>
  isUnwritten ? 'iommu/driver/ops/zero-used-len-is-failure' : id;

function isOkBefore(seen: Seen<SweepId>, request: Request, { seq }: TraceEvent): boolean {
  const completion = seen.answerTo(request);
  return completion?.status === 0 && completion.seq < seq;
}

const isSame = ({ fields: a }: Request, { fields: b }: Request): boolean =>
  a.domain === b.domain && a.endpoint === b.endpoint && a.virt_start === b.virt_start && a.virt_end === b.virt_end;

/** Whether another request has done the same in time for the answer to `call`. */
const isDoneByAnother = (seen: Seen<SweepId>, { request, name }: Strike, call: Call): boolean =>
  call
    .requests(name)
    .some((other) => other !== request && isSame(other, request) && isOkBefore(seen, other, call.answer));

/** The caller of `attach` or `map` hears of it, unless the driver has tried again. */
function judgeReport(seen: Seen<SweepId>, strike: Strike, call: Call): void {
  const { request, name, isUnwritten, says } = strike;
  if (!isUnwritten && name !== 'ATTACH' && name !== 'MAP') return;
  if (call.requests(name).some(({ seq }) => seq > request.seq)) return;
  const id = breached(strike, 'iommu/safety/failed-map-reported');
  seen.check(id, !call.ok, call.answer, `${says}, and '${call.verb}' is answered with ok.`);
}

/** What the driver has confirmed to be gone has to be gone. */
function judgeRemovals(seen: Seen<SweepId>, { name, isUnwritten, says }: Strike): void {
  for (const [label, remover, id] of [
    ['unmapped', 'UNMAP', 'platform/free/unmapped-when-freed'],
    ['detached', 'DETACH', 'platform/detach/no-access-left'],
  ] as const) {
    if (isUnwritten && name === remover) continue;
    for (const access of seen.dma(label)) {
      const gone = `DMA to ${hex(access.address)} still succeeds after '${remover.toLowerCase()}' was answered with ok; a fault was expected (${says}).`;
      seen.check(id, seen.world.withdrawn(access), access, gone);
    }
  }
}

/** Nobody is told that a request has done its work before it is answered. */
function judgePrematureAnswer(seen: Seen<SweepId>, { name, completion }: Strike, { verb, ok, answer }: Call): void {
  if (!ok || (name !== 'MAP' && name !== 'UNMAP')) return;
  seen.check(
    name === 'MAP' ? 'iommu/safety/map-before-dma' : 'iommu/safety/unmap-before-reuse',
    completion !== undefined && completion.seq < answer.seq,
    answer,
    `'${verb}' is answered with ok before the device has answered ${name}.`,
  );
}

/** No endpoint is told of an address whose MAP has not been answered with OK, unless it was mapped before. */
function judgeExposure(seen: Seen<SweepId>, strike: Strike): void {
  const { request, completion, hasFailed, says } = strike;
  const { domain: id = 0, virt_start = 0n, virt_end = 0n } = request.fields;
  const domain = seen.world.before(request).domains(request.device).domain(id);
  if (domain && mappingAt(domain, virt_start)) return;
  const again = seen.named('MAP').find(({ seq, fields }) => seq > request.seq && fields.virt_start === virt_start);
  const until = (hasFailed ? again : (completion ?? again))?.seq ?? Infinity;
  const exposures = seen.of('exposed');
  const early = exposures.find(
    ({ seq, address, reachable }) =>
      request.seq < seq && seq < until && virt_start <= address && address <= virt_end && !(hasFailed && reachable),
  );
  seen.check(
    breached(strike, 'iommu/safety/map-before-dma'),
    exposures.length === 0 ? undefined : early === undefined,
    early,
    `${hasFailed ? says : 'MAP has not been answered yet'}, and the endpoint is told of ${hex(early?.address ?? 0)} inside its range.`,
  );
}

/** Nothing relies on an attachment that was refused: neither the endpoint's driver nor a MAP. */
function judgeAttachment(seen: Seen<SweepId>, strike: Strike): void {
  const { request, says } = strike;
  const { endpoint: id = 0 } = request.fields;
  const attaches = seen.named('ATTACH');
  const exposures = seen
    .of('exposed')
    .filter(({ endpoint }) => describedId(endpoint as SlotName, seen.setup.topology) === id);
  const early = exposures.find(
    (exposed) =>
      exposed.seq > request.seq &&
      !attaches.some((attach) => attach.fields.endpoint === id && isOkBefore(seen, attach, exposed)),
  );
  seen.check(
    breached(strike, 'platform/order/no-dma-before-iommu'),
    exposures.length === 0 ? undefined : early === undefined,
    early,
    `${says}, and the endpoint is told of ${hex(early?.address ?? 0)} without being attached.`,
  );
  for (const map of seen.named('MAP').filter(({ seq }) => seq > request.seq)) {
    const { domain } = map.fields;
    seen.check(
      breached(strike, 'iommu/prose/domain-created-by-attach'),
      attaches.some((attach) => attach.fields.domain === domain && isOkBefore(seen, attach, map)),
      map,
      `${says}, and MAP names domain ${domain}, to which nothing was ever attached.`,
    );
  }
}

/** After a stop and a start everything works again, since the device answers as it should, unless it may have kept what was mapped. */
function judgeRecovery(seen: Seen<SweepId>, { request }: Strike, { answer: kind, hostile }: Row): void {
  const [stop] = seen.calls('stop');
  if (stop === undefined || request.seq > stop.answer.seq) return;
  const later = seen.calls().filter(({ asked }) => asked.seq > stop.answer.seq);
  if (later.every(({ verb }) => verb === 'stop')) return;
  const broken = later.find(({ ok }) => !ok);
  const mayHaveKept = broken && seen.world.before(broken.answer).domains(request.device).isLost;
  seen.check(
    hostile ? 'platform/robustness/survives-hostile' : 'platform/robustness/survives',
    mayHaveKept ? undefined : broken === undefined,
    broken?.answer,
    `After one answer of the kind '${kind}', a stop and a start, '${broken?.verb}' still fails: ${broken?.answer.reason ?? 'no reason given'}.`,
  );
}

/** Judges what came of the one request that was answered in an unusual way. */
export function judgeSweep(seen: Seen<SweepId>, row: Row): void {
  const strike = strikeOf(seen, row);
  if (!strike) {
    seen.untested(`The driver did not send so many requests of the type ${row.request}.`);
    return;
  }
  const { request, name, hasFailed } = strike;
  const call = seen.calls().find(({ asked, answer }) => asked.seq < request.seq && request.seq < answer.seq);
  if (call?.verb === name.toLowerCase() && !isDoneByAnother(seen, strike, call)) {
    if (hasFailed) judgeReport(seen, strike, call);
    else judgePrematureAnswer(seen, strike, call);
  }
  judgeRemovals(seen, strike);
  if (name === 'MAP') judgeExposure(seen, strike);
  if (name === 'ATTACH' && hasFailed) judgeAttachment(seen, strike);
  judgeRecovery(seen, strike, row);
}
