/** Brings a list of expected failures in line with a run. */
import { rootsOf } from '../../reports/record/root-findings.ts';
import type { CaseJudged } from '../../reports/record/model.ts';
import {
  ExpectationBook,
  inCatalogue,
  meantFor,
  parseExpectations,
  PROFILE_WORD,
  type RunFacts,
} from './expectations.ts';

export interface UpdatedExpectations {
  readonly text: string;
  readonly addedCount: number;
  readonly droppedCount: number;
}

/** What a list begins with that was not there before. */
const HEAD = '# Expected failures: <case glob>[@<requirement glob>]  [profile=<name>]  reason  [link]\n';

/** So much of a sentence goes into a new entry's reason. */
const REASON_LENGTH_MAX = 200;

/**
 * The list `text` after the run that gave `judged`: entries that came true, or whose cases were not all judged, stay as they
 * are, with the comments above them; stale and unmatched ones go, and a comment that is left without an entry with them;
 * failures that no entry covers are added at the end, a line for each variant and requirement. `name` is the file's name
 * for messages, `catalogue` every variant there is. Entries for other device profiles and driver versions than the
 * run's stay as they are; what is added names the profile unless it is `spec`. Throws `HarnessError` if `text` is not such a list.
 */
export function updatedExpectations(
  text: string,
  name: string,
  judged: readonly CaseJudged[],
  catalogue: readonly string[],
  run: RunFacts,
): UpdatedExpectations {
  const book = new ExpectationBook(inCatalogue(meantFor(run, parseExpectations(text, name)), catalogue));
  // An error of the harness says nothing of the driver, neither that it fails nor that it does not.
  const sound = judged.filter(({ verdict }) => verdict !== 'error');
  for (const it of sound) book.cover(it);
  const dropped = new Set(book.outdated().map(({ line }) => line));
  const condition = run.profile === 'spec' ? '' : `${PROFILE_WORD}${run.profile}  `;
  const added = sound.flatMap(({ id, findings }) =>
    rootsOf(findings)
      .filter((finding) => finding.verdict === 'fail' && !book.knows(id, finding))
      .map(({ requirement, says }) => [`${id}@${requirement}`, `${condition}new: ${inOneLine(says)}`] as const),
  );
  // Several judges may find the same requirement broken; the first one's sentence will do.
  const lines = [...new Map(added.toReversed())].toReversed().map((words) => words.join('  '));
  const kept = withoutLines(text === '' ? HEAD : text, dropped).trimEnd();
  return {
    text: `${[kept, lines.join('\n')].filter((part) => part !== '').join('\n\n')}\n`,
    addedCount: lines.length,
    droppedCount: dropped.size,
  };
}

/** A reason is one line, and its last word would be taken for a link if it looked like one. */
function inOneLine(says: string): string {
  const words = says.replace(/\s+/g, ' ').trim().slice(0, REASON_LENGTH_MAX).split(' ');
  const last = words.pop() ?? '';
  return [...words, last.startsWith('http') ? `(${last})` : last].join(' ');
}

/** Comments with the entries below them, or one blank line. */
interface Group {
  readonly lines: string[];
  entryCount: number;
  droppedCount: number;
}

/** `text` without the entries at these lines (from 1 on), and without what stood there for their sake alone. */
function withoutLines(text: string, dropped: ReadonlySet<number>): string {
  const out: string[] = [];
  let isAfterDrop = false;
  for (const { lines, entryCount, droppedCount } of groupsOf(text, dropped)) {
    if (entryCount > 0 && entryCount === droppedCount) isAfterDrop = true;
    else if (!(isAfterDrop && isBlank(lines[0] ?? '') && isBlank(out.at(-1) ?? ''))) {
      out.push(...lines);
      isAfterDrop = false;
    }
  }
  return out.join('\n');
}

function groupsOf(text: string, dropped: ReadonlySet<number>): Group[] {
  const groups: Group[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const isEntry = !isBlank(line) && !isComment(line);
    let group = groups.at(-1);
    const isNext = isBlank(line) || isBlank(group?.lines[0] ?? '') || (isComment(line) && (group?.entryCount ?? 0) > 0);
    if (group === undefined || isNext) {
      group = { lines: [], entryCount: 0, droppedCount: 0 };
      groups.push(group);
    }
    if (isEntry) group.entryCount++;
    if (dropped.has(index + 1)) group.droppedCount++;
    else group.lines.push(line);
  }
  return groups;
}

const isBlank = (line: string): boolean => line.trim() === '';

const isComment = (line: string): boolean => line.trim().startsWith('#');
