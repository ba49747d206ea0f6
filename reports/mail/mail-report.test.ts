import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../record/model.ts';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { mapTrace, seqOf } from '../fixtures/map-trace.ts';
import { cutRun, largeRun, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { commandLines } from './command-lines.ts';
import { mailReport } from './mail-report.ts';
import { traceExcerpt } from './trace-excerpt.ts';

const linesOf = (run: RunRecord): string[] => mailReport.render(run).trimEnd().split('\n');

describe('the mail', () => {
  const mail = mailReport.render(syntheticRun());

  it('is byte for byte what stands in the golden file', async () => {
    await expect(mail).toMatchFileSnapshot('golden-mail.txt');
  });

  it('begins with the driver, the conclusion and the score, and ends with the version of the tool', () => {
    expect(mail).toMatch(/^linux 6\.12\.43-cloud-amd64, against virtio 1\.4\n/);
    expect(mail).toContain('\nMUST              78         80         95        141\n');
    expect(mail).toMatch(/\nviommuspec 0\.1\.0, catalogue 5f0c1d2e3b4a of 9 variants, seed 42\n$/);
  });

  it('tells of each cause the section, our wording, what happened, the bytes and the command', () => {
    const cause = mail.slice(mail.indexOf('[1] '), mail.indexOf('[2] '));
    expect(cause).toContain('[1] MUST, 5.13.6.5.1 MAP request: iommu/driver/map/end-above-start\n');
    expect(cause).toContain('  virt_end of a MAP request must lie above virt_start, both being\n  inclusive.\n');
    expect(cause).toContain('  MAP carried virt_start 0x1000 and virt_end 0x1000; virt_end has to lie\n');
    expect(cause).toMatch(/\n {2}\* +29 {2}driver → iommu: MAP domain 1, 0x1000\.\.0x1000/);
    expect(cause).toContain('             03000000 01000000 00100000 00000000\n             00100000 ');
    expect(cause).toContain('--case \\\n    map/end-above-start:equal\n');
  });

  it('says what is known of an expected failure', () => {
    expect(mail).toContain('This is known: lazy unmapping is on in this kernel\nhttps://example.org/issues/7\n');
  });

  it('quotes the last words of a driver that did not survive', () => {
    expect(mail).toMatch(/The end of the driver's log:\n\n(.*\n)+ {2}\[ 2\.400\] Kernel panic - not syncing: Fatal/);
  });

  it('tells one mistake once, however many variants it fails', () => {
    const lines = linesOf(largeRun(500));
    expect(lines.filter((line) => /^\[\d+\] .*end-above-start/.test(line))).toHaveLength(1);
    expect(lines.join(' ')).toContain('and 49 more variants (');
    expect(lines.length).toBeLessThan(100);
  });

  it.each([
    ['a whole run', syntheticRun()],
    ['a cut run', cutRun()],
    ['a hostile run', hostileRun()],
    ['an empty run', runOf([])],
  ] as const)('keeps within 72 columns, but for addresses: %s', (_what, run) => {
    const lines = linesOf(run).filter((line) => !/^ *https:\/\/\S+$/.test(line));
    expect(lines.filter((line) => line.length > 72)).toEqual([]);
  });
});

describe('an excerpt of a trace', () => {
  const trace = mapTrace('0x1000', 20);

  it('is about a dozen lines around the proof, without what nobody looks at', () => {
    const lines = traceExcerpt(trace, seqOf(trace, 'request', 'MAP'), 70);
    expect(lines.filter((line) => line.startsWith('*'))).toHaveLength(1);
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.length).toBeLessThan(22);
    expect(lines.join('\n')).not.toContain('notified');
  });

  it('shows the proof even if it is a register, and the end where nothing proves anything', () => {
    const quiet = seqOf(trace, 'register-write');
    expect(traceExcerpt(trace, quiet, 70).filter((line) => line.startsWith('*'))).toHaveLength(1);
    expect(traceExcerpt(trace, undefined, 70).at(-1)).toMatch(/stop: ok$/);
    expect(traceExcerpt([], 3, 70)).toEqual([]);
  });
});

const said = (script: string): string => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });

describe('a command in lines', () => {
  it.each([
    ['words', `printf '%s|' ${'word '.repeat(40)}`],
    ['quotes', `printf '%s|' 'a  b' ${"'it'\\''s so' ".repeat(20)}`],
    ['a long word', `printf '%s|' ${'/very/long/path'.repeat(20)} end`],
    ['long quotes', `printf '%s|' 'one ${'two  three '.repeat(30)}' end`],
  ])('means what it meant to a shell: %s', (_what, command) => {
    const lines = commandLines(command, 72, 2);
    expect(lines.filter((line) => line.length > 72)).toEqual([]);
    expect(lines.length).toBeGreaterThan(1);
    expect(said(lines.join('\n'))).toBe(said(command));
  });
});
