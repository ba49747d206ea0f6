/** An observation as named facts, so that two of them can be laid side by side. */
import { toHex } from '../../reference-device/wire/hex.ts';
import {
  VIRTIO_IOMMU_FAULT_F_ADDRESS,
  VIRTIO_IOMMU_FAULT_F_READ,
  VIRTIO_IOMMU_FAULT_F_WRITE,
} from '../../reference-device/wire/iommu.ts';
import { UNTOUCHED_BYTE } from './iommu-driver.ts';
import type { FaultSeen, Observation } from './observations.ts';
import { FIGURES, type Step } from './steps.ts';

/** What one fact says; a fact that only one side has is `-` on the other. */
export type Facets = ReadonlyMap<string, string>;

/** Status codes by number (5.13.6). */
const STATUSES = ['OK', 'IOERR', 'UNSUPP', 'DEVERR', 'INVAL', 'RANGE', 'NOENT', 'FAULT', 'NOMEM'];
const REASONS = ['UNKNOWN', 'DOMAIN', 'MAPPING'];
const TAIL_BYTES = 4;

const deviceFacet = (needsReset: boolean): [string, string] => ['device', needsReset ? 'needs reset' : 'works'];

/** All that `observation` of `step` says. */
export function facetsOf(step: Step | undefined, observation: Observation): Facets {
  switch (observation.of) {
    case 'request':
      return new Map([...answerFacets(step, observation), deviceFacet(observation.needsReset)]);
    case 'dma':
      return new Map([
        ['memory', observation.changes.join(', ') || 'unchanged'],
        ['fault records', String(observation.faults.length)],
        ...observation.faults.flatMap(faultFacets),
        deviceFacet(observation.needsReset),
      ]);
    case 'config':
      return new Map([['value', `0x${observation.value.toString(16)}`], deviceFacet(observation.needsReset)]);
    case 'restart':
      return new Map([['FEATURES_OK', observation.accepted ? 'kept' : 'cleared']]);
    case 'look':
      return new Map(Object.entries(observation.facts));
    case 'reads':
      return new Map(observation.bytes.map((bytes, index) => [`read ${index}`, bytes]));
    // 'death', the only one that is left
    default:
      return new Map([['device', 'died']]);
  }
}

type RequestSeen = Extract<Observation, { of: 'request' }>;

function answerFacets(step: Step | undefined, { usedLength, written }: RequestSeen): [string, string][] {
  const tailAt = tailOffset(step, usedLength, written.length);
  const tail = written.subarray(tailAt, tailAt + TAIL_BYTES);
  const others = new Uint8Array([...written.subarray(0, tailAt), ...written.subarray(tailAt + TAIL_BYTES)]);
  const status = statusName(tail);
  return [
    ['used length', usedLength === undefined ? 'not returned' : String(usedLength)],
    ['status', status],
    ['bytes outside the tail', others.every((byte) => byte === UNTOUCHED_BYTE) ? 'untouched' : shortHex(others)],
    ...(status === 'unwritten' ? [] : [['rest of the tail', toHex(tail.subarray(1))] satisfies [string, string]]),
  ];
}

/** The tail is the last that a device writes; where it says that it wrote none, the place where it should be. */
function tailOffset(step: Step | undefined, usedLength: number | undefined, writableLength: number): number {
  const isProbe = step?.do === 'request' && step.request.type === 'PROBE';
  const written = usedLength === undefined || usedLength < TAIL_BYTES ? undefined : usedLength - TAIL_BYTES;
  return Math.max(0, Math.min(written ?? (isProbe ? FIGURES.probe_size : 0), writableLength - TAIL_BYTES));
}

const statusName = (tail: Uint8Array): string => {
  const [status] = tail;
  if (status === undefined || status === UNTOUCHED_BYTE) return 'unwritten';
  return STATUSES[status] ?? `0x${status.toString(16)}`;
};

/** Hex with runs of one byte shortened: 512 zeros are no reading matter. */
const shortHex = (bytes: Uint8Array): string =>
  toHex(bytes).replaceAll(/(..)\1{7,}/g, (run, byte) => `${byte}*${run.length / 2} `);

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [VIRTIO_IOMMU_FAULT_F_READ, 'READ'],
  [VIRTIO_IOMMU_FAULT_F_WRITE, 'WRITE'],
  [VIRTIO_IOMMU_FAULT_F_ADDRESS, 'ADDRESS'],
];

function faultFacets(fault: FaultSeen, index: number): [string, string][] {
  const named = FLAG_NAMES.filter(([flag]) => (fault.flags & flag) !== 0).map(([, name]) => name);
  const known = FLAG_NAMES.reduce((all, [flag]) => all | flag, 0);
  const unknown = (fault.flags & ~known) >>> 0;
  const facet = (name: string, value: string): [string, string] => [`fault ${index} ${name}`, value];
  // A buffer that came back empty says nothing else.
  if (fault.usedLength === 0) return [facet('used length', '0')];
  return [
    facet('used length', String(fault.usedLength)),
    facet('reason', REASONS[fault.reason] ?? String(fault.reason)),
    facet('flags', [...named, ...(unknown === 0 ? [] : [`0x${unknown.toString(16)}`])].join('|') || 'none'),
    facet('endpoint', fault.endpoint),
    facet('address', `0x${fault.address.toString(16)}`),
    facet('reserved', fault.reserved),
  ];
}

/** A fact on which the two sides do not agree. */
export interface Disagreement {
  readonly facet: string;
  readonly qemu: string;
  readonly ours: string;
}

/** Facts that are details of something: where one side has no such thing, another fact says so already. */
const DETAIL = /^fault \d+ |^rest of the tail$/;

/** Every fact that is not the same on both sides. */
export function disagreements(step: Step | undefined, qemu: Observation, ours: Observation): Disagreement[] {
  const left = facetsOf(step, qemu);
  const right = facetsOf(step, ours);
  const isOneSided = (facet: string): boolean => left.has(facet) !== right.has(facet);
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((facet) => left.get(facet) !== right.get(facet) && !(DETAIL.test(facet) && isOneSided(facet)))
    .map((facet) => ({ facet, qemu: left.get(facet) ?? '-', ours: right.get(facet) ?? '-' }));
}
