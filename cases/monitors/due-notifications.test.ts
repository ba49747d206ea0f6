import { describe, expect, test } from 'vitest';
import type { EventOf, TraceEvent } from '../api/index.ts';
import { judgedNotifications } from './due-notifications.ts';
import { queueLives } from './queue-lives.ts';
import { ringPositions, WRAP } from './ring-positions.ts';

const SIZE = 8;
const DRIVER_OK = 15;
const NEEDS_RESET = DRIVER_OK | 64;

type Step = Readonly<Record<string, unknown>> & { readonly kind: TraceEvent['kind'] };
type Moment = readonly [position: number, flags: number, event: number];

const ringOf = ([position, flags, event]: Moment) => ({ position, flags, event });

const notified = (...ring: Moment): Step => ({ kind: 'notification', ring: ringOf(ring) });
const polled = (...ring: Moment): Step => ({ kind: 'notification-suppression', ring: ringOf(ring) });
const left = (...ring: Moment): Step => ({ kind: 'unannounced-buffers', ring: ringOf(ring), deviceStatus: DRIVER_OK });

function judge({ packed = false, eventIdx = false }, steps: readonly Step[]): string[] {
  const enabled = { kind: 'queue-enabled', size: SIZE };
  const events = [enabled, ...steps].map((step, seq) => ({ device: 'iommu', queue: 0, seq, ...step }) as TraceEvent);
  const [life] = queueLives({ events });
  const rules = { packed, eventIdx, positions: ringPositions(packed, SIZE) };
  return judgedNotifications(life!, rules).map(({ what, at }) => `${what} ${at.seq}`);
}

const split = (...steps: readonly Step[]): string[] => judge({}, steps);
const splitIdx = (...steps: readonly Step[]): string[] => judge({ eventIdx: true }, steps);
const packed = (...steps: readonly Step[]): string[] => judge({ packed: true }, steps);
const packedIdx = (...steps: readonly Step[]): string[] => judge({ packed: true, eventIdx: true }, steps);

describe('a notification by the flag', () => {
  test('is due while the flag is 0, whatever avail_event says', () => {
    expect(split(notified(1, 0, WRAP))).toEqual(['due 1']);
  });

  test('with nothing new is neither due nor needless', () => {
    expect(split(notified(1, 0, 0), notified(1, 0, 0))).toEqual(['due 1']);
  });

  test('is needless if the flag has been 1 since the last one', () => {
    expect(split(notified(1, 0, 0), polled(1, 1, 0), notified(2, 1, 0), notified(3, 1, 0))).toEqual([
      'due 1',
      'needless 4',
    ]);
  });

  test('may have been on the way while the device set the flag, however many there are', () => {
    expect(split(polled(3, 1, 0), notified(3, 1, 0), notified(3, 1, 0), notified(3, 1, 0))).toEqual([]);
    expect(split(polled(1, 1, 0), notified(1, 1, 0), notified(1, 1, 0))).toEqual(['needless 3']);
  });

  test('is withheld if buffers come while the flag is 1, and none comes', () => {
    const begun = [notified(1, 0, 0), polled(1, 1, 0)];
    expect(split(...begun, polled(3, 0, 0), notified(4, 0, 0))).toEqual(['due 1', 'withheld 3', 'due 4']);
    expect(split(...begun, polled(1, 0, 0), notified(2, 0, 0))).toEqual(['due 1', 'due 4']);
    // The one that was on the way while the device asked for notifications again was not withheld.
    expect(split(...begun, polled(3, 0, 0), notified(3, 0, 0), notified(4, 0, 0))).toEqual(['due 1', 'due 5']);
    expect(split(notified(1, 0, 0), polled(1, 1, 0), left(2, 1, 0))).toEqual(['due 1', 'withheld 3']);
  });

  test('is missing for a buffer that comes while the flag is 0', () => {
    expect(split(left(1, 0, 0))).toEqual(['missing 1']);
    expect(split(notified(1, 0, 0), left(2, 0, 0))).toEqual(['due 1', 'missing 2']);
    expect(split(polled(4, 0, 0), left(5, 0, 0))).toEqual(['missing 2']);
  });
});

