import { endpointId, type EventOf, judgeStale, type RequestName, type Seen } from '../api/index.ts';
import type { Row } from './answers.ts';

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
export type SweepId = (typeof SWEEP_REQUIREMENTS)[number];

type Request = EventOf<'request'>;
type Answer = EventOf<'answer'>;

/** The request that was struck, and how it ended. */
interface Strike {
  readonly request: Request;
  readonly name: RequestName;
  readonly completion: EventOf<'completion'> | undefined;
  /** The device has not done what it was asked for, and has said so. */
  readonly isRefused: boolean;
  /** The same, said by used length 0: a driver should take that for a failure. */
  readonly isUnwritten: boolean;
  /** In words, for a sentence. */
  readonly says: string;
}

/** The command during which a request was sent, and its answer. */
interface Command {
  readonly asked: EventOf<'verb'>;
  readonly answer: Answer;
}

function strikeOf(seen: Seen<SweepId>, { request: name, nth, answer }: Row): Strike | undefined {
  const request = seen.requests.filter((event) => event.name === name)[nth - 1];
  if (!request?.complete) return undefined;
  const completion = seen.answerTo(request);
  const isUnwritten = answer === 'unwritten' && completion?.usedLength === 0;
  const status = completion?.status ?? 0;
  const says = isUnwritten ? 'came back with used length 0' : `was answered with status ${status}`;
  return { request, name, completion, isRefused: status !== 0, isUnwritten, says: `${name} ${nth} ${says}` };
}

function commandOf(seen: Seen<SweepId>, { request }: Strike): Command | undefined {
  const asked = seen.of('verb').findLast(({ seq }) => seq < request.seq);
  const answer = seen.answers.find(({ seq }) => asked !== undefined && seq > asked.seq);
  return asked && answer && answer.seq > request.seq ? { asked, answer } : undefined;
}

/** A driver that has tried again, and succeeded, has nothing to report. */
const isLastOfItsKind = (seen: Seen<SweepId>, { request, name }: Strike, { answer }: Command): boolean =>
  !seen.named(name).some(({ seq }) => seq > request.seq && seq < answer.seq);

/** `id` for a refusal; an answer that was not written only SHOULD count as one. */
const breached = (strike: Strike, id: SweepId): SweepId =>
  strike.isUnwritten ? 'iommu/driver/ops/zero-used-len-is-failure' : id;

/** The caller of `attach` or `map` hears of it. */
function judgeReport(seen: Seen<SweepId>, strike: Strike, command: Command): void {
  const { asked, answer } = command;
  const isAsked = asked.verb === strike.name.toLowerCase();
  if (!isAsked || !isLastOfItsKind(seen, strike, command)) return;
  const isGrant = strike.name === 'ATTACH' || strike.name === 'MAP';
  if (!strike.isUnwritten && !isGrant) return;
  seen.check(
    breached(strike, 'iommu/safety/failed-map-reported'),
    answer.outcome !== 'ok',
    answer,
    `${strike.says}, and '${asked.verb}' was answered with ok.`,
  );
}

/** What the driver has confirmed to be gone has to be gone. */
function judgeRemoval(seen: Seen<SweepId>, strike: Strike, { asked, answer }: Command): void {
  const [id, label] =
    strike.name === 'UNMAP'
      ? (['platform/free/unmapped-when-freed', 'unmapped'] as const)
      : (['platform/detach/no-access-left', 'detached'] as const);
  if (asked.verb !== strike.name.toLowerCase() || answer.outcome !== 'ok' || strike.isUnwritten) return;
  if (strike.name === 'UNMAP' && seen.driver.lazyUnmap) return;
  const access = seen.dma(label).find(({ seq }) => seq > answer.seq);
  if (!access) return;
  const { address } = access;
  judgeStale(
    seen,
    id,
    [access],
    () =>
      `${strike.says}, '${asked.verb}' was answered with ok, and the endpoint still reaches 0x${address.toString(16)}.`,
  );
}

/** Nobody is told that a request has done its work before it is answered. */
function judgePatience(seen: Seen<SweepId>, { request, name, completion }: Strike, { asked, answer }: Command): void {
  if (asked.verb !== name.toLowerCase() || answer.outcome !== 'ok' || (name !== 'MAP' && name !== 'UNMAP')) return;
  if (name === 'UNMAP' && seen.driver.lazyUnmap) return;
  seen.check(
    name === 'MAP' ? 'iommu/safety/map-before-dma' : 'iommu/safety/unmap-before-reuse',
    completion !== undefined && completion.seq < answer.seq,
    answer,
    `'${asked.verb}' was answered with ok before the device had answered ${name} (event ${request.seq}).`,
  );
}

