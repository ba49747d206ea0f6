/** Words for the matchers of the reviewed list. */
import type { Difference, Done } from './comparison.ts';
import { FIGURES, type Request, type RequestStep } from './steps.ts';

/** The step, if it is a request of one of these types. */
export function requestOf(difference: Difference, ...types: readonly Request['type'][]): RequestStep | undefined {
  const { step } = difference;
  return step?.do === 'request' && types.includes(step.request.type) ? step : undefined;
}

/** Whether the status is what the devices disagree on, in this way. */
export const statuses = ({ facet, qemu, ours }: Difference, qemuSays: string, oursSays: string): boolean =>
  facet === 'status' && qemu === qemuSays && ours === oursSays;

/** Whether it is about one of these facts. */
export const isAbout = ({ facet }: Difference, ...facets: readonly string[]): boolean => facets.includes(facet);

export const isIn = ({ scenario }: Difference, ...scenarios: readonly string[]): boolean =>
  scenarios.includes(scenario);

type Mapped = Extract<Request, { readonly virt_start: bigint }>;

/** The request, if it names a range. */
export function rangeOf(difference: Difference, ...types: readonly ('MAP' | 'UNMAP')[]): Mapped | undefined {
  const request = requestOf(difference, ...types)?.request;
  return request !== undefined && 'virt_start' in request ? request : undefined;
}

/** The MAP request, if the step is one. */
export function mapOf(difference: Difference): Extract<Request, { readonly phys_start: bigint }> | undefined {
  const request = requestOf(difference, 'MAP')?.request;
  return request !== undefined && 'phys_start' in request ? request : undefined;
}

/** Bytes of the readable parts that the specification's listings have (5.13.6). */
const READABLE_BYTES: Readonly<Record<string, number>> = { ATTACH: 20, DETACH: 20, MAP: 36, UNMAP: 28, PROBE: 72 };

/** Whether the head is there and something behind it is not. */
export const isCutShort = ({ request, readableLength }: RequestStep): boolean =>
  readableLength !== undefined && readableLength >= 4 && readableLength < (READABLE_BYTES[request.type] ?? 0);

/** Whether not even the head or the tail has room. */
export const lacksHeadOrTail = ({ readableLength = 4, writableLength = 4 }: RequestStep): boolean =>
  readableLength < 4 || writableLength < 4;

export const isMisaligned = (addresses: bigint): boolean =>
  (addresses & ((FIGURES.page_size_mask & -FIGURES.page_size_mask) - 1n)) !== 0n;

const OK = 0;

/** Whether QEMU gave a request of this type this status. */
export const answered = ({ step, seen }: Done, type: Request['type'], status: number): boolean =>
  step.do === 'request' && step.request.type === type && seen.qemu.of === 'request' && seen.qemu.written[0] === status;

/** Whether the endpoint was last put into this domain. */
export function isAttachedTo(before: readonly Done[], endpoint: string, domain: number): boolean {
  const last = before.findLast((done) => {
    const request = done.step.do === 'request' ? done.step.request : undefined;
    const isOwn = (request?.type === 'ATTACH' || request?.type === 'DETACH') && request.endpoint === endpoint;
    return isOwn && answered(done, request.type, OK);
  });
  const request = last?.step.do === 'request' ? last.step.request : undefined;
  return request?.type === 'ATTACH' && request.domain === domain;
}

/** Whether it is about a request that came back from ours without a byte written. */
export const isUnwrittenByUs = ({ facet, ours }: Difference): boolean =>
  (facet === 'status' && ours === 'unwritten') ||
  (facet === 'used length' && ours === '0') ||
  (facet === 'bytes outside the tail' && ours === 'untouched');

/** Whether it is about a property list of which ours has written nothing but zeros, and nothing behind it. */
export const isEmptyListOfOurs = ({ facet, ours }: Difference): boolean =>
  facet === 'bytes outside the tail' && /^(?:00(?:\*\d+ )?)+(?:ee(?:\*\d+ )?)*$/.test(ours);
