/** Checks a single event of the log and says in one sentence what is wrong with it. */
import type { z } from 'zod';
import { errorAt, type LogPlace } from './log-error.ts';
import { CaseJudged, CaseStarted, FORMAT_VERSION, Footer, Header, type LogEvent, TraceLogged } from './model.ts';
import { plainly } from '../words/schema-words.ts';
import { issueOf, quoted } from './schema-issue.ts';

const SCHEMAS: ReadonlyMap<unknown, z.ZodType<LogEvent>> = new Map<unknown, z.ZodType<LogEvent>>([
  ['header', Header],
  ['case', CaseStarted],
  ['trace', TraceLogged],
  ['verdict', CaseJudged],
  ['footer', Footer],
]);

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
  const result = schema.safeParse(value, { error: plainly });
  if (result.success) return result.data;
  throw errorAt(place, issueOf(result.error) ?? 'not a valid event');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return value !== null && typeof value === 'object' ? 'an object' : quoted(JSON.stringify(value));
}
