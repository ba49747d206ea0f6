import { expect, it } from 'vitest';
import type { EventOf, RequestFields, RequestName, TraceEvent } from '../../reference-device/trace-events.ts';
import { keptMappings } from './kept-mappings.ts';

type Answer = Pick<EventOf<'completion'>, 'status' | 'honestStatus' | 'fault'>;

/** Requests to `iommu`, each with its answer. */
function traceOf(...steps: readonly (readonly [RequestName, RequestFields, Answer])[]): TraceEvent[] {
  return steps.flatMap(([name, fields, answer], id): TraceEvent[] => {
    const common = { device: 'iommu', id, name, headIndex: 0, bytes: '' };
    return [
      { ...common, kind: 'request', seq: 2 * id, type: 1, fields, writableLength: 4, complete: true },
      { ...common, kind: 'completion', seq: 2 * id + 1, usedLength: 4, ...answer },
    ];
  });
}

const OK: Answer = { status: 0 };
const REFUSED: Answer = { status: 8, honestStatus: 0, fault: 'status-of-request' };
const ATTACH = ['ATTACH', { domain: 1, endpoint: 7 }, OK] as const;
const FIRST = { domain: 1, virt_start: 0x1000n, virt_end: 0x1fffn, phys_start: 0n, flags: 3 };
const SECOND = { ...FIRST, virt_start: 0x2000n, virt_end: 0x2fffn };
const AT_END = { seq: 100 };

it('keeps what was carried out, and nothing of what was refused, on whose order ever', () => {
  const trace = traceOf(ATTACH, ['MAP', FIRST, OK], ['MAP', SECOND, REFUSED]);
  expect(keptMappings(trace, 'iommu', 7, AT_END)).toMatchObject([{ virt_start: 0x1000n, madeBy: 2 }]);
  expect(keptMappings(trace, 'iommu', 7, { seq: 2 })).toEqual([]);
});

it('cannot tell where an answer was garbled, or others are in the domain', () => {
  const garbled = traceOf(ATTACH, ['MAP', FIRST, { status: 0, fault: 'zero-used-length' }]);
  expect(keptMappings(garbled, 'iommu', 7, AT_END)).toBeUndefined();
  const shared = traceOf(ATTACH, ['ATTACH', { domain: 1, endpoint: 8 }, OK], ['MAP', FIRST, OK]);
  expect(keptMappings(shared, 'iommu', 7, AT_END)).toBeUndefined();
});
