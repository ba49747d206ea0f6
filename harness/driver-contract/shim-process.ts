/** A shim's process with everything it starts: one process group that does not outlive the harness. */
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { reasonOf } from '../../reports/words/system-reason.ts';
import { parentWatch } from './parent-watch.ts';

export interface ShimProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the harness's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** How a process ended. `code` is undefined if a signal ended it, or if it could not be started at all. */
export interface ProcessEnd {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** Why it could not be started. */
  readonly startError: string | undefined;
}

export interface ShimProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Fulfilled when the shim's own process has ended, whoever may still hold its pipes; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Signals the whole group; harmless if nothing of it is left. */
  signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Leaders of the groups that are alive, so that none outlives an orderly exit of the harness. */
const livingGroups = new Set<number>();
let watchesExit = false;

/**
 * Starts `program` as the leader of a session and process group of its own, out of reach of the terminal's Ctrl-C.
 * Where util-linux's `setpriv` exists, the kernel kills the leader even if the harness is killed with SIGKILL. What the
 * leader has forked is then found by nobody: it ends when it notices that its pipes are closed.
 */
export function startShimProcess(program: ShimProgram): ShimProcess {
  const words = [program.command, ...program.args];
  const [file, ...args] = [...parentWatch(), ...words];
  if (file === undefined) throw new Error('assertion: there is no program to start');
  const child = execa(file, args, {
    cwd: program.cwd,
    env: program.env,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    encoding: 'buffer',
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  const group = child.pid;
  if (group !== undefined) rememberGroup(group);
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (group !== undefined) signalIfAlive(group, signal);
  };
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? undefined, signal: signal ?? undefined, startError: undefined });
    });
    // A program that cannot be started has no 'exit'.
    void child.then((result) =>
      resolve({
        code: result.exitCode,
        signal: result.signal,
        startError: result.failed ? reasonOf(result.cause ?? result.originalMessage) : undefined,
      }),
    );
  }).then((end) => {
    signalGroup('SIGKILL');
    if (group !== undefined) livingGroups.delete(group);
    return end;
  });
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, signalGroup };
}

function rememberGroup(group: number): void {
  livingGroups.add(group);
  if (watchesExit) return;
  watchesExit = true;
  process.on('exit', () => {
    for (const living of livingGroups) signalIfAlive(living, 'SIGKILL');
  });
}

function signalIfAlive(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nothing is left of the group. EPERM: what is left has changed its user, and is beyond us.
  }
}
