import { defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { BufferContents, type Piece } from './buffer-contents.ts';
import { isEngine } from './grants.ts';

type Judge = Pick<Seen<'platform/map/right-memory'>, 'check'>;

/** Judges bytes that were read in a buffer, by whom `reader` says. */
function judgeBytes(
  seen: Judge,
  contents: BufferContents,
  piece: Piece,
  read: { readonly bytes: string; readonly at: EventOf<'dma' | 'answer'>; readonly reader: string },
): void {
  if (!contents.knows(piece, read.bytes.length / 2)) return;
  const wrong = contents.mismatch(piece, read.bytes);
  const where = `offset ${piece.offset} of buffer ${piece.buffer}`;
  const due = `byte ${wrong?.offset ?? 0} has to be ${wrong?.due ?? ''}`;
  const says = `${read.reader} reads ${read.bytes} at ${where}; ${due}.`;
  seen.check('platform/map/right-memory', wrong === undefined, read.at, says);
}

/** An access that went through to one buffer, by an endpoint of which it is certain what it may reach. */
function judgeAccess(seen: Seen<'platform/map/right-memory'>, contents: BufferContents, access: EventOf<'dma'>): void {
  const isCertain = !access.bypassed && seen.world.mappingsFor(access.endpoint, access) !== undefined;
  const piece = isCertain ? contents.pieceAt(access.endpoint, access.address, access.length) : undefined;
  if (piece && access.outcome === 'no-memory') {
    const says = `${access.endpoint} is led to no memory at offset ${piece.offset} of buffer ${piece.buffer}.`;
    seen.check('platform/map/right-memory', false, access, says);
  }
  if (access.access === 'write') {
    if (piece && access.outcome === 'ok' && access.bytes !== undefined) contents.write(piece, access.bytes);
    else contents.forgetBytes();
    return;
  }
  if (!piece || access.outcome !== 'ok' || access.bytes === undefined) return;
  judgeBytes(seen, contents, piece, { bytes: access.bytes, at: access, reader: access.endpoint });
}

/** After these all buffers are gone. */
const ENDS: ReadonlySet<string> = new Set(['start', 'stop', 'shutdown']);

export default defineMonitor({
  id: 'buffer-contents',
  title: 'Processor and endpoints find in a buffer what was written there, by whomever',
  requirements: ['platform/map/right-memory'],
  judge(seen) {
    const contents = new BufferContents();
    let asked: EventOf<'verb'> | undefined;
    for (const event of seen.events) {
      if (event.kind === 'verb') asked = event;
      if (event.kind === 'dma') {
        if (isEngine(seen, event.endpoint)) judgeAccess(seen, contents, event);
        // The drivers of other endpoints write to buffers of their own; the harness may make them write anywhere.
        else if (event.cause === 'harness' && event.access === 'write') contents.forgetBytes();
      }
      if (event.kind !== 'answer' || asked === undefined) continue;
      if (ENDS.has(event.verb)) contents.forget();
      contents.apply(asked, event);
      const { bytes } = event.values;
      if (event.verb !== 'peek' || event.outcome !== 'ok' || typeof bytes !== 'string') continue;
      const piece = { buffer: asked.args['buffer'] ?? '', offset: Number(asked.args['offset']) };
      judgeBytes(seen, contents, piece, { bytes, at: event, reader: 'The processor' });
    }
  },
  mustCatch: {
    'map-phys-next-page': 'platform/map/right-memory',
    'map-phys-32-bit-truncation': 'platform/map/right-memory',
    'peek-cached': 'platform/map/right-memory',
    'first-iommu-for-all': 'platform/map/right-memory',
  },
});
