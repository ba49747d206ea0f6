/** VERSION: agreeing on a version and on capabilities, with which every connection begins. */
import { ERRNO } from './libc.ts';
import { MAX_VERSION_DATA_SIZE, max_data_xfer_size, max_dma_maps, max_msg_fds, pgsizes } from './limits.ts';
import { Version } from './messages.ts';
import { type Answer, refuse, type Refusal, type Request } from './request.ts';

const MAJOR = 0;
const MINOR = 1;

/** What this server can do, under the document's names. */
const CAPABILITIES = { max_msg_fds, max_data_xfer_size, max_dma_maps, pgsizes, write_multiple: true } as const;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The names in the client's `capabilities`; none when it sent no version data. */
function proposedNames(data: Uint8Array): ReadonlySet<string> | Refusal {
  if (data.byteLength === 0) return new Set();
  if (data.byteLength > MAX_VERSION_DATA_SIZE) return refuse(ERRNO.E2BIG, `${data.byteLength} bytes of version data`);
  if (data.at(-1) !== 0) return refuse(ERRNO.EINVAL, 'the version data does not end with a zero byte');
  let parsed: unknown;
  try {
    parsed = JSON.parse(utf8.decode(data.subarray(0, -1)));
  } catch {
    return refuse(ERRNO.EINVAL, 'the version data is not JSON in UTF-8');
  }
  if (!isObject(parsed)) return refuse(ERRNO.EINVAL, 'the version data is not a JSON object');
  const capabilities = parsed['capabilities'] ?? {};
  if (!isObject(capabilities)) return refuse(ERRNO.EINVAL, 'capabilities is not a JSON object');
  return new Set(Object.keys(capabilities));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the client's major version can be spoken; the document wants the connection closed if not. */
export const speaksMajor = (request: Request): boolean => Version.read(request.payload, 0).major === MAJOR;

/**
 * Answers VERSION. The reply names only capabilities that the client named, as the document demands;
 * for the others its defaults hold, which are within this server's limits except for `max_dma_maps`.
 */
export function agreeOnVersion({ payload, reply }: Request): Answer {
  const { minor } = Version.read(payload, 0);
  const at = payload.byteOffset + Version.size;
  const names = proposedNames(new Uint8Array(payload.buffer, at, payload.byteLength - Version.size));
  if ('errno' in names) return names;
  const capabilities = Object.fromEntries(Object.entries(CAPABILITIES).filter(([name]) => names.has(name)));
  Version.write(reply, 0, { major: MAJOR, minor: Math.min(minor, MINOR) });
  const json = new TextEncoder().encode(`${JSON.stringify({ capabilities })}\0`);
  new Uint8Array(reply.buffer, reply.byteOffset + Version.size).set(json);
  return Version.size + json.byteLength;
}
