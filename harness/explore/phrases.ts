/** Draws steps that make sense after those before them, most of the time. */
import type { MapAccess, SlotName } from '../../cases/api/vocabulary.ts';
import { hasOwnDriver } from '../../cases/world/world.ts';
import { type Activity, MEBIBYTES_2, PASSING } from './activity.ts';
import { drawnRegions } from './drawn-endpoints.ts';
import type { Lots, Weighted } from './lots.ts';
import type { RepeatStep, SingleStep, Step } from './step.ts';

const ACCESSES: readonly [MapAccess, ...MapAccess[]] = ['read', 'write', 'read-write', 'read-write'];

/** Steps that belong together; undefined where they make no sense at the moment. */
type Phrase = (activity: Activity, lots: Lots) => Step[] | undefined;

/** Makes a phrase of one that needs something, which may not be there. */
const given =
  <T>(
    what: (activity: Activity, lots: Lots) => T | undefined,
    phrase: (it: T, activity: Activity, lots: Lots) => Step[],
  ): Phrase =>
  (activity, lots) => {
    const it = what(activity, lots);
    return it === undefined ? undefined : phrase(it, activity, lots);
  };

const endpoint = (activity: Activity, lots: Lots): SlotName | undefined => activity.endpoint(lots);
const driven = (activity: Activity, lots: Lots): SlotName | undefined => activity.driven(lots);
const engine = (activity: Activity, lots: Lots): SlotName | undefined => activity.engine(lots);

const drawnMap = (activity: Activity, lots: Lots): Extract<SingleStep, { do: 'map' }> => {
  const domain = activity.domain(lots);
  const length = activity.length(lots);
  const iova = activity.address(length, domain, lots);
  return { do: 'map', domain, iova, length, access: lots.of(ACCESSES), buffer: activity.bufferName() };
};

const drawnAlloc = (slot: SlotName, activity: Activity, lots: Lots): Extract<SingleStep, { do: 'alloc' }> => ({
  do: 'alloc',
  endpoint: slot,
  buffer: activity.bufferName(),
  length: activity.length(lots),
  access: lots.of(ACCESSES),
});

const drawnUnmap: Phrase = (activity, lots) => {
  const one = activity.mappedSomewhere(lots);
  if (one === undefined) return undefined;
  const { domain, start, end } = one;
  const whole = { iova: start, length: Number(end - start + 1n) };
  const granule = Number(activity.granule);
  const other = activity.mapped(domain, lots) ?? one;
  const first = start < other.start ? start : other.start;
  const last = end > other.end ? end : other.end;
  const span = last - first + 1n;
  return [
    {
      do: 'unmap',
      domain,
      ...lots.weighted([
        [8, whole],
        [2, span <= BigInt(MEBIBYTES_2) ? { iova: first, length: Number(span) } : whole],
        [1, { iova: start, length: Math.min(granule, whole.length) }],
        [1, { iova: start, length: Math.min(whole.length + granule, MEBIBYTES_2) }],
      ]),
    },
  ];
};

const drawnAccess = (slot: SlotName, activity: Activity, lots: Lots): Step => ({
  do: 'dma',
  endpoint: slot,
  access: lots.of(['read', 'write']),
  length: lots.of([4, 4, 1, 64]),
  at: BigInt.asUintN(64, activity.target(slot, lots)),
});

/** Where nothing is mapped, most of the time. */
const ASTRAY = 0xbad_0000n;
const STRIDE = 0x2_0000n;

/** Many take long to play, and are seldom needed. */
const TIMES: Weighted<number> = [
  [40, 2],
  [30, 3],
  [20, 5],
  [10, 17],
  [4, 33],
  [3, 70],
  [1, 130],
  [1, 300],
];
const times = (lots: Lots): number => lots.weighted(TIMES);

const again = (count: number, steps: SingleStep[], advance?: bigint): RepeatStep => ({
  do: 'repeat',
  times: count,
  ...(advance !== undefined && { advance }),
  steps,
});

/** Many mappings, an access, the mappings taken away, and an access again. */
const manyMappings: Phrase = given(engine, (slot, activity, lots) => {
  const map = drawnMap(activity, lots);
  const count = times(lots);
  const advance = BigInt(map.length);
  const { domain, iova, length } = map;
  const access: SingleStep = { do: 'dma', endpoint: slot, access: lots.of(['read', 'write']), length: 4, at: iova };
  return [
    again(count, [map], advance),
    ...(lots.once(2) ? [again(count, [access], advance)] : []),
    ...(lots.once(3) ? [{ do: 'attach' as const, endpoint: slot, domain }] : []),
    again(count, [{ do: 'unmap', domain, iova, length }], advance),
    again(count, [access], advance),
  ];
});

const strayAccess = (endpoint: SlotName, at: bigint): SingleStep => ({
  do: 'dma',
  endpoint,
  access: 'read',
  length: 4,
  at,
});

/** Accesses that go astray, perhaps more of them than there are event buffers; and what the driver says of them. */
const strayed: Phrase = given(engine, (slot, activity, lots) => {
  const other = activity.engine(lots) ?? slot;
  const accesses = [strayAccess(slot, ASTRAY), strayAccess(other, ASTRAY + STRIDE / 2n)];
  return [
    ...[slot, other].map((endpoint) => ({ do: 'attach' as const, endpoint, domain: activity.domain(lots) })),
    { do: 'faults' },
    again(lots.of([2, 4, Math.min(Math.floor(activity.eventBuffers / 2) + 2, 256)]), accesses, STRIDE),
    again(lots.of([2, 5]), [{ do: 'faults' }]),
  ];
});

