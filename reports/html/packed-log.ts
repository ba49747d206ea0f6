/**
 * The event log of a run as it travels in the page. Traces repeat each other: each distinct event stands once, and a trace is the
 * list of its events. That, deflated, is a sixth of what the log itself would come to. `events` of a trace number from 0 on as a
 * rule, so that their `seq`s are left out.
 */
import type { CaseRecord, LoggedTraceEvent, RunRecord } from '../record/model.ts';

interface PackedCase extends Pick<CaseRecord, 'started'> {
  readonly judgement: CaseRecord['judgement'] | null;
  /** Places in `events`. */
  readonly trace: readonly number[];
  /** The `seq`s, where they are not 0, 1, 2 and so on. */
  readonly seqs?: readonly number[];
}

interface PackedLog extends Pick<RunRecord, 'header'> {
  readonly footer: RunRecord['footer'] | null;
  readonly events: readonly Omit<LoggedTraceEvent, 'seq'>[];
  readonly cases: readonly PackedCase[];
}

/** The log as JSON. */
export function packed(run: RunRecord): string {
  const places = new Map<string, number>();
  const cases = run.cases.map(({ started, judgement, trace }): PackedCase => {
    const own = trace.map(({ seq: _seq, ...event }) => placeIn(places, jsonOf(event)));
    const isPlain = trace.every(({ seq }, index) => seq === index);
    return {
      started,
      judgement: judgement ?? null,
      trace: own,
      ...(!isPlain && { seqs: trace.map(({ seq }) => seq) }),
    };
  });
  const rest = { header: run.header, footer: run.footer ?? null, cases } satisfies Omit<PackedLog, 'events'>;
  return `{"events":[${[...places.keys()].join(',')}],${JSON.stringify(rest).slice(1)}`;
}

/** A log from outside can hold an event that is nested deeper than the stack reaches; its kind is kept. */
function jsonOf(event: Omit<LoggedTraceEvent, 'seq'>): string {
  try {
    return JSON.stringify(event);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return JSON.stringify({ kind: event['kind'], says: 'nested too deeply to be shown' });
  }
}

function placeIn(places: Map<string, number>, event: string): number {
  const known = places.get(event);
  if (known !== undefined) return known;
  places.set(event, places.size);
  return places.size - 1;
}

/** A packed log from which one variant after the other is taken. */
export class UnpackedLog {
  readonly #log: PackedLog;

  /** `json` is what `packed` has made. */
  constructor(json: string) {
    this.#log = JSON.parse(json) as PackedLog;
  }

  get header(): RunRecord['header'] {
    return this.#log.header;
  }

  /** The variant at a place of the log. */
  record(index: number): CaseRecord {
    const own = this.#log.cases[index];
    if (!own) throw new RangeError(`The log has no variant ${index}.`);
    const trace = own.trace.map((place, at) => {
      const event = { ...this.#log.events[place], seq: own.seqs?.[at] ?? at };
      return event as LoggedTraceEvent;
    });
    return { started: own.started, judgement: own.judgement ?? undefined, trace };
  }

  run(): RunRecord {
    const { header, footer, cases } = this.#log;
    return { header, footer: footer ?? undefined, cases: cases.map((_, index) => this.record(index)) };
  }
}
