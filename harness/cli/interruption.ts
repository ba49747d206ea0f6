import { EXIT } from '../harness-error.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal signals the whole process group, and npm hands on to its child what it got itself: that is one wish, told twice. */
const ECHO_MS = 1000;

/**
 * Runs `work` with a signal that SIGINT, SIGTERM and SIGHUP abort, so that it can end in order. Whoever signals again, in
 * whichever way, does not want to wait for that.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  let firstAtMs: number | undefined;
  const interrupt = (): void => {
    const nowMs = performance.now();
    firstAtMs ??= nowMs;
    if (nowMs - firstAtMs > ECHO_MS) process.exit(EXIT.interrupted);
    interruption.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
