import { expect, it } from 'vitest';
import type { RequirementId } from '../../cases/requirements/index.ts';
import { describedId } from '../../reference-device/topology/topologies.ts';
import type { TraceBody, TraceEvent } from '../../reference-device/trace-events.ts';
import { VIRTIO_IOMMU_S_NOMEM, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_RANGE } from '../../reference-device/wire/iommu.ts';
import type { Finding } from '../../reports/record/model.ts';
import { Causes } from './root-cause.ts';

const ACCEPT_RANGES: RequirementId = 'iommu/driver/features/accept-range-and-probe';

const finding = (requirement: RequirementId, at: number): Finding => ({
  requirement,
  keyword: 'SHOULD',
  verdict: 'warn',
  says: '',
  at,
  by: 'a case',
});

/** ATTACH of rng is answered as `answered` says, and a transfer by rng is refused afterwards. */
function followed(answered: {
  readonly status: number;
  readonly honestStatus?: number;
  readonly fault?: string;
}): boolean {
  const common = { device: 'iommu', id: 0, headIndex: 0, name: 'ATTACH', bytes: '' } as const;
  const fields = { endpoint: describedId('rng', 'plain')!, domain: 0x1_0000 };
  const bodies: TraceBody[] = [
    { kind: 'note', says: 'FEATURES_OK' },
    { kind: 'request', ...common, type: 1, fields, writableLength: 4, complete: true },
    { kind: 'completion', ...common, usedLength: 4, ...answered },
    { kind: 'verb', verb: 'io', args: { endpoint: 'rng' } },
    { kind: 'answer', verb: 'io', outcome: 'not-ok', values: {} },
  ];
  const events = bodies.map((body, seq): TraceEvent => ({ ...body, seq }));
  const findings = [finding(ACCEPT_RANGES, 0), finding('platform/robustness/survives', 4)];
  return new Causes(events, 'plain').explain(findings)[1]?.follows !== undefined;
}

it('what fails for a range that the driver has declined follows from that', () => {
  expect(followed({ status: VIRTIO_IOMMU_S_RANGE })).toBe(true);
});

it('a deviation that left the answer alone changes nothing about that', () => {
  expect(followed({ status: VIRTIO_IOMMU_S_RANGE, fault: 'spurious-interrupt' })).toBe(true);
});

it('an answer that a deviation has put in place of the device’s own explains nothing', () => {
  const imposed = { honestStatus: VIRTIO_IOMMU_S_OK, fault: 'status-of-request' };
  expect(followed({ status: VIRTIO_IOMMU_S_RANGE, ...imposed })).toBe(false);
  expect(followed({ status: VIRTIO_IOMMU_S_NOMEM })).toBe(false);
});
