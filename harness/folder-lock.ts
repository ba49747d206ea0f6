/**
 * Locks on folders, by flock(2): the kernel takes a lock back when its holder ends, however it ends and in whichever
 * container it lived. Process ids would say nothing there: every container has a process 1 and a process 2 of its own.
 */
import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import koffi from 'koffi';

export interface FolderLock {
  /** Gives the lock back; a second call does nothing. */
  release(): void;
}

/** flock(2), of Linux and of the BSDs. */
const LOCK_EX = 2;
const LOCK_NB = 4;

type Flock = (descriptor: number, operation: number) => number;

let flock: Flock | undefined;

/** Node itself is linked against the C library: no file name is needed, whatever the distribution calls it. */
const loadFlock = (): Flock => koffi.load(null).func('int flock(int, int)');

/**
 * Takes the lock of the folder at `path`; undefined if somebody has it, or has taken the folder away. Throws what the file
 * system throws, and for one that has no locks.
 */
export function lockFolder(path: string): FolderLock | undefined {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (isTaken(descriptor) && isAt(path, fstatSync(descriptor))) return heldBy(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  closeSync(descriptor);
  return undefined;
}

function isTaken(descriptor: number): boolean {
  flock ??= loadFlock();
  if (flock(descriptor, LOCK_EX | LOCK_NB) === 0) return true;
  const errno = koffi.errno();
  if (errno === system.errno.EWOULDBLOCK) return false;
  throw Object.assign(new Error(`flock failed with errno ${errno}`), {
    errno: -errno,
    code: 'ENOLCK',
    syscall: 'flock',
  });
}

/** Whoever held the lock before may have removed the folder, and somebody may have made another one of that name. */
function isAt(path: string, { dev, ino }: Stats): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.dev === dev && there.ino === ino;
}

function heldBy(descriptor: number): FolderLock {
  let held = true;
  return {
    release: () => {
      if (held) closeSync(descriptor);
      held = false;
    },
  };
}