/** The domain that the endpoint was last attached to before `seq`, as far as the device has confirmed it. */
const confirmedDomain = (seen: Seen<SweepId>, endpoint: number, seq: number): number | undefined =>
  seen.named('ATTACH').findLast((attach) => {
    const completion = attach.fields.endpoint === endpoint ? seen.answerTo(attach) : undefined;
    return completion?.status === 0 && completion.seq < seq;
  })?.fields.domain;

/** No endpoint is told of an address whose MAP has not been answered with OK. */
function judgeExposure(seen: Seen<SweepId>, strike: Strike): void {
  const { virt_start = 0n, virt_end = 0n, domain } = strike.request.fields;
  const failed = strike.isRefused || strike.isUnwritten;
  const mappedAgain = seen
    .named('MAP')
    .find(({ seq, fields }) => seq > strike.request.seq && fields.virt_start === virt_start);
  const answered = failed ? undefined : strike.completion;
  const until = Math.min(mappedAgain?.seq ?? Infinity, answered?.seq ?? Infinity);
  const exposed = seen
    .of('exposed')
    .find(
      ({ endpoint, address, seq }) =>
        seq > strike.request.seq &&
        seq < until &&
        address >= virt_start &&
        address <= virt_end &&
        endpoint === 'rng' &&
        confirmedDomain(seen, endpointId('rng'), seq) === domain,
    );
  const why = failed ? strike.says : 'MAP has not been answered yet';
  seen.check(
    breached(strike, 'iommu/safety/map-before-dma'),
    exposed === undefined,
    exposed,
    `${why}, and the endpoint is given the address 0x${exposed?.address.toString(16)} inside its range.`,
  );
}

/** Nothing relies on an attachment that was refused: neither the endpoint's driver nor a MAP. */
function judgeAttachment(seen: Seen<SweepId>, strike: Strike): void {
  const { endpoint: id = 0 } = strike.request.fields;
  const exposed = seen
    .of('exposed')
    .find(
      ({ endpoint, seq }) =>
        endpoint === 'rng' &&
        id === endpointId('rng') &&
        seq > strike.request.seq &&
        confirmedDomain(seen, id, seq) === undefined,
    );
  seen.check(
    breached(strike, 'platform/order/no-dma-before-iommu'),
    exposed === undefined,
    exposed,
    `${strike.says}, and the endpoint is given the address 0x${exposed?.address.toString(16)} without being attached.`,
  );
  for (const map of seen.named('MAP').filter(({ seq }) => seq > strike.request.seq)) {
    const stands = seen
      .named('ATTACH')
      .some(
        ({ fields, ...attach }) => fields.domain === map.fields.domain && wasDone(seen, { fields, ...attach }, map),
      );
    seen.check(
      breached(strike, 'iommu/prose/domain-created-by-attach'),
      stands,
      map,
      `${strike.says}, and MAP names domain ${map.fields.domain}, to which nothing was ever attached.`,
    );
  }
}

function wasDone(seen: Seen<SweepId>, request: Request, before: Request): boolean {
  const completion = seen.answerTo(request);
  return completion?.status === 0 && completion.seq < before.seq;
}

/** After a stop and a start everything works again, since the device answers as it should from then on. */
function judgeRecovery(seen: Seen<SweepId>, { request }: Strike, { answer: kind, hostile }: Row): void {
  const stopped = seen.answers.find(({ verb }) => verb === 'stop');
  const again = seen.answers.findLast(({ verb }) => verb !== 'stop');
  if (!stopped || !again || request.seq > stopped.seq || again.seq < stopped.seq) return;
  const broken = seen.answers.find(({ seq, outcome }) => seq > stopped.seq && outcome === 'not-ok');
  seen.check(
    hostile ? 'platform/robustness/survives-hostile' : 'platform/robustness/survives',
    broken === undefined,
    broken,
    `After one answer of the kind '${kind}', a stop and a start, '${broken?.verb}' still fails: ${broken?.reason ?? 'no reason given'}.`,
  );
}

/** Judges what came of the one request that was answered in an unusual way. */
export function judgeAftermath(seen: Seen<SweepId>, row: Row): void {
  const strike = strikeOf(seen, row);
  if (!strike) {
    seen.untested(`The driver did not send so many requests of the type ${row.request}.`);
    return;
  }
  const command = commandOf(seen, strike);
  const failed = strike.isRefused || strike.isUnwritten;
  const isRemoval = strike.name === 'UNMAP' || strike.name === 'DETACH';
  if (command && failed) judgeReport(seen, strike, command);
  if (command && failed && isRemoval) judgeRemoval(seen, strike, command);
  if (command && !failed) judgePatience(seen, strike, command);
  if (strike.name === 'MAP') judgeExposure(seen, strike);
  if (strike.name === 'ATTACH' && failed) judgeAttachment(seen, strike);
  judgeRecovery(seen, strike, row);
}
