/** The steps of a story: verbs of the driver's contract and acts of the machine, as plain data. */
import { z } from 'zod';
import { SLOT_NAMES } from '../../reference-device/machine-setup.ts';
import { Hex64 } from './hex-codec.ts';

export const Slot = z.enum(SLOT_NAMES);
/** Domains and buffers are words that the harness makes up. */
const Name = z.string().regex(/^[a-z][a-z0-9.]{0,30}$/, 'expected a word of lower-case letters, digits and points');
const Length = z.int().min(1).max(0x200_0000);
const MapAccess = z.enum(['read', 'write', 'read-write']);
export const Region = z.strictObject({
  subtype: z.int().min(0).max(0xff),
  start: Hex64,
  end: Hex64,
  surplus: z.int().min(0).max(0x1000).exactOptional(),
});

const SINGLE_STEPS = [
  z.strictObject({ do: z.literal(['start', 'stop', 'faults', 'suspend', 'resume', 'shutdown']) }),
  z.strictObject({ do: z.literal('attach'), endpoint: Slot, domain: Name, bypass: z.literal(true).exactOptional() }),
  z.strictObject({ do: z.literal('detach'), endpoint: Slot, domain: Name }),
  z.strictObject({ do: z.literal('end-domain'), domain: Name }),
  z.strictObject({
    do: z.literal('map'),
    domain: Name,
    iova: Hex64,
    length: Length,
    access: MapAccess,
    buffer: Name,
  }),
  z.strictObject({ do: z.literal('unmap'), domain: Name, iova: Hex64, length: Length }),
  z.strictObject({ do: z.literal('alloc'), endpoint: Slot, buffer: Name, length: Length, access: MapAccess }),
  z.strictObject({ do: z.literal('free'), endpoint: Slot, buffer: Name }),
  z.strictObject({ do: z.literal('io'), endpoint: Slot, length: Length, background: z.literal(true).exactOptional() }),
  z.strictObject({ do: z.literal('bypass'), value: z.literal([0, 1]) }),
  z.strictObject({ do: z.literal(['regions', 'release', 'plug', 'unplug']), endpoint: Slot }),
  z.strictObject({ do: z.literal('resize'), endpoint: Slot, size: z.int().min(1).max(0x8000) }),
  z.strictObject({ do: z.literal('reset-queue'), queue: z.enum(['requestq', 'eventq']) }),
  /** An access of the endpoint, in the buffer of that name as it was last mapped or allocated, or at an address. */
  z.strictObject({
    do: z.literal('dma'),
    endpoint: Slot,
    access: z.enum(['read', 'write']),
    length: z.int().min(1).max(0x1000),
    buffer: Name.exactOptional(),
    /** From the buffer's beginning, or from 0. */
    at: Hex64,
  }),
  /** One access at every address that the endpoint was told of and has given back. */
  z.strictObject({ do: z.literal('retry'), endpoint: Slot }),
  /** A device appears in an empty slot, and the driver is told. */
  z.strictObject({ do: z.literal('put-in'), endpoint: Slot, resvMem: z.array(Region).max(64).exactOptional() }),
  /** A device is taken out in order, or by surprise; the driver is told of either. */
  z.strictObject({ do: z.literal('take-out'), endpoint: Slot, bySurprise: z.literal(true).exactOptional() }),
  /** The IOMMU is pulled out, and the driver is told. */
  z.strictObject({ do: z.literal(['pull-iommu', 'need-reset']) }),
] as const;

/** One step that the driver or the machine takes. */
export const SingleStep = z.discriminatedUnion('do', SINGLE_STEPS);
export type SingleStep = z.infer<typeof SingleStep>;

/** The same steps several times. */
export const RepeatStep = z.strictObject({
  do: z.literal('repeat'),
  times: z.int().min(2).max(1024),
  /** Addresses and names of buffers go on by so much each time; the same ones if left out. */
  advance: Hex64.exactOptional(),
  steps: z.array(SingleStep).min(1).max(64),
});
export type RepeatStep = z.infer<typeof RepeatStep>;

export const Step = z.discriminatedUnion('do', [...SINGLE_STEPS, RepeatStep]);
export type Step = z.infer<typeof Step>;

/** How many steps a reader sees: those inside a repetition once. */
export const stepCount = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + (step.do === 'repeat' ? step.steps.length : 1), 0);

/** The steps one by one, as they are taken. */
export function* unrolled(steps: readonly Step[]): Generator<SingleStep> {
  for (const step of steps) {
    if (step.do !== 'repeat') yield step;
    else for (let round = 0; round < step.times; round++) yield* step.steps.map((one) => inRound(one, step, round));
  }
}

function inRound(step: SingleStep, { advance }: RepeatStep, round: number): SingleStep {
  if (advance === undefined || round === 0) return step;
  const further = (address: bigint): bigint => BigInt.asUintN(64, address + advance * BigInt(round));
  const renamed = (name: string): string => `${name}.${round}`;
  switch (step.do) {
    case 'map':
      return { ...step, iova: further(step.iova), buffer: renamed(step.buffer) };
    case 'unmap':
      return { ...step, iova: further(step.iova) };
    case 'alloc':
    case 'free':
      return { ...step, buffer: renamed(step.buffer) };
    case 'dma':
      return step.buffer === undefined ? { ...step, at: further(step.at) } : { ...step, buffer: renamed(step.buffer) };
    default:
      return step;
  }
}
