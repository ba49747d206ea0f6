import { expect, it } from 'vitest';
import type { RequirementId } from '../../cases/requirements/index.ts';
import type { DeviceFault } from '../../reference-device/device-faults.ts';
import { describedId } from '../../reference-device/topology/topologies.ts';
import type { EventOf, TraceBody, TraceEvent } from '../../reference-device/trace-events.ts';
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

const FIELDS = { endpoint: describedId('rng', 'plain')!, domain: 0x1_0000 };

type Answered = Partial<Pick<EventOf<'completion'>, 'status' | 'honestStatus' | 'fault'>>;

/** ATTACH of rng is answered as `answered` says, or never; then a command is refused. */
function trace(answered: Answered | undefined, verb: string, args: Record<string, string>): TraceEvent[] {
  const common = { device: 'iommu', id: 0, headIndex: 0, name: 'ATTACH', bytes: '' } as const;
  const bodies: TraceBody[] = [
    { kind: 'cut', says: 'FEATURES_OK' },
    { kind: 'request', ...common, type: 1, fields: FIELDS, writableLength: 4, complete: true },
    ...(answered ? [{ kind: 'completion', ...common, usedLength: 4, ...answered } as const] : []),
    { kind: 'verb', verb, args },
    { kind: 'answer', verb, outcome: 'not-ok', values: {} },
  ];
  return bodies.map((body, seq): TraceEvent => ({ ...body, seq }));
}

/** Whether a transfer by rng that is refused after that follows from the range that was declined. */
function followed(answered: Answered): boolean {
  const events = trace(answered, 'io', { endpoint: 'rng' });
  const findings = [finding(ACCEPT_RANGES, 0), finding('platform/robustness/survives', 4)];
  return new Causes(events, { topology: 'plain', faults: [] }).explain(findings)[1]?.follows !== undefined;
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

/** Whether the refusal of `verb` after that is held against the driver. */
function isHeldAgainst(
  answered: Answered | undefined,
  verb: string,
  endpoint: string,
  faults: DeviceFault[] = [],
): boolean {
  const events = trace(answered, verb, { endpoint });
  const refused = finding('platform/contract/claimed-verbs-work', events.length - 1);
  return new Causes(events, { topology: 'plain', faults }).attributable([refused]).length > 0;
}

it.each<[answer: string, Answered | undefined]>([
  [
    'was put in place of its own',
    { status: VIRTIO_IOMMU_S_NOMEM, honestStatus: VIRTIO_IOMMU_S_OK, fault: 'status-of-request' },
  ],
  ['was told too short', { status: VIRTIO_IOMMU_S_OK, fault: 'short-used-length' }],
  ['never came', undefined],
])('a refusal for an endpoint whose ATTACH had an answer that %s is held against nobody', (_, answered) => {
  expect(isHeldAgainst(answered, 'io', 'rng')).toBe(false);
  expect(isHeldAgainst(answered, 'io', 'rng2')).toBe(true);
});

it('what was struck before the driver was started anew is no reason any more', () => {
  const [note, request, asked, refusal] = trace(undefined, 'io', { endpoint: 'rng' });
  const again: TraceBody = { kind: 'verb', verb: 'start', args: {} };
  const events = [note!, request!, again, asked!, refusal!].map((event, seq): TraceEvent => ({ ...event, seq }));
  const refused = finding('platform/contract/claimed-verbs-work', 4);
  expect(new Causes(events, { topology: 'plain', faults: [] }).attributable([refused])).toHaveLength(1);
});

it('a refusal for which there is no reason in the trace is held against the driver', () => {
  expect(isHeldAgainst({ status: VIRTIO_IOMMU_S_OK }, 'io', 'rng')).toBe(true);
  expect(isHeldAgainst({ status: VIRTIO_IOMMU_S_OK, fault: 'spurious-interrupt' }, 'io', 'rng')).toBe(true);
});

it('nobody has to start a device that is no IOMMU', () => {
  const answered = { status: VIRTIO_IOMMU_S_OK };
  expect(isHeldAgainst(answered, 'start', '', [{ name: 'pci-other-type' }])).toBe(false);
  expect(isHeldAgainst(answered, 'start', '', [{ name: 'pci-revision-0' }])).toBe(true);
});
