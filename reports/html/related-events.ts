/** Which other events of a trace a reader of one wants to see: the answer to a request, and accesses to the addresses it is about. */
import type { LoggedTraceEvent } from '../record/model.ts';
import { type Fields, integer, isFields, shown } from './event-fields.ts';

/** `answer`, and the `seq`s that it leads to. */
export interface Related {
  readonly words: string;
  readonly seqs: readonly number[];
}

/** Accesses that are named of one request. */
const ACCESSES_MAX = 6;

/** By `seq`; events to which nothing is related are not there. */
export function relatedEvents(trace: readonly LoggedTraceEvent[]): ReadonlyMap<number, readonly Related[]> {
  const related = new Map<number, Related[]>();
  const add = (seq: number, words: string, seqs: readonly number[]): void => {
    if (seqs.length > 0) related.set(seq, [...(related.get(seq) ?? []), { words, seqs }]);
  };
  const requests = trace.filter(({ kind }) => kind === 'request');
  const accesses = trace.filter((event) => event.kind === 'dma' && event['cause'] === 'harness');
  for (const { request, answer } of answered(trace, requests)) {
    add(request.seq, 'answer', [answer.seq]);
    add(answer.seq, 'request', [request.seq]);
  }
  for (const request of requests) {
    const range = rangeOf(request);
    if (range === undefined) continue;
    const later = accesses.filter((access) => access.seq > request.seq && isWithin(access, range));
    add(
      request.seq,
      'later accesses',
      later.slice(0, ACCESSES_MAX).map(({ seq }) => seq),
    );
  }
  for (const access of accesses) {
    const about = requests.findLast((request) => {
      const range = rangeOf(request);
      return request.seq < access.seq && range !== undefined && isWithin(access, range);
    });
    if (about) add(access.seq, 'last request for the address', [about.seq]);
  }
  return related;
}

interface Answered {
  readonly request: LoggedTraceEvent;
  readonly answer: LoggedTraceEvent;
}

const nameOf = (event: Fields): string => `${shown(event['device'])} ${shown(event['id'])}`;

/** Requests with their first answers; both carry the id of the request, and which device took it. */
function answered(trace: readonly LoggedTraceEvent[], requests: readonly LoggedTraceEvent[]): Answered[] {
  const answers = new Map(
    trace
      .filter(({ kind, id }) => kind === 'completion' && typeof id === 'number')
      .toReversed()
      .map((event) => [nameOf(event), event]),
  );
  return requests.flatMap((request) => {
    const answer = answers.get(nameOf(request));
    return answer ? [{ request, answer }] : [];
  });
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** What a MAP or an UNMAP is about. */
function rangeOf(event: LoggedTraceEvent): Range | undefined {
  const fields = event['fields'];
  if (!isFields(fields)) return undefined;
  const [start, end] = [integer(fields['virt_start']), integer(fields['virt_end'])];
  return start === undefined || end === undefined ? undefined : { start, end };
}

function isWithin(event: LoggedTraceEvent, { start, end }: Range): boolean {
  const address = integer(event['address']);
  return address !== undefined && start <= address && address <= end;
}
