/** The built program. */
import { type ChildProcess, spawn } from 'node:child_process';

const TOOL = 'dist/harness/cli/main.js';

/** Starts it; nobody listens to what it says. */
export const startProgram = (words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [TOOL, ...words], { stdio: 'ignore', env: process.env });

/** How it ended: its exit code, or the name of a signal. */
export const endOf = (child: ChildProcess): Promise<number | string> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing')));

export const runProgram = (words: readonly string[]): Promise<number | string> => endOf(startProgram(words));
