/** Files by their address on the web: bounded in size and time, and kept in the cache. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { reasonOf } from '../../../reports/words/system-reason.ts';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { cachedPart, OFFLINE_VARIABLE, type Progress } from './cache-folder.ts';

const MIB = 2 ** 20;

export interface DownloadLimits {
  readonly mebibytes: number;
  readonly timeoutMs: number;
}

/** A debug kernel's modules have some 300 MiB. */
const LIMITS: DownloadLimits = { mebibytes: 2048, timeoutMs: 20 * 60_000 };

/** Whether `word` is the address of a file on the web. */
export const isAddress = (word: string): boolean => /^https?:\/\//i.test(word);

const failed = (sentence: string, cause?: unknown): HarnessError =>
  new HarnessError(sentence, {
    exitCode: EXIT.driverDidNotStart,
    hint: 'Download it yourself, and give the file.',
    cause,
  });

/**
 * The file at `address`, in the cache; fetched again only if the server says that it is another one. Throws a `HarnessError` if it
 * cannot be had within `limits`.
 */
export async function downloaded(
  address: string,
  cache: string,
  progress: Progress,
  limits: DownloadLimits = LIMITS,
): Promise<string> {
  if (!URL.canParse(address)) {
    throw new HarnessError(`'${address}' is no address.`, {
      exitCode: EXIT.usage,
      hint: 'One has a host and a path: https://HOST/build/bzImage.',
    });
  }
  if (process.env[OFFLINE_VARIABLE] === '1') throw failed(`${address} is not fetched (${OFFLINE_VARIABLE}=1).`);
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const signal = progress.signal ? AbortSignal.any([timeout, progress.signal]) : timeout;
  const response = await answerOf(address, signal);
  const facts = ['etag', 'last-modified', 'content-length'].map((name) => response.headers.get(name) ?? '');
  const hash = createHash('sha256')
    .update([address, ...facts].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const name = basename(new URL(address).pathname).replaceAll(/[^\w.-]/g, '_') || 'file';
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > limits.mebibytes * MIB) {
    void response.body?.cancel();
    throw failed(`${address} has ${Math.ceil(length / MIB)} MiB, and ${limits.mebibytes} MiB are fetched at most.`);
  }
  const make = async (folder: string): Promise<void> => {
    progress(`fetching ${address}`);
    await keep(response, join(folder, name), address, limits, signal);
  };
  const part = { name: `fetched-${hash}`, recipe: 'file, 1', neededMiB: Math.ceil(length / MIB) + 10, make };
  const folder = await cachedPart(cache, part, progress);
  if (!response.bodyUsed) void response.body?.cancel();
  return join(folder, name);
}

async function answerOf(address: string, signal: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(address, { signal, headers: { 'accept-encoding': 'identity' } });
    if (response.ok) return response;
    void response.body?.cancel();
    throw failed(`${address} cannot be fetched: the server answers ${response.status}.`);
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw failed(`${address} cannot be fetched: ${whyNot(error)}.`, error);
  }
}

const whyNot = (error: unknown): string =>
  reasonOf(error instanceof Error && error.cause !== undefined ? error.cause : error);

async function keep(
  response: Response,
  path: string,
  address: string,
  { mebibytes }: DownloadLimits,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      if (count > mebibytes * MIB) done(failed(`${address} has more than ${mebibytes} MiB.`));
      else done(undefined, chunk);
    },
  });
  try {
    const body = response.body ?? new ReadableStream();
    await pipeline(Readable.fromWeb(body), counter, createWriteStream(path), {
      signal,
    });
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw failed(`${address} was not fetched to its end: ${whyNot(error)}.`, error);
  }
  const announced = response.headers.get('content-length');
  if (announced !== null && Number(announced) !== count) throw failed(`${address} was not fetched to its end.`);
}
