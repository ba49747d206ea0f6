/** Checks a single event of the log and says in one sentence what is wrong with it. */
import type { z } from 'zod';
import { errorAt, type LogPlace } from './log-error.ts';
import { CaseJudged, CaseStarted, FORMAT_VERSION, Footer, Header, type LogEvent, TraceLogged } from './model.ts';

const SCHEMAS: ReadonlyMap<unknown, z.ZodType<LogEvent>> = new Map<unknown, z.ZodType<LogEvent>>([
  ['header', Header],
  ['case', CaseStarted],
  ['trace', TraceLogged],
  ['verdict', CaseJudged],
  ['footer', Footer],
]);

/** Longest piece of a bad log that is quoted in a message. */
const QUOTE_MAX = 80;

/**
 * The event with its keys in the order of the schema and nothing that the schema does not know.
 * Throws `LogError` naming the first field that is wrong and what was expected there.
 */
export function checkEvent(value: unknown, place: LogPlace): LogEvent {
  if (!isObject(value)) throw errorAt(place, `expected a JSON object, received ${nameOf(value)}`);
  const { event, format } = value;
  const schema = SCHEMAS.get(event);
  if (!schema) {
    const known = [...SCHEMAS.keys()].join(', ');
    throw errorAt(place, `field event: expected one of ${known}, received ${nameOf(event)}`);
  }
  if (event === 'header' && format !== FORMAT_VERSION) {
    throw errorAt(place, `field format: expected ${FORMAT_VERSION}, received ${nameOf(format)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw errorAt(place, issue ? `field ${fieldOf(issue.path)}: ${expectationOf(issue.message)}` : 'not a valid event');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `findings[0].keyword` */
function fieldOf(path: readonly PropertyKey[]): string {
  const field = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
  return quoted(field);
}

/** `expected string, received number` */
function expectationOf(message: string): string {
  const text = message.replace(/^Invalid (input|option): /, '').replaceAll('"', "'");
  return quoted(text.charAt(0).toLowerCase() + text.slice(1));
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return value !== null && typeof value === 'object' ? 'an object' : quoted(JSON.stringify(value));
}

/** Bounded, and without characters that a terminal would obey. */
function quoted(text: string): string {
  const short = text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '�');
}
