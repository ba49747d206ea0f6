import type { DeviceFault, RequestName } from '../api/index.ts';

type Strike = Omit<DeviceFault, 'request' | 'nth'>;

const refusal = (status: number): readonly Strike[] => [{ name: 'status-of-request', status }];

/** What a device can answer to one request, beside what it should. */
export const ANSWERS = {
  IOERR: refusal(1),
  UNSUPP: refusal(2),
  DEVERR: refusal(3),
  INVAL: refusal(4),
  RANGE: refusal(5),
  NOENT: refusal(6),
  FAULT: refusal(7),
  NOMEM: refusal(8),
  undefined: refusal(0x42),
  unwritten: [{ name: 'zero-used-length' }],
  short: [{ name: 'short-used-length' }],
  long: [{ name: 'long-used-length' }],
  late: [{ name: 'withhold-completion' }],
  'out-of-order': [{ name: 'withhold-completion' }, { name: 'reorder-completions' }],
  twice: [{ name: 'duplicate-used-entry' }],
  'after-a-foreign-one': [{ name: 'foreign-used-id' }],
  never: [{ name: 'never-complete' }],
} as const satisfies Readonly<Record<string, readonly Strike[]>>;

export type AnswerName = keyof typeof ANSWERS;

/** `OK`, `NOMEM` or the like; `status 0x42` for one that has no name. */
export function statusName(status: number): string {
  if (status === 0) return 'OK';
  const [name] = Object.entries(ANSWERS).find(([, [strike]]) => 'status' in strike && strike.status === status) ?? [];
  return name === undefined || name === 'undefined' ? `status 0x${status.toString(16)}` : name;
}

/** Answers by which a device means harm. */
const HOSTILE: ReadonlySet<AnswerName> = new Set(['twice', 'after-a-foreign-one', 'never']);

/** One row of a sweep: the `nth` request of a type is answered in one way. */
export interface Row {
  readonly request: RequestName;
  readonly nth: number;
  readonly answer: AnswerName;
  readonly hostile: boolean;
  readonly faults: readonly DeviceFault[];
}

const ORDINALS = ['first', 'second', 'third'] as const;

function row(request: RequestName, nth: number, answer: AnswerName): Row {
  const faults = ANSWERS[answer].map((strike) => ({ ...strike, request, nth }));
  return { request, nth, answer, hostile: HOSTILE.has(answer), faults };
}

/** Every answer to each of the first `count` (up to three) requests of a type; names such as `second-MAP-late`. */
export function rowsFor(request: RequestName, count: number): Readonly<Record<string, Row>> {
  const answers = Object.keys(ANSWERS) as AnswerName[];
  const rows = ORDINALS.slice(0, count).flatMap((ordinal, index) =>
    answers.map((answer) => [`${ordinal}-${request}-${answer}`, row(request, index + 1, answer)] as const),
  );
  return Object.fromEntries(rows);
}
