/**
 * What the self-test leaves behind, as data: what of the specification the catalogue judges, and which planted mistakes it
 * catches. Reports read this and nothing else of the catalogue.
 */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { LogError } from './log-error.ts';
import { Keyword, RequirementSource } from './model.ts';
import { jsonValue } from '../words/json-value.ts';
import { plainly } from '../words/schema-words.ts';
import { reasonOf } from '../words/system-reason.ts';
import { issueOf } from './schema-issue.ts';

/** A requirement on drivers, and whether the catalogue judges it. */
export const CoveredRequirement = z.object({
  id: z.string(),
  keyword: Keyword,
  source: RequirementSource,
  section: z.string(),
  /** As in a log's header. */
  reference: z.string().optional(),
  /** In our words. */
  says: z.string(),
  coverage: z.enum(['judged', 'not-testable', 'missing']),
  /** Why nobody can judge it from outside, if nobody can. */
  reason: z.string().optional(),
});
export type CoveredRequirement = z.infer<typeof CoveredRequirement>;

/** A case or a monitor that has to find a planted mistake, and whether it did. */
export const Catch = z.object({
  judge: z.string(),
  requirement: z.string(),
  /** The variant in which it was caught, or null if it slipped through. */
  caughtIn: z.string().nullable(),
});
export type Catch = z.infer<typeof Catch>;

export const SelfTest = z.object({
  tool: z.object({ name: z.string(), version: z.string() }),
  /** Version of the specification. */
  revision: z.string(),
  catalogue: z.object({ cases: z.number(), variants: z.number(), digest: z.string() }),
  /** Those of the revision, in the order of the tables. */
  requirements: z.array(CoveredRequirement),
  /** Mistakes planted in the sample driver, one at a time. */
  faults: z.array(z.object({ name: z.string(), says: z.string(), catches: z.array(Catch) })),
  /** Legal drivers with what makes them unusual. */
  characters: z.array(z.object({ name: z.string(), habits: z.array(z.string()) })),
  /** What is wrong, a sentence each. */
  complaints: z.array(z.string()),
});
export type SelfTest = z.infer<typeof SelfTest>;

/** More than this is no self-test; bytes. */
const SIZE_MAX = 32 * 1024 * 1024;

/** The self-test at `path`. Throws a `LogError` that says in a sentence why there is none. */
export function readSelfTest(path: string): SelfTest {
  const read = jsonValue(textOf(path));
  if ('wrong' in read) throw notOne(path, `it ${read.wrong}`);
  const result = SelfTest.safeParse(read.value, { error: plainly });
  if (result.success) return result.data;
  throw notOne(path, issueOf(result.error) ?? 'it is not');
}

const notOne = (path: string, why: string): LogError =>
  new LogError(`${path}: expected the selftest.json of 'selftest --out'; ${why}.`);

function textOf(path: string): string {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new LogError(`${path} is not a file.`);
    if (stat.size > SIZE_MAX) throw new LogError(`${path}: longer than ${SIZE_MAX} bytes, which no self-test is.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw new LogError(`${path} cannot be read: ${reasonOf(error)}.`);
  }
}
