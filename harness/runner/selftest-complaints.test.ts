import { describe, expect, it } from 'vitest';
import type { SelftestResult } from './selftest.ts';
import { selftestComplaints } from './selftest-complaints.ts';

const IMPLIED = 'iommu/prose/queues';
const CAUGHT = { fault: 'queues-swapped', judge: 'monitor event-queue', requirement: IMPLIED, caughtIn: 'bypass/byte' };
const SOUND: SelftestResult = { rows: [CAUGHT], falseAlarms: [], variantCount: 1 };
const SCOPE = { judged: [IMPLIED], faults: ['queues-swapped'] };

describe('the complaints of the self-test', () => {
  it('are none if every fault is caught, every check proven, and no legal driver blamed', () => {
    expect(selftestComplaints(SOUND, SCOPE)).toEqual([]);
  });

  it('name a catch that did not come about, and the check that is then unproven', () => {
    expect(selftestComplaints({ ...SOUND, rows: [{ ...CAUGHT, caughtIn: undefined }] }, SCOPE)).toEqual([
      'monitor event-queue does not catch queues-swapped for iommu/prose/queues.',
      'iommu/prose/queues needs 1 fault that is caught for it, and none is.',
    ]);
  });

  it('name a requirement that one fault alone is caught for', () => {
    const judged = ['iommu/driver/map/virt-end-gt-start'];
    const rows = [{ ...CAUGHT, requirement: 'iommu/driver/map/virt-end-gt-start' }];
    expect(selftestComplaints({ ...SOUND, rows }, { ...SCOPE, judged })).toEqual([
      'iommu/driver/map/virt-end-gt-start needs 2 faults that are caught for it, and only queues-swapped is.',
    ]);
  });

  it('name a fault that nobody has to catch', () => {
    expect(selftestComplaints(SOUND, { ...SCOPE, faults: ['queues-swapped', 'new-fault'] })).toEqual([
      'No case or monitor has to catch new-fault.',
    ]);
  });

  it('name what a legal driver is blamed for', () => {
    const falseAlarms = [
      { id: 'map/a', verdict: 'fail', says: 'It maps.' },
      { character: 'busy', id: 'map/b', verdict: 'warn', says: 'It maps twice.' },
    ];
    expect(selftestComplaints({ ...SOUND, falseAlarms }, SCOPE)).toEqual([
      'The faultless driver does not pass map/a: fail: It maps.',
      'The busy driver does not pass map/b: warn: It maps twice.',
    ]);
  });
});