describe('a notification by avail_event', () => {
  test('is due for the buffer that it names, whatever the flag says', () => {
    expect(splitIdx(notified(1, 1, 0), polled(1, 1, 1), notified(2, 1, 1))).toEqual(['due 1', 'due 3']);
  });

  test('is due where the index comes round', () => {
    expect(splitIdx(notified(0xffff, 0, 0), polled(0xffff, 0, 0xffff), notified(0, 0, 0xffff))).toEqual([
      'due 1',
      'due 3',
    ]);
  });

  test('is needless if there were more than buffers that were asked for', () => {
    expect(splitIdx(notified(1, 0, 0), polled(1, 0, 0), notified(2, 0, 0))).toEqual(['due 1', 'needless 3']);
    expect(splitIdx(notified(2, 0, 0), notified(2, 0, 0))).toEqual(['due 1', 'needless 2']);
  });

  test('may have been on the way while the device found the buffer by itself, and asked for the next one', () => {
    expect(splitIdx(polled(1, 0, 1), notified(1, 0, 1))).toEqual([]);
    // Two threads of a driver were asked for one each, a third was not, and the first notification comes last.
    const late = [notified(2, 0, 0), polled(2, 0, 2), notified(3, 0, 2), polled(3, 0, 2), notified(4, 0, 2)];
    expect(splitIdx(polled(1, 0, 1), ...late)).toEqual(['due 4']);
  });

  test('is judged by what was added since the last one, and not by what the device found by itself', () => {
    expect(splitIdx(notified(1, 0, 0), notified(3, 0, 2))).toEqual(['due 1']);
    expect(splitIdx(notified(1, 0, 0), polled(1, 0, 1), notified(3, 0, 1))).toEqual(['due 1', 'due 3']);
  });

  test('is missing if the buffer that was asked for lies there', () => {
    expect(splitIdx(left(1, 0, 0))).toEqual(['missing 1']);
    expect(splitIdx(notified(1, 0, 0), polled(1, 0, 1), left(3, 0, 1))).toEqual(['due 1', 'missing 3']);
    // It came before the buffer did.
    expect(splitIdx(notified(0, 0, 0), left(1, 0, 0))).toEqual(['needless 1', 'missing 2']);
  });

  test('is not missing if it has come, or was asked for behind the buffer, or in the middle of others', () => {
    expect(splitIdx(notified(1, 0, 0), left(2, 0, 0))).toEqual(['due 1']);
    expect(splitIdx(polled(2, 0, 1), left(3, 0, 1))).toEqual([]);
  });
});

/** The 16 bits of a position that is counted from the start of a packed ring. */
const at = (position: number): number => (position % SIZE) + (Math.floor(position / SIZE) % 2 === 0 ? WRAP : 0);

describe('a packed ring', () => {
  test('asks for every notification at first, and for as many as the driver likes', () => {
    expect(packed(notified(at(1), 0, 0), notified(at(1), 0, 0))).toEqual(['due 1']);
    expect(packed(left(at(1), 0, 0))).toEqual(['missing 1']);
  });

  test('asks for none by DISABLE', () => {
    expect(packed(polled(at(0), 1, 0), left(at(1), 1, 0))).toEqual(['withheld 2']);
  });

  test('asks for one at a descriptor by DESC, in any round', () => {
    for (const begin of [0, 5, 8, 13]) {
      const asked = [polled(at(begin), 2, at(begin))];
      expect(packedIdx(...asked, notified(at(begin + 4), 2, at(begin)))).toEqual(['due 2']);
      expect(packedIdx(...asked, left(at(begin + 4), 2, at(begin)))).toEqual(['missing 2']);
    }
    expect(packedIdx(polled(at(1), 2, at(0)), left(at(2), 2, at(0)))).toEqual([]);
  });

  test('cannot ask for one at a descriptor without EVENT_IDX, nor for anything by reserved flags', () => {
    expect(packed(polled(at(0), 2, at(0)), left(at(1), 2, at(0)))).toEqual([]);
    expect(packedIdx(polled(at(0), 3, 0), left(at(1), 3, 0))).toEqual([]);
  });
});

describe('nothing is said', () => {
  test('of logs that do not tell how a notification found the ring', () => {
    expect(split({ kind: 'notification' }, { kind: 'notification' })).toEqual([]);
  });

  test('after a notification that found a ring which could not be read, until the device has polled it', () => {
    const lost: Step = { kind: 'notification' };
    expect(split(lost, left(1, 0, 0))).toEqual([]);
    expect(split(lost, polled(1, 0, 0), left(2, 0, 0))).toEqual(['missing 3']);
  });

  test('if something else stands there than the device has written', () => {
    expect(split(polled(0, 0, 0), notified(1, 1, 0), left(2, 1, 0))).toEqual([]);
    expect(splitIdx(polled(1, 0, 1), left(2, 0, 5))).toEqual([]);
  });

  test('of a driver that was told to reset the device', () => {
    expect(split({ ...left(1, 0, 0), deviceStatus: NEEDS_RESET })).toEqual([]);
  });

  test('of another queue, or of the time before the queue was enabled anew', () => {
    const enabled: Step = { kind: 'queue-enabled', size: SIZE };
    expect(split({ ...left(1, 0, 0), queue: 1 })).toEqual([]);
    const events = [enabled, polled(5, 1, 0), enabled, left(1, 0, 0)].map(
      (step, seq) => ({ device: 'iommu', queue: 0, seq, ...step }) as TraceEvent,
    );
    const lives = queueLives({ events });
    expect(lives.map(({ events: own }) => own.map(({ seq }) => seq))).toEqual([[1], [3]]);
    expect(lives.map(({ enabled: { seq } }: { readonly enabled: EventOf<'queue-enabled'> }) => seq)).toEqual([0, 2]);
  });
});
