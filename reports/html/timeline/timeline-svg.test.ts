import { describe, expect, it } from 'vitest';
import { hostileRun } from '../../fixtures/hostile-run.ts';
import { mapTrace, seqOf } from '../../fixtures/map-trace.ts';
import { timeline } from './timeline-svg.ts';

const source = (trace: Parameters<typeof timeline>[0], proofs: readonly number[] = []): string =>
  timeline(trace, proofs)?.source ?? '';

/** Titles of what has the class `look`. */
const titles = (svg: string, look: string): string[] =>
  [...svg.matchAll(new RegExp(`class="${look}"[^>]*>(?:<(?!title)[^>]*>[^<]*(?:</\\w+>)?)*<title>([^<]*)`, 'g'))].map(
    ([, title = '']) => title,
  );

describe('the picture of a trace over time', () => {
  const svg = source(mapTrace());

  it('has commands, queues, attachments, mappings and accesses in words', () => {
    expect(titles(svg, 'command')).toContain('map domain=d1 iova=0x1000 length=1 access=rw buffer=b1');
    expect(titles(svg, 'enabled')).toEqual(['iommu requestq: 64 entries at 0x3f200000, available idx 0']);
    expect(titles(svg, 'attached')).toEqual(['dma in domain 1']);
    expect(titles(svg, 'mapping')).toEqual(['domain 1: 0x1000..0x1fff → 0x7f000, READ|WRITE']);
    expect(titles(svg, 'access')).toEqual(['dma write 0x1000..0x1007: ok']);
    expect(titles(svg, 'cross')[0]).toBe('dma read 0x9000: blocked, fault MAPPING');
  });

  it('marks who called whom, and a fault that was reported', () => {
    expect(
      titles(svg, 'tick').some((title) => title.startsWith('driver notified iommu requestq, filled up to 1')),
    ).toBe(true);
    expect(titles(svg, 'tick').at(-1)).toMatch(/^driver notified|^fault report MAPPING/);
    expect(svg).toContain('>iommu eventq</text>');
  });

  it('shows each request as long as the device has it', () => {
    expect(titles(svg, 'flight')).toHaveLength(mapTrace().filter(({ kind }) => kind === 'chain').length);
  });

  it('marks the moment of a proof, also of one that is no step itself', () => {
    const trace = mapTrace();
    expect(source(trace, [seqOf(trace, 'interrupt')])).toContain('class="proof"');
    expect(svg).not.toContain('class="proof"');
  });

  it('is nothing for a trace in which nothing changes', () => {
    expect(timeline([], [])).toBeUndefined();
    expect(timeline(mapTrace().slice(0, 1), [])).toBeUndefined();
  });

  it('stays bounded for a long trace', () => {
    expect(source(mapTrace('0x1fff', 400)).length).toBeLessThan(400_000);
  });

  it('escapes what came from a driver', () => {
    for (const { trace } of hostileRun().cases) expect(source(trace)).not.toMatch(/<script|<img/);
  });
});
