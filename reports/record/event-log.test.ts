import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventLogWriter, LOG_LIMITS, readEventLog } from './event-log.ts';
import { assemble } from './assemble.ts';
import { LogError } from './log-error.ts';
import { type LineLimits, readLines } from './line-reader.ts';
import type { Header, LogEvent } from './model.ts';

const header: Header = {
  event: 'header',
  format: 1,
  tool: { name: 'viommuspec', version: '0.1.0' },
  catalogue: { cases: 1, variants: 1, digest: 'abc' },
  requirementSet: 'virtio-1.4',
  driver: { name: 'sample', version: '1', configuration: '', faults: [] },
  seed: 1,
  command: 'viommuspec run',
  startedAt: '2026-01-31T12:00:00.000Z',
  requirements: [],
};
const started: LogEvent = {
  event: 'case',
  id: 'map/one:a',
  case: 'map/one',
  variant: 'a',
  title: 'One.',
  demands: 'One thing.',
  section: '5.13.6.5.1',
  requirements: [],
};
const trace: LogEvent = { event: 'trace', id: 'map/one:a', events: [{ kind: 'dma', seq: 0, address: 0x1000n }] };
const judged: LogEvent = {
  event: 'verdict',
  id: 'map/one:a',
  verdict: 'pass',
  says: 'Held.',
  findings: [],
  judged: [],
  driverLog: '',
  repeat: 'viommuspec run --case map/one:a',
  durationMs: 1.5,
};
const score = { held: 1, exercised: 1, applicable: 1, declared: 1 };
const footer: LogEvent = {
  event: 'footer',
  counts: { pass: 1, 'not-applicable': 0, untested: 0, warn: 0, fail: 0, error: 0 },
  scores: { must: score, should: score, implied: score },
  surprises: [],
  interrupted: false,
  notRun: [],
  exitCode: 0,
  durationMs: 2,
};
const whole = [header, started, trace, judged, footer];

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(`${process.env['TMPDIR'] ?? '/tmp'}/event-log-`);
  path = `${directory}/run.ndjson`;
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(events: readonly LogEvent[]): void {
  const writer = new EventLogWriter(path);
  for (const event of events) writer.append(event);
  writer.close();
}

const lines = (limits: Partial<LineLimits>): string[] =>
  [...readLines(path, { ...LOG_LIMITS, ...limits })].map(({ text }) => text ?? '');

const piece = (seq: number): LogEvent => ({ event: 'trace', id: 'map/one:a', events: [{ kind: 'cut', seq }] });

/** The message with which reading fails. */
function complaint(): string {
  try {
    readEventLog(path);
  } catch (error) {
    expect(error).toBeInstanceOf(LogError);
    return error instanceof Error ? error.message.replace(path, 'LOG') : '';
  }
  throw new Error('the log was read without complaint');
}

