import { expect, it } from 'vitest';
import type { DeviceFaultName } from '../../reference-device/device-faults.ts';
import { endpointId } from '../../reference-device/machine-setup.ts';
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import { World } from './world.ts';

const DMA = endpointId('dma');

type Body<E> = E extends TraceEvent ? Omit<E, 'seq'> : never;

/** A world with these events, and no deviation but what they say. */
function worldOf(bodies: readonly Body<TraceEvent>[], passthrough = false): { world: World; events: TraceEvent[] } {
  const events = bodies.map((body, seq) => ({ ...body, seq })) as TraceEvent[];
  return { world: new World(events, { topology: 'plain', faults: [], passthrough }), events };
}

const access: Body<EventOf<'dma'>> = {
  kind: 'dma',
  endpoint: 'dma',
  endpointId: DMA,
  address: 0x1000n,
  length: 1,
  access: 'read',
  cause: 'harness',
  outcome: 'fault',
  segments: [],
  busMaster: true,
  bypassed: false,
};

const report = (special: Partial<EventOf<'fault-report'>> = {}): Body<EventOf<'fault-report'>> => ({
  kind: 'fault-report',
  device: 'iommu',
  reason: 2,
  flags: 0x101,
  endpoint: DMA,
  address: 0x1000n,
  bytes: '00'.repeat(24),
  delivered: true,
  bufferLength: 24,
  ...special,
});

it.each<[string, readonly Body<TraceEvent>[], DeviceFaultName | undefined, boolean]>([
  ['a record that came', [report()], undefined, true],
  ['nothing', [], undefined, false],
  ['no buffer for it', [report({ delivered: false, bufferLength: undefined as never })], undefined, false],
  ['a buffer that is too short, and half a record', [report({ bufferLength: 16 })], undefined, false],
  ['a record that a deviation has altered', [report({ fault: 'fault-unknown-reason' })], undefined, false],
  ['the one that the case has asked for', [report({ fault: 'fault-unknown-reason' })], 'fault-unknown-reason', true],
  [
    'that one and another',
    [report({ fault: 'fault-unknown-reason, fault-without-address' })],
    'fault-unknown-reason',
    false,
  ],
  ['the record of another access', [access, report()], undefined, false],
])('of a fault the driver was told by %s', (_, told, altered, isTold) => {
  const { world, events } = worldOf([access, ...told]);
  expect(world.reported(events[0] as EventOf<'dma'>, altered) !== undefined).toBe(isTold);
});

const attach: Body<EventOf<'request'>> = {
  kind: 'request',
  device: 'iommu',
  id: 1,
  headIndex: 0,
  type: 1,
  name: 'ATTACH',
  fields: { domain: 7, endpoint: DMA },
  bytes: '',
  writableLength: 4,
  complete: true,
};

const answered = (special: Partial<EventOf<'completion'>>): Body<EventOf<'completion'>> => ({
  kind: 'completion',
  device: 'iommu',
  id: 1,
  headIndex: 0,
  usedLength: 4,
  bytes: '',
  ...special,
});

it.each([
  ['once ATTACH was answered with OK', [attach, answered({ status: 0 })], false, true],
  ['not before', [], false, false],
  ['not after a refusal', [attach, answered({ status: 4 })], false, false],
  ['or who knows', [attach, answered({ status: 4, honestStatus: 0, fault: 'status-of-request' })], false, undefined],
  ['and need not be if it passes by', [], true, undefined],
] as const)('an endpoint is attached %s', (_, before, passthrough, attached) => {
  const { world, events } = worldOf([...before, access], passthrough);
  expect(world.attached('dma', events.at(-1)!)).toBe(attached);
});
