/**
 * The C library's calls that Node has no door to: descriptors over sockets, poll, shared mappings, eventfds.
 * Linux, 64-bit: the figures and layouts are those of its x86-64 and arm64 ABI. Pointers are numbers (47 bits).
 */
import koffi from 'koffi';

/** Every call returns -1 on failure and leaves the reason in `errno()`. */
interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(socket: number, address: number, length: number): number;
  listen(socket: number, backlog: number): number;
  accept4(socket: number, address: number, length: number, flags: number): number;
  recvmsg(socket: number, header: number, flags: number): number;
  send(socket: number, data: number, length: number, flags: number): number;
  poll(entries: number, count: number, timeoutMs: number): number;
  read(descriptor: number, data: number, length: number): number;
  write(descriptor: number, data: number, length: number): number;
  close(descriptor: number): number;
  eventfd(initial: number, flags: number): number;
  fcntl(descriptor: number, command: number, argument: number): number;
  mmap(address: number, length: number, prot: number, flags: number, descriptor: number, offset: number): number;
  munmap(address: number, length: number): number;
}

const DECLARATIONS: Record<keyof Libc, string> = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, uintptr_t, uint)',
  listen: 'int listen(int, int)',
  accept4: 'int accept4(int, uintptr_t, uintptr_t, int)',
  recvmsg: 'int64_t recvmsg(int, uintptr_t, int)',
  send: 'int64_t send(int, uintptr_t, size_t, int)',
  poll: 'int poll(uintptr_t, uint64_t, int)',
  read: 'int64_t read(int, uintptr_t, size_t)',
  write: 'int64_t write(int, uintptr_t, size_t)',
  close: 'int close(int)',
  eventfd: 'int eventfd(uint, int)',
  fcntl: 'int fcntl(int, int, int)',
  // Signed, so that MAP_FAILED comes back as -1.
  mmap: 'intptr_t mmap(uintptr_t, size_t, int, int, int, int64_t)',
  munmap: 'int munmap(uintptr_t, size_t)',
};

// Node itself is linked against the C library: no file name is needed, whatever the distribution calls it.
const symbols = koffi.load(null);

/** The calls, by their C names and with their C arguments. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- koffi's functions are untyped; the declarations above say what they take
export const libc = Object.fromEntries(
  Object.entries(DECLARATIONS).map(([name, declaration]) => [name, symbols.func(declaration)]),
) as unknown as Libc;

/** The reason of this thread's last failed call, one of `ERRNO` or another number of errno(3). */
export const errno = (): number => koffi.errno();

/** errno(3), those that are sent or looked at here. */
export const ERRNO = {
  ENOENT: 2,
  EINTR: 4,
  E2BIG: 7,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  EINVAL: 22,
  ENOSPC: 28,
  ENOTSUP: 95,
  ECONNABORTED: 103,
} as const;

export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const SOL_SOCKET = 1;
export const SCM_RIGHTS = 1;
export const MSG_CTRUNC = 0x8;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CMSG_CLOEXEC = 0x40000000;
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const EFD_CLOEXEC = 0o2000000;
export const EFD_NONBLOCK = 0o4000;
export const F_SETFL = 4;
export const O_RDWR = 0o2;
export const O_NONBLOCK = 0o4000;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 0x1;
export const MAP_PRIVATE = 0x2;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;

/** The address of the first byte of `bytes`, valid while `bytes` is alive; it must not be a small array of its own. */
const addressOf = (bytes: Uint8Array): number => Number(koffi.address(bytes));

/** Memory with an address: what C reads and writes, JavaScript sees. Lives as long as the object does. */
export interface NativeBlock {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** `size` zero bytes that stay where they are: a buffer of its own is never moved by the collector. */
export function nativeBlock(size: number): NativeBlock {
  const buffer = new ArrayBuffer(size);
  const bytes = new Uint8Array(buffer);
  return { address: addressOf(bytes), bytes, view: new DataView(buffer) };
}

/**
 * JavaScript's view of `length` bytes at `address`, at most `LARGEST_VIEW`. Nothing is copied or owned:
 * an access after the memory was unmapped kills the process.
 */
export const viewOf = (address: number, length: number): ArrayBuffer => koffi.view(address, length);

/** Node 20 aborts the process when it is asked for a longer buffer. */
export const LARGEST_VIEW = 2 ** 32;