/** Buffers allocated until there is no more room, or memory; then given back. */
const manyBuffers: Phrase = given(endpoint, (slot, activity, lots) => {
  const alloc = drawnAlloc(slot, activity, lots);
  const count = times(lots);
  const { buffer } = alloc;
  return [again(count, [alloc], 1n), again(count, [{ do: 'free', endpoint: slot, buffer }], 1n)];
});

/** What an endpoint reaches after something was taken away from it. */
const retried: Phrase = given(driven, (slot) => [{ do: 'retry', endpoint: slot }]);

/** By surprise only where no driver of the endpoint's own would have to live through it. */
const takenOut: Phrase = given(endpoint, (slot, _, lots) => [
  { do: 'take-out', endpoint: slot, ...(!hasOwnDriver(slot) && lots.once(2) && { bySurprise: true }) },
]);

const putIn: Phrase = given(
  (activity, lots) => activity.emptySlot(lots),
  (slot, _, lots) => [{ do: 'put-in', endpoint: slot, ...(lots.once(3) && { resvMem: drawnRegions(lots) }) }],
);

/** An endpoint comes and goes, more often than there may be numbers for. */
const lifetimes: Phrase = given(endpoint, (slot, activity, lots) => {
  const domain = activity.domain(lots);
  const rounds = lots.of<SingleStep[]>([
    [
      { do: 'take-out', endpoint: slot },
      { do: 'put-in', endpoint: slot },
    ],
    [
      { do: 'attach', endpoint: slot, domain },
      { do: 'detach', endpoint: slot, domain },
    ],
    [{ do: 'stop' }, { do: 'start' }],
    [{ do: 'io', endpoint: slot, length: 64 }],
  ]);
  return [again(times(lots), rounds)];
});

const PHRASES: Weighted<Phrase> = [
  [1, () => [{ do: 'start' }]],
  [1, () => [{ do: 'stop' }]],
  [1, (_, lots) => (lots.once(3) ? [{ do: 'shutdown' }] : undefined)],
  [1, (activity, lots) => [{ do: 'end-domain', domain: activity.domain(lots) }]],
  [6, given(engine, (slot, activity, lots) => [{ do: 'attach', endpoint: slot, domain: activity.domain(lots) }])],
  [2, given(endpoint, (slot, activity, lots) => [{ do: 'attach', endpoint: slot, domain: activity.domain(lots) }])],
  [1, given(endpoint, (slot) => [{ do: 'attach', endpoint: slot, domain: PASSING, bypass: true }])],
  [
    2,
    given(
      (activity, lots) => activity.attachedOne(lots),
      (one) => [{ do: 'detach', ...one }],
    ),
  ],
  [10, (activity, lots) => [drawnMap(activity, lots)]],
  [8, drawnUnmap],
  [5, given(endpoint, (slot, activity, lots) => [drawnAlloc(slot, activity, lots)])],
  [
    4,
    given(
      (activity, lots) => activity.allocated(lots),
      ({ endpoint: slot, buffer }) => [{ do: 'free', endpoint: slot, buffer }],
    ),
  ],
  [5, given(driven, (slot, _, lots) => [{ do: 'io', endpoint: slot, length: lots.of([64, 1, 16, 4096, 20_000]) }])],
  [1, given(driven, (slot) => [{ do: 'io', endpoint: slot, length: 64, background: true }])],
  [12, given(engine, (slot, activity, lots) => [drawnAccess(slot, activity, lots)])],
  [
    4,
    given(
      (activity, lots) => activity.allocated(lots),
      ({ endpoint: slot, buffer, length }, _, lots) => [
        {
          do: 'dma',
          endpoint: slot,
          access: lots.of(['read', 'write']),
          length: 4,
          buffer,
          at: BigInt(lots.of([0, Math.max(0, length - 4), Math.floor(length / 2)])),
        },
      ],
    ),
  ],
  [3, retried],
  [2, manyMappings],
  [1, manyBuffers],
  [2, strayed],
  [2, lifetimes],
  [2, takenOut],
  [1, given(endpoint, (slot) => [{ do: 'unplug', endpoint: slot }])],
  [1, given(endpoint, (slot) => [{ do: 'plug', endpoint: slot }])],
  [2, putIn],
  [1, given(endpoint, (slot) => [{ do: 'release', endpoint: slot }])],
  [1, (_, lots) => [{ do: 'bypass', value: lots.of([0, 1]) }]],
  [2, given(endpoint, (slot) => [{ do: 'regions', endpoint: slot }])],
  [1, () => [{ do: 'faults' }]],
  [1, given(driven, (slot, _, lots) => [{ do: 'resize', endpoint: slot, size: lots.of([2, 4, 8, 16, 64]) }])],
  [1, (_, lots) => [{ do: 'reset-queue', queue: lots.of(['requestq', 'eventq']) }]],
  [1, (activity) => [{ do: activity.isSuspended ? 'resume' : 'suspend' }]],
  [1, (_, lots) => (lots.once(4) ? [{ do: lots.of(['need-reset', 'pull-iommu']) }] : undefined)],
];

/** What comes next: a step, or a few that belong together. */
export function nextSteps(activity: Activity, lots: Lots): Step[] {
  if (!activity.hasStarted && !lots.once(15)) return [{ do: 'start' }];
  for (;;) {
    const drawn = lots.weighted(PHRASES)(activity, lots);
    if (drawn !== undefined) return drawn;
  }
}
