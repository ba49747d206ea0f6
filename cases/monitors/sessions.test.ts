import { expect, test } from 'vitest';
import type { TraceEvent } from '../api/index.ts';
import { inSession, negotiated, sessionsOf } from './sessions.ts';

let seq = 0;

const reset = (cause: 'status-0' | 'staging', device = 'iommu'): TraceEvent => ({
  kind: 'reset',
  device,
  cause,
  seq: seq++,
});

const features = (accepted: bigint, kept: boolean, device = 'iommu'): TraceEvent => ({
  kind: 'features',
  device,
  offered: ~0n,
  accepted,
  kept,
  seq: seq++,
});

const write = (structure: 'common' | 'mmio', offset: number, value: bigint): TraceEvent => ({
  kind: 'register-write',
  device: 'iommu',
  structure,
  field: '',
  offset,
  width: 1,
  value,
  seq: seq++,
});

test('a session lasts from one reset to the next', () => {
  const events = [reset('staging'), write('common', 20, 0n), reset('status-0'), write('common', 20, 1n)];
  const sessions = sessionsOf({ events });
  expect(sessions.map(({ begunBy, ended }) => ({ begunBy, ended }))).toEqual([
    { begunBy: 'staging', ended: true },
    { begunBy: 'status-0', ended: false },
  ]);
});

test('events of other devices are left out', () => {
  const events = [reset('staging'), reset('status-0', 'rng'), features(1n, true, 'rng'), write('common', 20, 1n)];
  expect(sessionsOf({ events })).toHaveLength(1);
  expect(sessionsOf({ events })[0]?.accepted).toBeUndefined();
});

test('each IOMMU has sessions of its own', () => {
  const events = [features(1n, true), features(2n, true, 'iommu2'), reset('status-0', 'iommu2')];
  expect(sessionsOf({ events }).map(({ iommu, accepted, ended }) => [iommu, accepted, ended])).toEqual([
    ['iommu', 1n, false],
    ['iommu2', 2n, true],
  ]);
});

test('features that the device refused are not negotiated', () => {
  const [refused] = sessionsOf({ events: [features(1n, false)] });
  expect(refused?.accepted).toBeUndefined();
  const [taken] = sessionsOf({ events: [features(1n, false), features(2n, true)] });
  expect(taken && negotiated(taken, 'VIRTIO_IOMMU_F_DOMAIN_RANGE')).toBe(true);
  expect(taken && negotiated(taken, 'VIRTIO_IOMMU_F_INPUT_RANGE')).toBe(false);
});

test('registers of virtio-mmio tell the transport', () => {
  expect(sessionsOf({ events: [write('mmio', 0x70, 1n)] })[0]?.onMmio).toBe(true);
  expect(sessionsOf({ events: [write('common', 20, 1n)] })[0]?.onMmio).toBe(false);
});

test('inSession gives the events of one kind only', () => {
  const [session] = sessionsOf({ events: [write('common', 20, 1n), features(1n, true)] });
  expect(session && inSession(session, 'register-write')).toHaveLength(1);
});
