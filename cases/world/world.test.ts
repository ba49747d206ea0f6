import { describe, expect, it } from 'vitest';
import type { DeviceFaultName } from '../../reference-device/device-faults.ts';
import { describedId } from '../../reference-device/topology/topologies.ts';
import type {
  EventOf,
  RequestFields,
  RequestName,
  TraceBody,
  TraceEvent,
} from '../../reference-device/trace-events.ts';
import { World } from './world.ts';

const DMA = describedId('dma', 'plain')!;
const IOVA = 0x1000n;

interface Facts {
  readonly faults?: readonly DeviceFaultName[];
  readonly passthrough?: boolean;
}

/** A trace that is written down as it would come about. */
class Story {
  readonly events: TraceEvent[] = [];
  #id = 0;

  tell(body: TraceBody): TraceEvent {
    const event: TraceEvent = { ...body, seq: this.events.length };
    this.events.push(event);
    return event;
  }

  send(name: RequestName, fields: RequestFields, status = 0): this {
    const common = { device: 'iommu', id: this.#id++, headIndex: 0, name, bytes: '' };
    this.tell({ kind: 'request', ...common, type: 0, fields, writableLength: 4, complete: true });
    this.tell({ kind: 'completion', ...common, usedLength: 4, status });
    return this;
  }

  ask(verb: string, args: Readonly<Record<string, string>> = {}): this {
    this.tell({ kind: 'verb', verb, args });
    this.tell({ kind: 'answer', verb, outcome: 'ok', values: {} });
    return this;
  }

  reset(): this {
    this.tell({ kind: 'reset', device: 'iommu', cause: 'status-0' });
    return this;
  }

  plug(present: boolean): this {
    this.tell({ kind: 'plug', device: 'iommu', slot: 'dma', endpoint: DMA, present });
    return this;
  }

  attached(domain = 1, flags = 0): this {
    return this.send('ATTACH', { endpoint: DMA, domain, flags });
  }

  mapped(): this {
    return this.send('MAP', { domain: 1, virt_start: IOVA, virt_end: IOVA + 0xfffn, phys_start: 0n, flags: 1 });
  }

  access(outcome: 'ok' | 'fault', bypassed = false): EventOf<'dma'> {
    const who = { endpoint: 'dma', endpointId: DMA, busMaster: true } as const;
    const what = { address: IOVA, length: 4, access: 'read', cause: 'harness', segments: [] } as const;
    return this.tell({ kind: 'dma', ...who, ...what, outcome, bypassed }) as EventOf<'dma'>;
  }

  expose(reachable: boolean): EventOf<'exposed'> {
    const what = { what: 'buffer', address: IOVA, length: 4, access: 'read', accessPlatform: true } as const;
    return this.tell({ kind: 'exposed', endpoint: 'dma', ...what, reachable }) as EventOf<'exposed'>;
  }

  world({ faults = [], passthrough = false }: Facts = {}): World {
    return new World(this.events, { topology: 'plain', faults: faults.map((name) => ({ name })), passthrough });
  }
}

describe('an access that was to be stopped', () => {
  it('was let through by the driver, if it went by a mapping or by a bypass domain that nobody had asked for', () => {
    const mapped = new Story().attached().mapped();
    const access = mapped.access('ok');
    expect(mapped.world().blocked(access)).toBe(false);
    const bypass = new Story().ask('attach', { endpoint: 'dma', domain: 'd' }).attached(1, 1);
    const passed = bypass.access('ok', true);
    expect(bypass.world().blocked(passed)).toBe(false);
  });

  it('says nothing if the global bypass let it through, or a bypass domain that its user had asked for', () => {
    const story = new Story();
    const unattached = story.access('ok', true);
    expect(story.world().blocked(unattached)).toBeUndefined();
    const asked = new Story().attached(1, 1).ask('attach', { endpoint: 'dma', domain: 'd', bypass: '1' });
    const access = asked.access('ok', true);
    const world = asked.world();
    expect(world.blocked(access)).toBeUndefined();
    expect(world.doubts).toEqual([expect.objectContaining({ byChoice: false })]);
  });

  it('says nothing of an endpoint that passes by because the driver was asked to let it', () => {
    const story = new Story().attached(1, 1);
    const accesses = [story.access('ok', true), story.access('fault')];
    const world = story.world({ passthrough: true });
    expect(accesses.map((access) => world.blocked(access))).toEqual([undefined, undefined]);
    expect(world.doubts).toEqual([expect.objectContaining({ byChoice: true })]);
  });

  it('says nothing if the device may have kept a mapping over a reset, and something if there was none to keep', () => {
    const kept = new Story().attached().mapped().reset();
    const stale = kept.access('ok');
    expect(kept.world({ faults: ['reset-keeps-state'] }).blocked(stale)).toBeUndefined();
    const fresh = new Story().reset().attached().mapped();
    const access = fresh.access('ok');
    expect(fresh.world({ faults: ['reset-keeps-state'] }).blocked(access)).toBe(false);
  });

  it('shows that something was withdrawn only if something had led there', () => {
    const story = new Story().attached();
    const early = story.access('fault');
    story.mapped().send('UNMAP', { domain: 1, virt_start: IOVA, virt_end: IOVA + 0xfffn });
    const late = story.access('fault');
    const world = story.world();
    expect([world.withdrawn(early), world.withdrawn(late)]).toEqual([undefined, true]);
  });
});

describe('what an endpoint is told of', () => {
  it('is of an endpoint that is attached, or not', () => {
    const story = new Story();
    const early = story.expose(false);
    story.attached();
    const late = story.expose(false);
    const world = story.world();
    expect([world.attached('dma', early), world.attached('dma', late), world.reachable(late)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('is of none that is attached if another was put in its place', () => {
    const story = new Story().attached().plug(false);
    const gone = story.expose(false);
    story.plug(true);
    const newcomer = story.expose(false);
    const world = story.world();
    expect([world.attached('dma', gone), world.attached('dma', newcomer)]).toEqual([undefined, false]);
    expect([world.reachable(gone), world.reachable(newcomer)]).toEqual([undefined, false]);
  });

  it('says nothing of an endpoint that passes by, unless it does not pass', () => {
    const story = new Story();
    const passed = story.expose(true);
    const stopped = story.attached().expose(false);
    const world = story.world({ passthrough: true });
    expect([world.attached('dma', passed), world.reachable(passed)]).toEqual([undefined, undefined]);
    expect(world.reachable(stopped)).toBe(false);
  });
});

it('the mappings of an endpoint are those of its domain, none without one, and unknown where that is unknown', () => {
  const story = new Story();
  const none = story.access('fault');
  story.attached().mapped();
  const some = story.access('ok');
  story.plug(false);
  const unknown = story.access('fault');
  const world = story.world();
  expect(world.mappingsFor('dma', none)).toEqual([]);
  expect(world.mappingsFor('dma', some)).toEqual([expect.objectContaining({ virt_start: IOVA })]);
  expect(world.mappingsFor('dma', unknown)).toBeUndefined();
});
