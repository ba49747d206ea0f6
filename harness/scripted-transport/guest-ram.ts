/** The client's memory files, mapped into this process. */
import { fstatSync } from 'node:fs';
import {
  ERRNO,
  errno,
  LARGEST_VIEW,
  libc,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  viewOf,
} from './libc.ts';
import { refuse, type Refusal } from './request.ts';

const READ_WRITE = PROT_READ | PROT_WRITE;

/** A file that is mapped from its first byte on, once, for as many windows as lie in it. */
export interface SharedFile {
  readonly bytes: Uint8Array;
  /** Gives the mapping back; to be called once for each `share`. */
  release(): void;
}

interface Mapping {
  readonly address: number;
  readonly bytes: Uint8Array;
  userCount: number;
}

/**
 * Memory files by device and inode. A file stays mapped after its descriptor is closed.
 *
 * A window beyond the end of its file is refused, since touching it would end this process with SIGBUS. A client that
 * shortens its file afterwards can still do that: QEMU seals its memfds against shrinking, other clients should.
 * A client can only do this to a harness that its own user started.
 */
export class GuestRam {
  readonly #mappings = new Map<string, Mapping>();

  /** Maps the file behind `descriptor`, of which `until` bytes must exist. The descriptor remains the caller's. */
  share(descriptor: number, until: bigint): SharedFile | Refusal {
    const { dev, ino, size, isRegular } = statOf(descriptor);
    if (!isRegular) return refuse(ERRNO.EINVAL, 'the descriptor is not a memory file');
    if (until > size) return refuse(ERRNO.EINVAL, `the window ends at ${until}, its file at ${size}`);
    if (until > BigInt(LARGEST_VIEW)) return refuse(ERRNO.ENOMEM, 'the window lies beyond 4 GiB of its file');
    const key = `${dev}:${ino}`;
    let mapping = this.#mappings.get(key);
    if (!mapping || BigInt(mapping.bytes.byteLength) < until) {
      const created = mapFile(descriptor, Math.min(Number(size), LARGEST_VIEW));
      if ('errno' in created) return created;
      mapping = created;
      this.#mappings.set(key, mapping);
    }
    return this.#use(key, mapping);
  }

  #use(key: string, mapping: Mapping): SharedFile {
    mapping.userCount++;
    return {
      bytes: mapping.bytes,
      release: () => {
        if (--mapping.userCount > 0) return;
        if (this.#mappings.get(key) === mapping) this.#mappings.delete(key);
        vacate(mapping);
      },
    };
  }
}

function statOf(descriptor: number): { dev: bigint; ino: bigint; size: bigint; isRegular: boolean } {
  const stat = fstatSync(descriptor, { bigint: true });
  return { dev: stat.dev, ino: stat.ino, size: stat.size, isRegular: stat.isFile() };
}

function mapFile(descriptor: number, size: number): Mapping | Refusal {
  const address = libc.mmap(0, size, READ_WRITE, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
  if (address < 0) return refuse(errno(), 'its file cannot be mapped for reading and writing');
  return { address, bytes: new Uint8Array(viewOf(address, size)), userCount: 0 };
}

/**
 * Lets go of the file but not of the addresses: untouched zero pages take its place. A view that outlives its window
 * would otherwise be a crash of the whole process. What is lost is address space, of which there are 128 TiB.
 */
function vacate({ address, bytes }: Mapping): void {
  const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
  if (libc.mmap(address, bytes.byteLength, READ_WRITE, flags, -1, 0) < 0) libc.munmap(address, bytes.byteLength);
}