describe('the writer', () => {
  it('gives back the run it wrote', () => {
    write(whole);
    const run = readEventLog(path);
    expect(run.header).toEqual(header);
    expect(run.footer).toEqual(footer);
    expect(run.cases).toEqual([{ started, trace: [{ kind: 'dma', seq: 0, address: '0x1000' }], judgement: judged }]);
  });

  it('knows the run that it wrote without reading it', () => {
    const writer = new EventLogWriter(path);
    const odd: LogEvent = {
      ...trace,
      events: [{ kind: 'dma', seq: 0, address: -1n, at: undefined, list: [{ to: 2n ** 64n - 1n }], none: null }],
    };
    for (const event of [header, started, odd, judged, footer]) writer.append(event);
    writer.close();
    expect(writer.record()).toStrictEqual(readEventLog(path));
  });

  it('refuses an event that is nested deeper than anybody can follow', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const writer = new EventLogWriter(path);
    for (const event of [header, started]) writer.append(event);
    expect(() => writer.append({ ...trace, events: [{ kind: 'dma', seq: 0, deep }] })).toThrow('nested too deeply');
    writer.close();
  });

  it('writes the keys in the order of the schema, whatever order they came in', () => {
    const { event, ...rest } = header;
    write([{ ...rest, event }]);
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(header)}\n`);
  });

  it('has written each event by the time the call returns', () => {
    const writer = new EventLogWriter(path);
    writer.append(header);
    expect(readEventLog(path).footer).toBeUndefined();
    writer.append(started);
    expect(readEventLog(path).cases).toHaveLength(1);
    writer.close();
  });

  it('refuses an event that the reader would refuse, and writes nothing', () => {
    const writer = new EventLogWriter(path);
    expect(() => writer.append({ ...judged, durationMs: Number.NaN })).toThrow(
      /line 1: field durationMs: expected a number, found NaN/,
    );
    writer.close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it.each([
    ['a line', { lineSize: 20_000 }],
    ['traces', { tracesSize: 20_000 }],
  ])('leaves out a trace that is longer than %s may be, and no result', (_what, limit) => {
    const writer = new EventLogWriter(path, { ...LOG_LIMITS, ...limit });
    const events = Array.from({ length: 500 }, (_, seq) => ({ kind: 'dma', seq, address: '0x123456789000' }));
    for (const event of [header, started, { ...trace, events }, judged, footer]) writer.append(event);
    writer.close();
    const run = readEventLog(path);
    expect(run.footer).toEqual(footer);
    expect(run.cases).toMatchObject([
      { trace: [{ kind: 'cut', seq: 499, says: expect.stringContaining('500 events of') }], judgement: judged },
    ]);
  });

  it('refuses to write after it was closed, and may be closed twice', () => {
    const writer = new EventLogWriter(path);
    writer.close();
    writer.close();
    expect(() => writer.append(header)).toThrow(LogError);
  });
});

describe('a log on a disk that is full', () => {
  it('is told of in a sentence', () => {
    const writer = new EventLogWriter('/dev/full');
    expect(() => writer.append(header)).toThrow('/dev/full cannot be written: no space left on device.');
    expect(writer.isEmpty).toBe(true);
    writer.close();
  });
});

describe('a log of a run that was cut short', () => {
  it('is read without its footer', () => {
    write([header, started]);
    expect(readEventLog(path)).toMatchObject({ footer: undefined, cases: [{ judgement: undefined }] });
  });

  it('is read without its last line at every byte at which that line can end', () => {
    write([header, started, { ...judged, says: 'Held: größer.' }]);
    const bytes = readFileSync(path);
    const last = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
    for (let until = last; until < bytes.length - 1; until++) {
      writeFileSync(path, bytes.subarray(0, until));
      expect(readEventLog(path).cases[0]?.judgement).toBeUndefined();
    }
  });

  it('keeps a last line that lacks nothing but its line feed', () => {
    write(whole);
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd());
    expect(readEventLog(path).footer).toEqual(footer);
  });
});

describe('a log that is not right', () => {
  it.each([
    ['a line that is no JSON', '{"event":\n', 'LOG, line 2: expected one JSON object in UTF-8.'],
    ['an empty line', '\n', 'LOG, line 2: expected one JSON object in UTF-8.'],
    ['a list', '[]\n', 'LOG, line 2: expected a JSON object, received a list.'],
    ['a cut line that is yet valid JSON', '7', 'LOG, line 2: expected a JSON object, received 7.'],
    [
      'an event of unknown name',
      '{"event":"caes"}\n',
      'LOG, line 2: field event: expected one of header, case, trace, verdict, footer, received "caes".',
    ],
    [
      'a missing field',
      `${JSON.stringify({ ...started, title: undefined })}\n`,
      'LOG, line 2: field title: expected a text, found nothing.',
    ],
    [
      'a wrong word deep inside',
      `${JSON.stringify({ ...judged, findings: [{ requirement: 'a', keyword: 'SHALL', verdict: 'fail', says: '', by: '' }] })}\n`,
      'LOG, line 2: field findings[0].keyword: expected "MUST" or "MUST NOT" or "SHOULD" or "SHOULD NOT" or "MAY".',
    ],
    [
      'an exit code that no run ends with',
      `${JSON.stringify({ ...footer, exitCode: 1.5 })}\n`,
      'LOG, line 2: field exitCode: expected 0 or 1 or 2 or 3 or 4 or 5 or 6 or 130.',
    ],
    [
      'a verdict on no case',
      `${JSON.stringify(judged)}\n`,
      'LOG, line 2: field id: case "map/one:a" was never started.',
    ],
    ['a second header', `${JSON.stringify(header)}\n`, 'LOG, line 2: expected one header only.'],
    [
      'a case started twice',
      `${JSON.stringify(started)}\n${JSON.stringify(started)}\n`,
      'LOG, line 3: field id: case "map/one:a" was started before.',
    ],
    [
      'a line after the footer',
      `${JSON.stringify(footer)}\n${JSON.stringify(started)}\n`,
      'LOG, line 3: nothing may follow the footer.',
    ],
  ])('is refused for %s', (_what, more, says) => {
    write([header]);
    appendFileSync(path, more);
    expect(complaint()).toBe(says);
  });

  it('is refused for bytes that are no UTF-8', () => {
    write([header]);
    appendFileSync(path, Buffer.from([0x22, 0xff, 0x22, 0x0a]));
    expect(complaint()).toBe('LOG, line 2: expected one JSON object in UTF-8.');
  });

  it('is refused without a header', () => {
    write([header]);
    writeFileSync(path, `${JSON.stringify(started)}\n`);
    expect(complaint()).toBe('LOG, line 1: expected the header before anything else.');
    writeFileSync(path, '');
    expect(complaint()).toBe('LOG holds nothing: its run was killed before it began.');
  });

  it('is refused in another format version', () => {
    writeFileSync(path, `${JSON.stringify({ ...header, format: 2 })}\n`);
    expect(complaint()).toBe('LOG, line 1: field format: expected 1, received 2.');
  });

  it('is refused with a sentence that no terminal obeys', () => {
    writeFileSync(path, `${JSON.stringify({ event: '\u001b[2J\u202e' })}\n`);
    expect(complaint()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('is refused if it is a directory or not there', () => {
    expect(() => readEventLog(directory)).toThrow(/is not a file\.$/);
    expect(() => readEventLog(`${directory}/none`)).toThrow(/cannot be opened: no such file or directory\.$/);
    execFileSync('sh', ['-c', `mkfifo '${directory}/pipe'`]);
    expect(() => readEventLog(`${directory}/pipe`)).toThrow(/is not a file\.$/);
  });
});

describe('the limits', () => {
  it('hold on both sides of each', () => {
    writeFileSync(path, 'abc\nde\n');
    expect(lines({ fileSize: 7, lineSize: 3, lineCount: 2 })).toEqual(['abc', 'de']);
    expect(() => lines({ fileSize: 6 })).toThrow(/is larger than 6 bytes/);
    expect(() => lines({ lineSize: 2 })).toThrow(/line 1: longer than 2 bytes/);
    expect(() => lines({ lineCount: 1 })).toThrow(/line 2: more than 1 lines/);
  });

  it('count a line that spans several reads', () => {
    const long = 'x'.repeat(3 * 1024 * 1024);
    writeFileSync(path, `${long}\n${long}`);
    expect(lines({})).toEqual([long, long]);
  });
});

it('puts together a trace that was logged in pieces', () => {
  expect(assemble([header, started, piece(0), piece(1)]).cases[0]?.trace.map(({ seq }) => seq)).toEqual([0, 1]);
});
