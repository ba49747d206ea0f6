/** Unix stream sockets that carry descriptors. Nothing here blocks. */
import { HarnessError } from '../harness-error.ts';
import {
  AF_UNIX,
  ERRNO,
  errno,
  libc,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  nativeBlock,
  SCM_RIGHTS,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './libc.ts';

const SOCKADDR_SIZE = 110;
const PATH_OFFSET = 2;
/** In bytes, without the terminating zero. */
const MAX_PATH_SIZE = SOCKADDR_SIZE - PATH_OFFSET - 1;
/** One client is served at a time; another may wait. */
const BACKLOG = 4;

/** Listens at `path`, which must not exist. Throws a HarnessError if the kernel does not want it. */
export function listenAt(path: string): number {
  const name = Buffer.from(path);
  if (name.byteLength > MAX_PATH_SIZE) {
    throw new HarnessError(`The socket path ${path} has more than ${MAX_PATH_SIZE} bytes.`, {
      hint: 'Let TMPDIR name a folder with a shorter path.',
    });
  }
  const address = nativeBlock(SOCKADDR_SIZE);
  address.view.setUint16(0, AF_UNIX, true);
  address.bytes.set(name, PATH_OFFSET);
  const socket = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0 || libc.bind(socket, address.address, SOCKADDR_SIZE) < 0 || libc.listen(socket, BACKLOG) < 0) {
    const reason = errno();
    if (socket >= 0) libc.close(socket);
    throw new HarnessError(`No socket could be opened at ${path} (errno ${reason}).`);
  }
  return socket;
}

const PASSING: ReadonlySet<number> = new Set([ERRNO.EAGAIN, ERRNO.EINTR, ERRNO.ECONNABORTED]);

/** Accepts a waiting client; undefined if it has gone. Throws a HarnessError when descriptors run out. */
export function acceptFrom(listener: number): number | undefined {
  const socket = libc.accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket >= 0) return socket;
  if (PASSING.has(errno())) return undefined;
  throw new HarnessError(`A client could not be accepted (errno ${errno()}).`);
}

// struct msghdr, its one iovec and the control buffer, in one block.
const MSG = { IOV: 16, IOV_COUNT: 24, CONTROL: 32, CONTROL_SIZE: 40, FLAGS: 48 } as const;
const IOVEC_AT = 64;
const CONTROL_AT = 128;
const CMSG = { SIZE: 0, LEVEL: 8, TYPE: 12, DATA: 16 } as const;
/** The kernel passes at most 253 descriptors at once: there is room for all, so that none is lost. */
const CONTROL_CAPACITY = CMSG.DATA + 4 * 256;

/** What a receive brought. `size` 0 with state `data` cannot be. */
export interface Received {
  readonly state: 'data' | 'nothing' | 'end';
  readonly size: number;
  readonly descriptors: readonly number[];
  /** The kernel had to drop descriptors: this process has too many. */
  readonly descriptorsLost: boolean;
}

const NO_DESCRIPTORS: readonly number[] = [];

/** Receives bytes and descriptors; one for all sockets of a thread. */
export class Receiver {
  readonly #block = nativeBlock(CONTROL_AT + CONTROL_CAPACITY);

  constructor() {
    const { view, address } = this.#block;
    view.setBigUint64(MSG.IOV, BigInt(address + IOVEC_AT), true);
    view.setBigUint64(MSG.IOV_COUNT, 1n, true);
    view.setBigUint64(MSG.CONTROL, BigInt(address + CONTROL_AT), true);
  }

  /**
   * Takes what has arrived, up to `capacity` bytes, to `address`.
   * The kernel ends a receive behind a piece that carries descriptors: they belong to the last byte that was received.
   */
  receive(socket: number, address: number, capacity: number): Received {
    const { view } = this.#block;
    view.setBigUint64(IOVEC_AT, BigInt(address), true);
    view.setBigUint64(IOVEC_AT + 8, BigInt(capacity), true);
    view.setBigUint64(MSG.CONTROL_SIZE, BigInt(CONTROL_CAPACITY), true);
    view.setUint32(MSG.FLAGS, 0, true);
    const size = libc.recvmsg(socket, this.#block.address, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) {
      const state = errno() === ERRNO.EAGAIN || errno() === ERRNO.EINTR ? 'nothing' : 'end';
      return { state, size: 0, descriptors: NO_DESCRIPTORS, descriptorsLost: false };
    }
    const descriptorsLost = (view.getUint32(MSG.FLAGS, true) & MSG_CTRUNC) !== 0;
    return { state: size > 0 ? 'data' : 'end', size, descriptors: this.#descriptors(), descriptorsLost };
  }

  #descriptors(): readonly number[] {
    const { view } = this.#block;
    const used = Number(view.getBigUint64(MSG.CONTROL_SIZE, true));
    if (used < CMSG.DATA) return NO_DESCRIPTORS;
    if (view.getUint32(CONTROL_AT + CMSG.LEVEL, true) !== SOL_SOCKET) return NO_DESCRIPTORS;
    if (view.getUint32(CONTROL_AT + CMSG.TYPE, true) !== SCM_RIGHTS) return NO_DESCRIPTORS;
    const until = Math.min(used, Number(view.getBigUint64(CONTROL_AT + CMSG.SIZE, true)));
    const descriptors: number[] = [];
    for (let at = CMSG.DATA; at + 4 <= until; at += 4) descriptors.push(view.getInt32(CONTROL_AT + at, true));
    return descriptors;
  }
}

/** Sends what the socket takes at once: the number of bytes, or undefined if the client has gone. */
export function sendSome(socket: number, address: number, size: number): number | undefined {
  const sent = libc.send(socket, address, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  return errno() === ERRNO.EAGAIN || errno() === ERRNO.EINTR ? 0 : undefined;
}
