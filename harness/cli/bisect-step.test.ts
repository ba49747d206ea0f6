import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEventLog } from '../../reports/record/event-log.ts';
import type { CaseRecord, RunRecord } from '../../reports/record/model.ts';
import { stepAnswer } from './bisect-step.ts';
import { program } from './program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-bisect-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const OUT = join(scratch, 'out');
const UNMAPPED = 'platform/free/unmapped-when-freed';

async function step(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await program(['bisect-step', ...words, '--out', OUT], {
    columns: 100,
    colour: false,
    isLive: false,
    print: (text) => void (out += text),
    note: (line) => void (err += `${line}\n`),
    draw: () => {},
  });
  return { code, out, err };
}

const sample = (...words: string[]) => step('--driver', 'sample', ...words);

describe('a step', () => {
  test.each([
    [0, [], /^GOOD\. What was asked holds in 3 variants\.$/m],
    [
      1,
      ['--fault', 'unmap-never-sent'],
      /^BAD\. dma\/after-unmap:one-page breaks platform\/free\/unmapped-when-freed: A /m,
    ],
    [1, ['--fault', 'unmap-never-sent', '--requirement', UNMAPPED], /^BAD\. /m],
    // Another requirement than the one that is asked about.
    [0, ['--fault', 'unmap-never-sent', '--requirement', 'platform/map/*'], /^GOOD\. /m],
    [
      125,
      ['--requirement', 'iommu/driver/fault/ignore-reserved1'],
      /^SKIP\. The requirement iommu\/driver\/fault\/ignore-reserved1 was not exercised\.$/m,
    ],
    [125, ['--fault', 'attach-skipped', '--requirement', 'iommu/safety/unmap-before-reuse'], /^SKIP\. /m],
  ])('ends with %i for %j', async (code, words, says) => {
    const answer = await sample('--case', 'dma/after-unmap', ...words);
    expect(answer.out).toMatch(says);
    expect(answer.code).toBe(code);
  });

  test('asks the cases about a requirement that is named alone', async () => {
    const answer = await sample(
      '--requirement',
      'iommu/driver/map/virt-end-gt-start',
      '--fault',
      'map-end-equals-start',
    );
    expect(answer.out).toContain('breaks iommu/driver/map/virt-end-gt-start');
    const { command } = readEventLog(join(OUT, 'results.ndjson')).header;
    expect(command).toMatch(/^viommuspec run --driver sample --fault map-end-equals-start --case \S+/);
    expect(answer.code).toBe(1);
  });

  test('says nothing of a driver that does not start, is not there, or has no answer', async () => {
    const manifest = join(scratch, 'dead.json');
    writeFileSync(
      manifest,
      JSON.stringify({
        name: 'dead',
        version: '1',
        command: ['false'],
        verbs: ['start'],
        transports: ['pci'],
        topologies: ['viot'],
      }),
    );
    for (const driver of [manifest, join(scratch, 'nowhere.json')]) {
      const answer = await step('--driver', driver, '--case', 'dma/after-unmap');
      expect(answer.out).toContain('SKIP. The driver was not run.');
      expect(answer.code).toBe(125);
    }
  });

  test.each([
    [[], 'bisect-step needs --case or --requirement'],
    [['--cas', 'x'], "Unknown option '--cas'"],
    [['--case', 'dma/after-umnap'], 'Did you mean dma/after-unmap?'],
    [['--requirement', 'platform/free/unmapped-when-fred'], 'Did you mean platform/free/unmapped-when-freed?'],
    [['--case', 'dma/*', '--shard', '1/2'], "Unknown option '--shard'"],
    [['--case', 'dma/*', '--configuration', 'strict,lazy'], 'bisect-step takes one kernel and one configuration.'],
    [['surplus'], 'bisect-step takes options only'],
  ])('stops the bisection for the command line %j', async (words, sentence) => {
    const answer = await step(...words);
    expect(answer.err).toContain(sentence);
    expect(answer.code).toBe(128);
  });
});

describe('the answer', () => {
  let record: RunRecord;
  beforeAll(async () => {
    await sample('--case', 'dma/after-unmap:one-page', '--fault', 'unmap-never-sent');
    record = readEventLog(join(OUT, 'results.ndjson'));
  });
  const question = { cases: ['dma/after-unmap'], requirements: [] };

  /** The record with another judgement of its one variant. */
  const judgedAs = (judgement: Partial<CaseRecord['judgement']>, trace?: []): RunRecord => ({
    ...record,
    cases: record.cases.map((it) => ({
      ...it,
      ...(trace && { trace }),
      judgement: it.judgement && { ...it.judgement, ...judgement },
    })),
  });

  test('is a breach, also of a run that was cut short', () => {
    expect(stepAnswer({ ...record, footer: undefined }, question).answer).toBe('bad');
  });

  test('is none where the driver never came up in front of the variant', () => {
    expect(stepAnswer(judgedAs({}, []), question).answer).toBe('skip');
  });

  test('is none where the case was not answered, whatever was found beside it', () => {
    const beside = judgedAs({ verdict: 'warn', findings: [], unanswered: 'The driver did not start.' });
    expect(stepAnswer(beside, question)).toMatchObject({ answer: 'skip' });
  });

  test('is none where all is well and the run was cut short', () => {
    const cut = { ...judgedAs({ verdict: 'pass', findings: [] }), footer: undefined };
    expect(stepAnswer(cut, question)).toEqual({ answer: 'skip', says: 'The run is incomplete.' });
  });

  test('passes over a failure that is expected, but not where its requirement is named', () => {
    const expected = judgedAs({ expected: { reason: 'known' } });
    expect(stepAnswer(expected, question).answer).toBe('good');
    expect(stepAnswer(expected, { ...question, requirements: [UNMAPPED] }).answer).toBe('bad');
  });

  test('is none where what is asked about follows from another breach', () => {
    const findings = (record.cases[0]?.judgement?.findings ?? []).map((finding) => ({
      ...finding,
      follows: { requirement: 'iommu/driver/map/aligned', at: 1 },
    }));
    const answer = stepAnswer(judgedAs({ findings }), { ...question, requirements: [UNMAPPED] });
    expect(answer).toMatchObject({ answer: 'skip' });
    expect(answer.says).toContain('follows from a breach of iommu/driver/map/aligned');
  });
});
