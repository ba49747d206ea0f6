/** What happened in variants, for a terminal: what was found, and every message with its bytes, field by field where it proves something. */
import { counted } from '../../reference-device/counted.ts';
import { describeEvent, who } from '../html/describe-event.ts';
import { wireFields } from '../html/wire-layouts.ts';
import { clipped, oneLine, printable } from '../printable.ts';
import type { CaseRecord, Finding, LoggedTraceEvent, RunRecord } from '../record/model.ts';
import { citation, findingsOf, OUTCOME_WORDS, outcomeOf, requirementsById, sentenceOf } from '../run-view.ts';
import { hanging, wrapped } from './layout.ts';

const TEXT_MAX = 1000;
const SEQ_WIDTH = 6;
const BYTES_A_LINE = 16;

/** Ends with a line feed. */
export function variantText(run: RunRecord, records: readonly CaseRecord[], columns: number): string {
  const width = Math.max(60, columns);
  return records.map((record) => `${lines(run, record, width).join('\n')}\n`).join('\n');
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

function lines(run: RunRecord, record: CaseRecord, width: number): string[] {
  const { started, judgement, trace } = record;
  const rows = requirementsById(run);
  const found = findingsOf(record);
  return [
    ...wrapped(text(`${started.id}: ${OUTCOME_WORDS[outcomeOf(record)]}. ${sentenceOf(record)}`), width),
    ...found.flatMap((finding) => hanging('  - ', text(`${citation(rows, finding)}: ${finding.says}`), width)),
    '',
    ...wrapped(text(`Requirement: ${started.demands}`), width),
    ...(judgement ? ['Reproduce:', `  $ ${text(judgement.repeat)}`] : []),
    '',
    counted(trace.length, 'event'),
    ...trace.flatMap((event) => eventLines(event, found, width)),
    ...driverLog(record),
  ];
}

/** Evidence is marked, and its bytes stand field by field. */
function eventLines(event: LoggedTraceEvent, found: readonly Finding[], width: number): string[] {
  const description = describeEvent(event);
  const proven = found.filter(({ at }) => at === event.seq);
  const prefix = `${proven.length > 0 ? '*' : ' '}${String(event.seq).padStart(SEQ_WIDTH)}  `;
  const indent = ' '.repeat(prefix.length + 2);
  const fields = proven.length > 0 ? wireFields(event.kind, event) : [];
  const bytes =
    fields.length > 0
      ? fields.map(({ offset, digits, name, value, odd }) => {
          const words = text(`${name}: ${value}${odd ? ' (not as it should be)' : ''}`);
          return `${String(offset).padStart(3)}  ${spaced(digits)}  ${words}`;
        })
      : byteLines(description.bytes ?? '');
  return [
    ...hanging(prefix, text(`${who(description)}: ${description.what}`), width),
    ...bytes.map((line) => indent + line),
    ...proven.flatMap(({ verdict, says }) =>
      wrapped(text(`${verdict === 'fail' ? '✗' : '!'} ${says}`), width, indent.length),
    ),
  ];
}

const spaced = (digits: string): string => digits.replace(/(..)(?=.)/g, '$1 ');

/** All of them, 16 a line; nothing for what are no bytes. */
function byteLines(digits: string): string[] {
  if (!/^([0-9a-f]{2})+$/.test(digits)) return [];
  return (digits.match(new RegExp(`.{1,${BYTES_A_LINE * 2}}`, 'g')) ?? []).map(spaced);
}

function driverLog({ judgement }: CaseRecord): string[] {
  const log = judgement?.driverLog.trimEnd() ?? '';
  return log === '' ? [] : ['', "The driver's own log:", printable(log)];
}
