/**
 * The event log of a run: one JSON object a line, written as things happen.
 * Header first, footer last; a log without a footer is of an incomplete run.
 * Reports read this and nothing else.
 */
import { z } from 'zod';

export const FORMAT_VERSION = 1;

/** Verdicts from best to worst; the worst of a case's judgements is the case's verdict. */
export const VERDICTS = ['pass', 'not-applicable', 'untested', 'warn', 'fail', 'error'] as const;
export const Verdict = z.enum(VERDICTS);
export type Verdict = z.infer<typeof Verdict>;

export const Keyword = z.enum(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY']);
export type Keyword = z.infer<typeof Keyword>;

/** `virtio`: the specification's own words. `implied`: prose, platform documents and agreed behaviour; scored apart. */
export const RequirementSource = z.enum(['virtio', 'implied']);

export const RequirementRow = z.object({
  id: z.string(),
  keyword: Keyword,
  source: RequirementSource,
  section: z.string(),
  /** File and line of the specification's sources, or the document or agreement on which the row rests. */
  reference: z.string().optional(),
  /** In our words. */
  says: z.string(),
  /** Whether this driver is bound by it at all. */
  applicable: z.boolean(),
  /** Why not, if it is not. */
  reason: z.string().optional(),
  /** Features and uses on which it rests, each with why it does not bind a driver that never takes it up. */
  uses: z.array(z.object({ use: z.string(), otherwise: z.string() })).optional(),
  /** Whether any case or monitor of this catalogue judges it. */
  judged: z.boolean(),
});
export type RequirementRow = z.infer<typeof RequirementRow>;

/** Part `index` of `count`, from 1 on, of a run that was split. */
export const Shard = z
  .object({ index: z.int().min(1), count: z.int() })
  .refine(({ index, count }) => index <= count, 'expected index to be at most count');
export type Shard = z.infer<typeof Shard>;

/** An entry of the user's list of expected failures. Globs, in which `*` stands for any run of characters. */
export const Expected = z.object({
  cases: z.string(),
  requirements: z.string(),
  profile: z.string().optional(),
  reason: z.string(),
  link: z.string().optional(),
  /** Line in the list, from 1 on. */
  line: z.number(),
  /** Variants of the catalogue that it means, run or not. */
  variantCount: z.number(),
});
export type Expected = z.infer<typeof Expected>;

/** Whose results these are in KernelCI's database, and of which of its builds, whose id begins with its own origin. */
export const Kcidb = z.object({
  origin: z
    .string()
    .regex(/^[a-z0-9_]{1,64}$/)
    .optional(),
  build: z
    .string()
    .regex(/^[a-z0-9_]+:[^\p{Cc}\p{Cf}\p{Cs}\s]{1,256}$/u)
    .optional(),
});
export type Kcidb = z.infer<typeof Kcidb>;

export const Header = z.object({
  event: z.literal('header'),
  format: z.literal(FORMAT_VERSION),
  tool: z.object({ name: z.string(), version: z.string() }),
  catalogue: z.object({ cases: z.number(), variants: z.number(), digest: z.string() }),
  requirementSet: z.string(),
  driver: z.object({
    name: z.string(),
    version: z.string(),
    configuration: z.string(),
    /** Named faults that were switched on in the sample driver. */
    faults: z.array(z.string()),
    /** What monitors have to know of the driver; false if left out. */
    lazyUnmap: z.boolean().optional(),
    passthrough: z.boolean().optional(),
    /** Forms of platform description that it reads; all of them if left out. */
    topologies: z.array(z.enum(['viot', 'device-tree', 'built-in-2019'])).optional(),
  }),
  /** What the device was like where a case did not say; `spec` if left out. */
  profile: z.string().optional(),
  seed: z.number(),
  /** What plays this run again; where its files went is left out. */
  command: z.string(),
  /** ISO 8601; one of the times that differ between equal runs. */
  startedAt: z.string(),
  /** Every variant of the run, of all its shards, in the order of playing. */
  plan: z.array(z.string()).optional(),
  /** Which of several runs of one command line this is: the name of its folder. */
  column: z.string().optional(),
  /** Which part of the plan this log is of; all of it if left out. */
  shard: Shard.optional(),
  kcidb: Kcidb.optional(),
  /** The user's list of expected failures; left out if there was none. */
  expectations: z.array(Expected).optional(),
  requirements: z.array(RequirementRow),
});
export type Header = z.infer<typeof Header>;

export const CaseStarted = z.object({
  event: z.literal('case'),
  /** `map/end-after-start:equal`; without `:…` if the case has one variant only. */
  id: z.string(),
  case: z.string(),
  variant: z.string(),
  title: z.string(),
  /** What is demanded of the driver, as a paragraph. */
  demands: z.string(),
  section: z.string(),
  requirements: z.array(z.string()),
  /** The machine as it was staged; 64-bit numbers are `0x…` strings. */
  setup: z.record(z.string(), z.unknown()).optional(),
});
export type CaseStarted = z.infer<typeof CaseStarted>;

/** A trace event as it stands in the log: 64-bit numbers are `0x…` strings. */
export interface LoggedTraceEvent {
  readonly kind: string;
  readonly seq: number;
  readonly [field: string]: unknown;
}

/** There are hundreds of thousands of them in a log, so this looks and does not copy. */
function isLoggedTraceEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'kind' in value && typeof value.kind === 'string' && 'seq' in value && typeof value.seq === 'number';
}

