/** Exit codes of the tool; frozen (guides/exit-codes.md). */
export const EXIT = {
  asExpected: 0,
  unexpected: 1,
  usage: 2,
  harnessError: 3,
  driverDidNotStart: 4,
  nothingExercised: 5,
  incomplete: 6,
  interrupted: 130,
} as const;

/** Exit codes of `bisect-step`, as `git bisect run` reads them; from 128 on it stops. */
export const BISECT = { good: 0, bad: 1, skip: 125, stop: 128 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something the user can put right. Printed as one sentence and a hint, never with a stack. */
export class HarnessError extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it: one sentence. */
  readonly hint: string | undefined;

  constructor(sentence: string, options: { exitCode?: ExitCode; hint?: string; cause?: unknown } = {}) {
    super(sentence, { cause: options.cause });
    this.name = 'HarnessError';
    this.exitCode = options.exitCode ?? EXIT.harnessError;
    this.hint = options.hint;
  }
}
