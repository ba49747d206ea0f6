/** Says of data from outside which field is wrong, and what was expected there. */
import type { z } from 'zod';

/** Longest piece of bad data that is quoted in a message. */
const QUOTE_MAX = 80;

/** `field findings[0].keyword: expected string, received number`, of the first thing that is wrong; without a field where all is. */
export function issueOf({ issues: [issue] }: z.ZodError): string | undefined {
  if (!issue) return undefined;
  const says = expectationOf(issue.message);
  return issue.path.length === 0 ? says : `field ${fieldOf(issue.path)}: ${says}`;
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
  return quoted(message.charAt(0).toLowerCase() + message.slice(1));
}

/** Bounded, and without characters that a terminal would obey. */
export function quoted(text: string): string {
  const short = text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX)}…` : text;
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '�');
}