const LoggedTraceEvent = z.custom<LoggedTraceEvent>(
  isLoggedTraceEvent,
  'expected a trace event with kind, a string, and seq, a number',
);

export const TraceLogged = z.object({ event: z.literal('trace'), id: z.string(), events: z.array(LoggedTraceEvent) });
export type TraceLogged = z.infer<typeof TraceLogged>;

export const Finding = z.object({
  requirement: z.string(),
  keyword: Keyword,
  verdict: z.enum(['fail', 'warn']),
  /** One sentence with the observed and the allowed value. */
  says: z.string(),
  /** `seq` of the trace event that proves it. */
  at: z.number().optional(),
  /** What is wrong, where one requirement can be broken in several ways: a register, a type of request, a verb. */
  subject: z.string().optional(),
  /** An earlier breach of which this is a consequence: its requirement, and the `seq` of its event. Scored there, not here. */
  follows: z.object({ requirement: z.string(), at: z.number() }).optional(),
  /** The case or monitor that found it. */
  by: z.string(),
});
export type Finding = z.infer<typeof Finding>;

export const Judged = z.object({ requirement: z.string(), times: z.number(), held: z.boolean() });
export type Judged = z.infer<typeof Judged>;

/** What was judged of the driver of an endpoint, which is not the driver under test. */
export const EndpointJudged = z.object({
  slot: z.string(),
  /** What it drives: `virtio-rng`. */
  kind: z.string(),
  findings: z.array(Finding),
  judged: z.array(Judged),
});
export type EndpointJudged = z.infer<typeof EndpointJudged>;

export const CaseJudged = z.object({
  event: z.literal('verdict'),
  id: z.string(),
  verdict: Verdict,
  /** One sentence: the first and worst finding, what is missing, or what went wrong. */
  says: z.string(),
  findings: z.array(Finding),
  judged: z.array(Judged),
  /** Of the drivers of endpoints; scored apart, and no part of the verdict. */
  endpoints: z.array(EndpointJudged).optional(),
  /** Why nothing can be told of what the case itself asks, whatever was found beside it. */
  unanswered: z.string().optional(),
  /** Features, and what else requirements rest on, that the driver was offered here, and those that it took up. */
  offered: z.array(z.string()).optional(),
  taken: z.array(z.string()).optional(),
  /** Set if the user's list expects this case to fail. */
  expected: z.object({ reason: z.string(), link: z.string().optional() }).optional(),
  /** Set if the case is a draft: shown, and in no score. */
  draft: z.literal(true).optional(),
  /** The driver's own log, bounded. */
  driverLog: z.string(),
  /** The one command that repeats this case. */
  repeat: z.string(),
  durationMs: z.number(),
});
export type CaseJudged = z.infer<typeof CaseJudged>;

/** Requirements held / exercised / applicable / declared. */
export const Score = z.object({
  held: z.number(),
  exercised: z.number(),
  applicable: z.number(),
  declared: z.number(),
});
export type Score = z.infer<typeof Score>;

export const Scores = z.object({ must: Score, should: Score, implied: Score });
export type Scores = z.infer<typeof Scores>;

/** How the tool ends; guides/exit-codes.md says what each means. */
export const ExitCode = z.literal([0, 1, 2, 3, 4, 5, 6, 130]);
export type ExitCode = z.infer<typeof ExitCode>;

export const Footer = z.object({
  event: z.literal('footer'),
  counts: z.record(Verdict, z.number()),
  scores: Scores,
  /** Failures that no expectation covers, stale and unmatched expectations: one sentence each. */
  surprises: z.array(z.string()),
  interrupted: z.boolean(),
  /** Why the run ended before its time, or did not even start, if it was not interrupted. */
  stopped: z.string().optional(),
  /** Planned variants that were never judged; a run that has any is incomplete. */
  notRun: z.array(z.string()),
  exitCode: ExitCode,
  durationMs: z.number(),
});
export type Footer = z.infer<typeof Footer>;

export const LogEvent = z.discriminatedUnion('event', [Header, CaseStarted, TraceLogged, CaseJudged, Footer]);
export type LogEvent = z.infer<typeof LogEvent>;

/** One variant of a case with all that the log says of it. `judgement` is missing if the run ended before. */
export interface CaseRecord {
  readonly started: CaseStarted;
  readonly trace: readonly LoggedTraceEvent[];
  readonly judgement: CaseJudged | undefined;
}

/** A whole log, put together. `footer` is undefined for an incomplete run. */
export interface RunRecord {
  readonly header: Header;
  readonly cases: readonly CaseRecord[];
  readonly footer: Footer | undefined;
}
