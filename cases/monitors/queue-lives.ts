import type { EventOf, TraceEvent } from '../api/index.ts';
import type { Session } from './sessions.ts';

/** One life of a queue: what happened to it from its enabling until it was enabled again, or its session was over. */
export interface QueueLife {
  readonly enabled: EventOf<'queue-enabled'>;
  readonly events: readonly TraceEvent[];
}

/** The lives of all queues of one device, in a session of it. */
export function queueLives({ events }: Pick<Session, 'events'>): readonly QueueLife[] {
  const lives: { readonly enabled: EventOf<'queue-enabled'>; readonly events: TraceEvent[] }[] = [];
  const current = new Map<number, TraceEvent[]>();
  for (const event of events) {
    if (event.kind === 'queue-enabled') {
      const life = { enabled: event, events: [] };
      lives.push(life);
      current.set(event.queue, life.events);
    } else if ('queue' in event && event.queue !== undefined) {
      current.get(event.queue)?.push(event);
    }
  }
  return lives;
}
