/**
 * How the Linux kernel begins to say that something is wrong with it: the forms of its own code (6.12 and 7.3), since a module
 * may print any word.
 */

interface ReportForm {
  /** What found it. */
  readonly kind: string;
  /** Whether the kernel is at its end from there on, or its memory is not what it should be. */
  readonly isCrash: boolean;
  /** Whether it goes on behind its first backtrace, up to a line of `=`. */
  readonly untilRule?: true;
  /** What the first line begins with, as a regular expression; one of them is enough. */
  readonly begins: readonly string[];
}

export const REPORT_FORMS: readonly ReportForm[] = [
  {
    kind: 'panic',
    isCrash: true,
    begins: [String.raw`Kernel panic - not syncing: (?!softlockup|Hard LOCKUP|RCU Stall)`],
  },
  {
    kind: 'oops',
    isCrash: true,
    begins: [
      // What die() prints behind the name of an exception.
      String.raw`[^\r\n]{1,100}: [0-9a-f]{4,16} \[#\d+\]`,
      'Oops: ',
      'Internal error: ',
      'PANIC: double fault',
      'Unable to handle kernel ',
      'kernel BUG at ',
      'BUG: kernel NULL pointer dereference',
      'BUG: unable to handle ',
      String.raw`BUG: [\w ]{0,40}stack guard page was hit`,
    ],
  },
  {
    kind: 'KASAN',
    isCrash: true,
    untilRule: true,
    begins: ['BUG: KASAN: ', String.raw`KASAN: [^\r\n]{1,60} in range \[`],
  },
  { kind: 'KMSAN', isCrash: true, untilRule: true, begins: ['BUG: KMSAN: '] },
  { kind: 'KFENCE', isCrash: true, untilRule: true, begins: ['BUG: KFENCE: '] },
  { kind: 'page check', isCrash: true, begins: ['BUG: Bad (?:page|rss-counter) '] },
  { kind: 'slab check', isCrash: true, begins: [String.raw`BUG [\w.:-]{1,64} \([^()\r\n]{1,100}\): `] },
  { kind: 'lock check', isCrash: true, begins: ['BUG: (?:spin|rw)lock (?!lockup)'] },
  {
    kind: 'atomic context',
    isCrash: true,
    begins: ['BUG: scheduling while atomic', 'BUG: sleeping function called from invalid context'],
  },
  { kind: 'list check', isCrash: true, begins: ['list_(?:add|del) corruption', 'list_add double add: '] },
  { kind: 'refcount_t', isCrash: true, begins: ['refcount_t: '] },
  { kind: 'UBSAN', isCrash: false, begins: ['UBSAN: '] },
  { kind: 'KCSAN', isCrash: false, untilRule: true, begins: ['BUG: KCSAN: '] },
  {
    kind: 'lockdep',
    isCrash: false,
    begins: [
      'WARNING: possible (?:circular locking dependency|recursive locking|irq lock inversion dependency) detected',
      'WARNING: inconsistent lock state',
      String.raw`WARNING: \S{1,40}-safe -> \S{1,40}-unsafe lock order detected`,
      'WARNING: Nested lock was not taken',
      'WARNING: bad (?:unlock balance|contention) detected!',
      'WARNING: held lock freed!',
      'WARNING: lock held when returning to user space!',
      String.raw`WARNING: [^\r\n]{1,40} still has locks held!`,
      String.raw`\[ BUG: Invalid wait context \]`,
    ],
  },
  { kind: 'RCU', isCrash: false, begins: ['WARNING: suspicious RCU usage'] },
  { kind: 'DMA-API', isCrash: false, begins: [String.raw`DMA-API: \S{1,40} \S{1,60}: `] },
  { kind: 'object check', isCrash: false, begins: [String.raw`ODEBUG: [^\r\n]{1,60} \(active state`] },
  { kind: 'kmemleak', isCrash: false, begins: [String.raw`kmemleak: \d{1,9} new suspected memory leaks`] },
  {
    kind: 'warning',
    isCrash: false,
    begins: [
      String.raw`WARNING: CPU: \d+ PID: \d+ at `,
      String.raw`WARNING: [^\r\n]{0,200}\bat [^\r\n]{1,200}, CPU#\d+: `,
    ],
  },
];

/** What stands before the words of a line of the kernel's: level, time and caller, as far as they are switched on. */
export const LINE_BEGINNING = String.raw`^(?:<\d>)?(?:[^\r\n]{0,100}?\[ *\d+\.\d+\])?(?:\[ *[TC]\d+\])? *`;
