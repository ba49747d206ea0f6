import { assert, constantFrom, dictionary, jsonValue, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedTraceEvent } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { describeEvent, who } from './describe-event.ts';

function what(kind: string, fields: Readonly<Record<string, unknown>>): string {
  return describeEvent({ kind, seq: 0, device: 'iommu', ...fields }).what;
}

const whoOf = (kind: string): string => who(describeEvent({ kind, seq: 0, device: 'iommu', endpoint: 'dma' }));

describe('an event in words', () => {
  it.each([
    [
      'request',
      { name: 'MAP', fields: { domain: 1, virt_start: '0x1000', virt_end: '0x1fff', phys_start: '0x7f000', flags: 3 } },
      'MAP domain 1, 0x1000..0x1fff → 0x7f000, READ|WRITE',
    ],
    [
      'request',
      { name: 'UNMAP', fields: { domain: 1, virt_start: '0x0', virt_end: '0xffffffffffffffff' } },
      'UNMAP domain 1, 0x0..0xffffffffffffffff',
    ],
    [
      'request',
      { name: 'ATTACH', fields: { domain: 2, endpoint: 288, flags: 1 } },
      'ATTACH endpoint 0x120 to domain 2, BYPASS',
    ],
    [
      'request',
      { name: 'ATTACH', fields: { domain: 2, endpoint: 288, flags: 0 } },
      'ATTACH endpoint 0x120 to domain 2',
    ],
    ['request', { name: 'DETACH', fields: { domain: 2, endpoint: 288 } }, 'DETACH endpoint 0x120 from domain 2'],
    [
      'request',
      { name: 'PROBE', fields: { endpoint: 288 }, complete: false },
      'PROBE endpoint 0x120 (too short for its type)',
    ],
    ['request', { type: 66, fields: {} }, 'request of type 0x42, which nobody defines'],
    ['completion', { name: 'MAP', status: 0, usedLength: 4 }, 'MAP answered OK, used length 4'],
    ['completion', { status: 6, usedLength: 4 }, 'answered NOENT (6), used length 4'],
    ['completion', { usedLength: 0 }, 'returned unwritten, used length 0'],
    [
      'completion',
      { status: 66, honestStatus: 0, fault: 'unknown-status', usedLength: 4 },
      'answered undefined status 66 instead of OK (device fault unknown-status), used length 4',
    ],
    [
      'register-write',
      { structure: 'common', field: 'device_status', value: '0xf' },
      'wrote common.device_status = 0xf (ACKNOWLEDGE|DRIVER|DRIVER_OK|FEATURES_OK)',
    ],
    [
      'register-read',
      { structure: 'device', field: '', offset: 5, value: '0x0' },
      'read device.no register at 0x5: 0x0',
    ],
    ['notification', { queue: 0 }, 'notified queue 0'],
    [
      'notification',
      { queue: 0, ring: { position: 5, flags: 0, event: 4 } },
      "notified queue 0, filled up to 5; the device's flags 0, event 4",
    ],
    [
      'notification-suppression',
      { queue: 1, ring: { position: 64, flags: 1, event: 0 } },
      "has polled queue 1, filled up to 64; the device's flags 1, event 0",
    ],
    [
      'unannounced-buffers',
      { queue: 1, because: 'reset', ring: { position: 65, flags: 0, event: 64 } },
      "has not announced what lies in queue 1 (reset), filled up to 65; the device's flags 0, event 64",
    ],
    ['features', { offered: '0x5', accepted: '0x1', kept: true }, 'accepted INPUT_RANGE, declined MAP_UNMAP'],
    [
      'features',
      { offered: '0x1', accepted: '0x80000001', kept: false },
      'accepted INPUT_RANGE|bit 31, of which bit 31 was not offered, declined nothing; the device cleared FEATURES_OK',
    ],
    [
      'dma',
      {
        access: 'read',
        address: '0x1000',
        length: 4096,
        outcome: 'ok',
        segments: [{ gpa: '0x7f000', length: 4096 }],
        label: 'in',
      },
      '“in”: read 0x1000..0x1fff → 0x7f000..0x7ffff: done',
    ],
    [
      'dma',
      { access: 'write', address: '0x9000', length: 1, outcome: 'fault', reason: 'MAPPING' },
      'write 0x9000: blocked, fault MAPPING',
    ],
    [
      'fault-report',
      { reason: 2, endpoint: 288, address: '0x9000', flags: 257, delivered: false },
      'fault report MAPPING, endpoint 0x120, address 0x9000, READ|ADDRESS; not delivered: no event buffer was at hand',
    ],
    [
      'fault-report',
      { reason: 1, endpoint: 1, address: '0x0', flags: 1, delivered: false, bufferLength: 24, fault: 'empty-events' },
      'fault report DOMAIN, endpoint 0x1, address 0x0, READ; not delivered: the event buffer of 24 bytes came back with used length 0; by device fault empty-events',
    ],
    ['verb', { verb: 'map', args: { iova: '0x1000', access: 'rw' } }, 'map iova=0x1000 access=rw'],
    ['answer', { verb: 'map', outcome: 'not-ok', reason: 'no room', values: {} }, 'map: not ok: no room'],
    [
      'of-the-future',
      { x: [1, { y: 'z' }] },
      '{"kind": "of-the-future", "seq": 0, "device": "iommu", "x": [1, {"y": "z"}]}',
    ],
  ])('reads well: %s %o', (kind, fields, words) => {
    expect(what(kind, fields)).toBe(words);
  });

  it('says who acts on whom', () => {
    expect(['request', 'completion', 'dma', 'verb'].map(whoOf)).toEqual([
      'driver → iommu',
      'iommu → driver',
      'dma → memory',
      'harness → driver',
    ]);
  });

  it('is short whatever the event holds', () => {
    for (const { trace } of hostileRun().cases) {
      for (const event of trace) expect(describeEvent(event).what.length).toBeLessThan(5000);
    }
  });

  it('comes of any event of a known kind, whatever its fields are', () => {
    const kinds = [
      'request',
      'completion',
      'dma',
      'features',
      'chain',
      'fault-report',
      'answer',
      'verb',
      'register-read',
    ];
    const names = [
      'fields',
      'flags',
      'status',
      'segments',
      'name',
      'offered',
      'accepted',
      'args',
      'values',
      'bytes',
      'value',
    ];
    const fields = dictionary(constantFrom(...names), oneof(jsonValue(), constantFrom('0x1', 'MAP', 3)));
    assert(
      property(constantFrom(...kinds), fields, (kind, more) => {
        const event: LoggedTraceEvent = { ...more, kind, seq: 1 };
        const { what: words } = describeEvent(event);
        return words.length > 0 && words.length < 10_000;
      }),
    );
  });
});
