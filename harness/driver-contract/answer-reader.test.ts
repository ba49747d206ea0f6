import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { AnswerReader, MAX_ANSWER_BYTES, MAX_LINE_LENGTH, type ReadEvent } from './answer-reader.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Events of a stream in which `verb` is asked after the announcement. */
function read(text: string, verb = 'map'): ReadEvent[] {
  const reader = new AnswerReader();
  const events = reader.push(bytes('TAP version 14\n'));
  reader.expect(verb);
  return [...events, ...reader.push(bytes(text))].slice(1);
}

const block = (...lines: string[]): string => ['  ---', ...lines.map((line) => `  ${line}`), '  ...', ''].join('\n');
const answered = (lines: string): ReadEvent | undefined => read(`ok 1 - map\n${lines}`).at(-1);

describe('an answer', () => {
  it('is handed over as soon as its YAML block ends', () => {
    expect(read(`ok 1 - map\n${block()}`)).toEqual([{ kind: 'answer', answer: { outcome: 'ok', values: {} } }]);
  });

  it('is the same however the stream is cut into pieces', () => {
    const text = `TAP version 14\r\n# hello\n`;
    const answer = `ok 1 - map # SKIP später\n${block('iova: 0x1000', 'list:', '  - "a b"')}`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (length) => {
        const reader = new AnswerReader();
        const events = reader.push(bytes(text));
        reader.expect('map');
        const raw = bytes(answer);
        for (let from = 0; from < raw.length; from += length)
          events.push(...reader.push(raw.subarray(from, from + length)));
        expect(events).toEqual([
          { kind: 'announced' },
          { kind: 'comment', text: 'hello' },
          { kind: 'answer', answer: { outcome: 'skip', reason: 'später', values: { iova: 4096, list: ['a b'] } } },
        ]);
      }),
    );
  });

  it.each(['ok  1  -  map', 'ok 1 map', 'ok 1 - map # anything'])('may be written as %s', (line) => {
    expect(read(`${line}\n${block()}`)).toEqual([{ kind: 'answer', answer: { outcome: 'ok', values: {} } }]);
  });

  it('may say anything behind SKIP', () => {
    expect(read(`ok 1 - map # SKIP issue #5\n${block()}`)).toMatchObject([
      { answer: { outcome: 'skip', reason: 'issue #5' } },
    ]);
  });

  it('takes its reason from error', () => {
    expect(read(`not ok 1 - map\n${block('error: "device said\\e[2J RANGE"')}`)).toMatchObject([
      { answer: { outcome: 'not-ok', reason: 'device said\u{fffd}[2J RANGE' } },
    ]);
  });

  it('keeps scalars and lists of scalars, and leaves out the rest', () => {
    expect(answered(block('a: text', 'b: -3', 'c: [1, x]', 'd: {e: 1}', 'f: true', '__proto__: 5', 'g:'))).toEqual({
      kind: 'answer',
      answer: { outcome: 'ok', values: { a: 'text', b: -3, c: [1, 'x'] } },
    });
  });

  it('reads a number above 2^53 from quotes only', () => {
    expect(answered(block('iova: "0xfffffffffffff000"'))).toMatchObject({
      answer: { values: { iova: '0xfffffffffffff000' } },
    });
    expect(answered(block('iova: 0xfffffffffffff000'))).toMatchObject({
      says: expect.stringMatching(/the number in "iova" is above 2\^53.*quotes/),
    });
  });
});

describe('a stream breaks the contract', () => {
  it.each([
    ['with a number out of order', `ok 2 - map\n${block()}`, /numbered its answer 2 .* where 1 was next/],
    ['without a number', `ok - map\n${block()}`, /numbered its answer 0/],
    ['with another verb', `ok 1 - unmap\n${block()}`, /answered "unmap" when "map" was asked/],
    ['with TODO', `not ok 1 - map # TODO later\n${block()}`, /with TODO/],
    ['without a block', 'ok 1 - map\nok 2 - map\n', /wrote "ok 2 - map" where the YAML block/],
    ['with a block that does not end', 'ok 1 - map\n  ---\n  a: 1\nok 2 - map\n', /before the YAML block .* had ended/],
    ['with a block that is no YAML', `ok 1 - map\n${block('a: [1')}`, /cannot be read/],
    ['with a block that is a list', `ok 1 - map\n${block('- 1')}`, /not a list of "key: value" lines/],
    ['with a subtest', `    ok 1 - inner\n`, /no line of TAP/],
    ['with text', 'mapping now\n', /wrote "mapping now" to stdout, which is no line of TAP/],
    ['with a plan that is too early', '1..1\n', /although "map" was still to be answered/],
    ['with a second answer', `ok 1 - map\n${block()}ok 2 - map\n${block()}`, /without having been asked/],
    ['with a wrong plan', `ok 1 - map\n${block()}1..5\n`, /the plan 1\.\.5 after 1 answer/],
    ['with an answer behind the plan', `ok 1 - map\n${block()}1..1\nok 2 - map\n`, /after the plan/],
    ['with a line without end', 'x'.repeat(MAX_LINE_LENGTH + 1), /a line of more than/],
    ['with comments without end', '# x\n'.repeat(MAX_ANSWER_BYTES / 4 + 1), /bytes to stdout for one answer/],
  ])('%s', (_how, text, says) => {
    expect(read(text).at(-1)).toMatchObject({ kind: 'broken', says: expect.stringMatching(says) });
  });

  it('and is not read any further', () => {
    const reader = new AnswerReader();
    expect(reader.push(bytes('TAP version 13\n'))).toMatchObject([{ kind: 'broken' }]);
    expect(reader.push(bytes('TAP version 14\n'))).toEqual([]);
  });

  it('or bails out', () => {
    expect(read('Bail out! no device\n')).toEqual([{ kind: 'bail-out', reason: 'no device' }]);
  });
});

describe('hostile bytes', () => {
  it('never throw, and end in few events', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const reader = new AnswerReader();
        reader.push(bytes('TAP version 14\n'));
        reader.expect('map');
        reader.push(bytes('ok 1 - map\n  ---\n  a: '));
        expect(reader.push(noise).length).toBeLessThan(302);
      }),
    );
  });

  it.each([
    ['nesting', `a: ${'['.repeat(60_000)}`],
    [
      'aliases',
      ['a: &a [x,x]', ...Array.from({ length: 40 }, (_, i) => `k${i}: &b${i} [*a, *a, *a, *a]`)].join('\n  '),
    ],
    ['digits', `a: !bigint ${'9'.repeat(100_000)}`],
    ['an anchor to itself', 'a: &a [*a]'],
    ['a date', 'a: !!timestamp 2001-01-01'],
    ['code', 'a: !function "name\\nprocess.exit()"'],
  ])('in YAML do no harm: %s', (_name, line) => {
    expect(['answer', 'broken']).toContain(answered(block(line))?.kind);
  });

  it.each([
    ['nothing came', '', 'did not answer'],
    ['the point came', 'ok 1 - map\n', 'answered without the YAML block that has to end every answer'],
    ['the block has no end', 'ok 1 - map\n  ---\n', 'did not end the YAML block of its answer with "..."'],
    ['the line has no end', 'ok 1', 'left the line "ok 1" without an end'],
  ])('what is missing is told when %s', (_when, text, missing) => {
    const reader = new AnswerReader();
    expect(reader.missing).toBe('did not begin its stdout with "TAP version 14"');
    reader.push(bytes('TAP version 14\n'));
    reader.expect('map');
    reader.push(bytes(text));
    expect(reader.missing).toBe(missing);
  });
});
