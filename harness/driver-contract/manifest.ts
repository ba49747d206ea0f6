/** The JSON file by which a shim introduces itself. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { givenText } from '../given-file.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { type DriverIdentity, VERBS } from './driver-session.ts';
import { oneLine } from './printable-text.ts';
import type { ShimDeadlines } from './shim-session.ts';
import { jsonValue } from '../../reports/words/json-value.ts';
import { plainly } from '../../reports/words/schema-words.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';

const MAX_BYTES = 65_536;
const HINT = 'harness/driver-contract/VERBS.md describes every field and shows a whole manifest.';
const MAX_DEADLINE_MS = 600_000;

const text = z.string().min(1).max(200);
const word = z
  .string()
  .max(4096)
  .regex(/^[^\0]*$/, 'a text without NUL characters');
const deadlineMs = z.int().min(1).max(MAX_DEADLINE_MS);

/** A list in which nothing stands twice. */
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .min(1)
    .max(64)
    .refine((items) => new Set(items).size === items.length, 'each entry once only');

const Manifest = z.strictObject({
  name: text,
  version: text,
  /** Program and arguments; a program with a slash in it is relative to the manifest's folder. */
  command: z.array(word).min(1).max(256),
  transports: list(z.enum(['pci', 'mmio'])),
  topologies: list(z.enum(['viot', 'device-tree', 'built-in-2019'])),
  verbs: list(z.enum(VERBS)).refine(
    (verbs) => verbs.includes('start') && verbs.includes('stop'),
    'at least "start" and "stop", which every case needs',
  ),
  configuration: z.string().max(4096).default(''),
  lazyUnmap: z.boolean().default(false),
  passthrough: z.boolean().default(false),
  freshPciConfig: z.boolean().default(false),
  lineInterrupts: z.boolean().default(false),
  severalIommus: z.boolean().default(false),
  pciBridges: z.boolean().default(false),
  environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable's name"), word).default({}),
  deadlines: z.strictObject({ startMs: deadlineMs.optional(), answerMs: deadlineMs.optional() }).default({}),
});

/** A shim as its manifest describes it, with paths made absolute. */
export interface ShimManifest {
  readonly identity: DriverIdentity;
  readonly command: string;
  readonly args: readonly string[];
  /** The manifest's folder, in which the program runs. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly deadlines: ShimDeadlines;
}

/** Reads and checks a manifest. Rejects with a `HarnessError` that names the file, the field and what was expected. */
export async function readManifest(path: string): Promise<ShimManifest> {
  const parsed = Manifest.safeParse(readJson(path), { error: plainly });
  if (!parsed.success) throw wrong(path, firstIssue(parsed.error));
  const { command, environment, deadlines, ...identity } = parsed.data;
  const folder = resolve(dirname(path));
  const [program = '', ...args] = command;
  return { identity, command: await programPath(path, folder, program), args, folder, environment, deadlines };
}

function readJson(path: string): unknown {
  const read = jsonValue(givenText(path, 'The manifest', MAX_BYTES, HINT));
  if ('value' in read) return read.value;
  throw wrong(path, read.wrong);
}

/** The program with its folder; a bare name is left to PATH. */
async function programPath(path: string, folder: string, program: string): Promise<string> {
  if (program === '') throw wrong(path, 'has an empty text in field "command[0]", where a program is expected');
  if (!program.includes('/')) return program;
  const file = isAbsolute(program) ? program : resolve(folder, program);
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    throw wrong(path, `names in field "command[0]" a program that cannot be executed: ${reasonOf(error)}`);
  }
  return file;
}

/** The first issue as a half sentence; the others mostly follow from it. */
function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'is not a manifest';
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length > 0 ? ` in "${fieldName(issue.path)}"` : '';
    return `has an unknown field ${issue.keys.map((key) => JSON.stringify(oneLine(key, 60))).join(', ')}${where}`;
  }
  const expected = issue.message.replace(/^(Invalid [^:]*: )?(expected )?/, '');
  return issue.path.length === 0
    ? `is not a manifest: expected ${expected}`
    : `has a wrong field "${fieldName(issue.path)}": expected ${expected}`;
}

const fieldName = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${oneLine(String(part), 60)}`,
    )
    .join('');

function wrong(path: string, halfSentence: string): HarnessError {
  return new HarnessError(`The manifest ${path} ${halfSentence}.`, {
    exitCode: EXIT.usage,
    hint: HINT,
  });
}
