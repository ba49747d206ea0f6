/** Puts the events of a log together to one record of the run. */
import { EmptyLogError, errorAt, type LogError } from './log-error.ts';
import type {
  CaseJudged,
  CaseRecord,
  CaseStarted,
  Footer,
  Header,
  LoggedTraceEvent,
  LogEvent,
  RunRecord,
} from './model.ts';

interface OpenCase {
  readonly started: CaseStarted;
  readonly trace: LoggedTraceEvent[];
  judgement: CaseJudged | undefined;
}

/** Takes the events one by one, in the order of the log, and refuses one that cannot stand where it stands. */
export class RunAssembler {
  readonly #file: string;
  readonly #cases = new Map<string, OpenCase>();
  #line = 0;
  #header: Header | undefined;
  #footer: Footer | undefined;

  /** `file` is the log's name for messages. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Throws `LogError` for an event out of place. */
  add(event: LogEvent): void {
    this.#line++;
    if (this.#footer) throw this.#error('nothing may follow the footer');
    if (event.event !== 'header' && !this.#header) throw this.#error('expected the header before anything else');
    switch (event.event) {
      case 'header':
        if (this.#header) throw this.#error('expected one header only');
        this.#header = event;
        return;
      case 'case':
        if (this.#cases.has(event.id)) throw this.#error(`field id: case ${name(event.id)} was started before`);
        this.#cases.set(event.id, { started: event, trace: [], judgement: undefined });
        return;
      case 'trace':
        // A loop, since a spread of a long trace exceeds the number of arguments that a call takes.
        for (const traced of event.events) this.#started(event.id).trace.push(traced);
        return;
      case 'verdict': {
        const open = this.#started(event.id);
        if (open.judgement) throw this.#error(`field id: case ${name(event.id)} was judged before`);
        open.judgement = event;
        return;
      }
      case 'footer':
        this.#footer = event;
        return;
    }
  }

  /** The record of everything added. Throws `LogError` if there was no header. */
  finish(): RunRecord {
    if (!this.#header) throw new EmptyLogError(`${this.#file} holds nothing: its run was killed before it began.`);
    const cases: readonly CaseRecord[] = [...this.#cases.values()];
    return { header: this.#header, cases, footer: this.#footer };
  }

  #started(id: string): OpenCase {
    const open = this.#cases.get(id);
    if (!open) throw this.#error(`field id: case ${name(id)} was never started`);
    return open;
  }

  #error(says: string): LogError {
    return errorAt({ file: this.#file, line: this.#line }, says);
  }
}

const name = (id: string): string => JSON.stringify(id.slice(0, 80).replace(/[\p{Cf}\p{Cs}]/gu, '�'));

/** The record of a whole run from its events. `file` is the log's name for messages. Throws `LogError`. */
export function assemble(events: Iterable<LogEvent>, file = 'event log'): RunRecord {
  const assembler = new RunAssembler(file);
  for (const event of events) assembler.add(event);
  return assembler.finish();
}

/** The events of a run in the order in which a log has them; the inverse of `assemble`. */
export function* eventsOf({ header, cases, footer }: RunRecord): Generator<LogEvent> {
  yield header;
  for (const { started, trace, judgement } of cases) {
    yield started;
    if (trace.length > 0) yield { event: 'trace', id: started.id, events: [...trace] };
    if (judgement) yield judgement;
  }
  if (footer) yield footer;
}
