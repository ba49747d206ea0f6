import { describe, expect, it } from 'vitest';
import { endpointDrivers } from './endpoint-drivers.ts';
import { fixtureCase, runOf } from './fixtures/synthetic-run.ts';
import { htmlPage } from './html/html-report.ts';
import type { CaseRecord, EndpointJudged } from './record/model.ts';
import { summary } from './terminal/summary.ts';

const HELD = { requirement: 'split/driver/layout/alignment', times: 1, held: true };
const BROKEN = { requirement: 'pci/driver/notify/16-bit', times: 2, held: false };
const breach = (says: string) =>
  ({
    requirement: BROKEN.requirement,
    keyword: 'MUST',
    verdict: 'fail',
    says,
    by: 'monitor notification-form',
  }) as const;

const disk: EndpointJudged = { slot: 'disk', kind: 'virtio-blk', findings: [], judged: [HELD] };
const net: EndpointJudged = {
  slot: 'net',
  kind: 'virtio-net',
  findings: [breach('It is <4> bytes wide.'), breach('Again.')],
  judged: [HELD, BROKEN],
};
const withEndpoints = (id: string, endpoints: EndpointJudged[]): CaseRecord => {
  const record = fixtureCase(id);
  return { ...record, judgement: { ...record.judgement!, endpoints } };
};
const RUN = runOf([withEndpoints('a/first', [disk, net]), withEndpoints('a/second', [net]), fixtureCase('a/third')]);

describe('the drivers of endpoints', () => {
  it('are counted by kind, with the first breach of each requirement', () => {
    expect(endpointDrivers(RUN)).toMatchObject([
      { kind: 'virtio-blk', exercised: 1, held: 1, broken: [] },
      { kind: 'virtio-net', exercised: 2, held: 1, broken: [{ id: 'a/first', variants: 2 }] },
    ]);
    expect(endpointDrivers(runOf([fixtureCase('a/third')]))).toEqual([]);
  });

  it('have lines of their own in the summary and a section in the page, and change no verdict', () => {
    const text = summary(RUN, { colour: false, width: 200 });
    expect(text).toContain('requirements held: virtio-blk 1 of 1, virtio-net 1 of 2');
    expect(text).toContain('virtio-net, a/first: It is <4> bytes wide.');
    expect(text).toContain('3 passed');
    const page = htmlPage([RUN]);
    expect(page).toContain('Endpoint drivers');
    expect(page).toContain('<td>1 of 2</td>');
    expect(page).not.toContain('<4>');
    expect(htmlPage([runOf([fixtureCase('a/third')])])).not.toContain('Endpoint drivers');
  });
});
