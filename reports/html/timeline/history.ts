/** The whole of a trace on one axis of time: commands, queues, and the IOVA spaces of each IOMMU. */
import type { LoggedTraceEvent } from '../../record/model.ts';
import { describeEvent } from '../describe-event.ts';
import { integer, shown } from '../event-fields.ts';
import { IovaHistory } from './iova-history.ts';
import { QueueHistories, type QueueHistory } from './queue-history.ts';
import type { Span } from './spans.ts';

/** A moment at which something changes. */
export interface Step {
  readonly seq: number;
  readonly says: string;
}

export interface History {
  readonly steps: readonly Step[];
  /** Commands to the driver, until it answered. */
  readonly commands: readonly (Span & { readonly verb: string; readonly failed: boolean })[];
  readonly queues: readonly QueueHistory[];
  /** By the IOMMU's name. */
  readonly spaces: ReadonlyMap<string, IovaHistory>;
}

interface Command extends Span {
  readonly verb: string;
  failed: boolean;
}

/** Events that are not steps of their own although something is read from them. */
const SILENT = new Set(['register-read']);

const STEPS = new Set([
  'verb',
  'answer',
  'reset',
  'queue-enabled',
  'notification',
  'unannounced-buffers',
  'chain',
  'ring-break',
  'request',
  'completion',
  'dma',
  'fault-report',
  'config-change',
  'suspension',
]);

/** Follows `trace` from its beginning to its end. */
export function historyOf(trace: readonly LoggedTraceEvent[]): History {
  const iommus = new Set(
    trace.filter(({ kind }) => kind === 'request' || kind === 'fault-report').map((it) => shown(it['device'])),
  );
  iommus.add('iommu');
  const reader = new HistoryReader(endpointNames(trace), iommus);
  for (const event of trace) reader.add(event);
  return reader.history();
}

/** Names of the endpoints by their IDs, which only their accesses tell. */
function endpointNames(trace: readonly LoggedTraceEvent[]): ReadonlyMap<bigint, string> {
  const names = new Map<bigint, string>();
  for (const event of trace) {
    const id = event.kind === 'dma' ? integer(event['endpointId']) : undefined;
    if (id !== undefined) names.set(id, shown(event['endpoint']));
  }
  return names;
}

class HistoryReader {
  readonly #steps: Step[] = [];
  readonly #commands: Command[] = [];
  readonly #spaces = new Map<string, IovaHistory>();
  readonly #names: ReadonlyMap<bigint, string>;
  readonly #iommus: ReadonlySet<string>;
  readonly #queues: QueueHistories;

  constructor(names: ReadonlyMap<bigint, string>, iommus: ReadonlySet<string>) {
    this.#names = names;
    this.#iommus = iommus;
    this.#queues = new QueueHistories(iommus);
  }

  add(event: LoggedTraceEvent): void {
    if (!STEPS.has(event.kind) && !SILENT.has(event.kind)) return;
    if (event.kind === 'dma' && event['cause'] === 'virtqueue' && event['outcome'] === 'ok') return;
    if (STEPS.has(event.kind)) this.#steps.push({ seq: event.seq, says: describeEvent(event).what });
    this.#take(event, Math.max(0, this.#steps.length - 1));
  }

  history(): History {
    return {
      steps: this.#steps,
      commands: this.#commands,
      queues: this.#queues.all,
      spaces: this.#spaces,
    };
  }

  #take(event: LoggedTraceEvent, step: number): void {
    const space = this.#spaceOf(event);
    switch (event.kind) {
      case 'verb':
        return void this.#commands.push({
          from: step,
          until: undefined,
          says: describeEvent(event).what,
          verb: shown(event['verb']),
          failed: false,
        });
      case 'answer':
        return this.#answer(event, step);
      case 'reset':
        space?.reset(step);
        return this.#queues.reset(event['device'], step);
      case 'queue-enabled':
        return this.#queues.enabled(event, step);
      case 'notification':
        return this.#queues.notification(event, step);
      case 'unannounced-buffers':
        return this.#queues.unannounced(event, step);
      case 'ring-break':
        return this.#queues.ringBreak(event, step);
      case 'chain':
        return this.#queues.chain(event, step);
      case 'request':
        return space?.request(event);
      case 'completion':
        space?.completion(event, step);
        return this.#queues.completion(event, step);
      case 'dma':
        return space?.dma(event, step);
      case 'register-read':
        return space?.configRead(event, step);
      case 'fault-report':
        return this.#queues.faultReport(event, step, describeEvent(event).what);
      default:
    }
  }

  #answer(event: LoggedTraceEvent, step: number): void {
    const command = this.#commands.findLast(({ verb, until }) => until === undefined && verb === shown(event['verb']));
    if (!command) return;
    command.until = step;
    command.failed = event['outcome'] !== 'ok';
  }

  /** The space that an event is about; an access is made in that of the IOMMU that its endpoint is attached to. */
  #spaceOf(event: LoggedTraceEvent): IovaHistory | undefined {
    if (event.kind !== 'dma') return this.#space(shown(event['device']));
    const endpoint = integer(event['endpointId']) ?? -1n;
    const attached = [...this.#spaces.values()].find((space) => space.isAttached(endpoint));
    return attached ?? this.#space([...this.#iommus][0] ?? '');
  }

  #space(name: string): IovaHistory | undefined {
    if (!this.#iommus.has(name)) return undefined;
    const space = this.#spaces.get(name) ?? new IovaHistory(this.#names);
    this.#spaces.set(name, space);
    return space;
  }
}
