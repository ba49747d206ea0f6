/**
 * House rules that no other tool checks: who imports whom, lengths of files, words that must not stay, names of files,
 * a catalogue that is up to date. Prints every breach; exits 1 if there is one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { forbiddenImports } from './arrows.ts';
import { catalogueTexts } from './catalogue-text.ts';

/** Lines a file may have. Tables and case files are read row by row, so they may be longer. */
const LINES_MAX = 400;
const LINES_MAX_TABLE = 600;
const WIDTH_MAX = 160;

const isTable = (path: string): boolean =>
  /(cases|reference-device)\/requirements\/|\.case\.ts$|driver-faults|device-faults|every-case\.ts$|golden|fixtures\//.test(
    path,
  );

/** Chores and the small programs that tests play with: they print, and nobody reads them as the tool. */
const isAside = (path: string): boolean => /^scripts\/|\/fixtures\//.test(path);

/** TODO is a word of TAP. */
const speaksTap = (path: string): boolean => /tap-report|answer-reader/.test(path);

/** Markup and style sheets in strings; breaking their lines would change what they say. */
const isMarkup = (path: string): boolean => /^reports\/html\/|-html\.ts$/.test(path);

const isCode = (path: string): boolean => /\.(ts|mjs|c|h|rs)$/.test(path);

/** A case and a monitor say nothing of the driver or the device that they are in front of: conditions, the world and controls do. */
const isNoJudge = (path: string): boolean => !/^cases\/(?!api\/|world\/|requirements\/)/.test(path);
const PROVISO = /\b(lazyUnmap|passthrough)\b|\bseen\.driver\b|\bconfig: \{[^}]*\bbypass: 0\b|\bwithout: \[/;

/** Words that must not stand, and the files in which they may. */
const BANNED: readonly (readonly [RegExp, string, (path: string) => boolean])[] = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'says that something is left undone', (path) => isAside(path) || speaksTap(path)],
  [/\b(it|describe|test)\.only\(/, 'leaves the other tests out', () => false],
  [
    /\b(it|describe|test|context)\.(skip|skipIf|runIf|todo)\(/,
    'skips a test by itself; needs() of scripts/test-tools does, and npm test tells of it',
    () => false,
  ],
  [/\bconsole\.log\(/, 'prints around the reporters', isAside],
  [PROVISO, 'is a proviso; see "Whose fault it was" in cases/WRITING.md', isNoJudge],
];

function breachesIn(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const breaches = path.endsWith('.ts') ? forbiddenImports(path, text) : [];
  const max = isTable(path) ? LINES_MAX_TABLE : LINES_MAX;
  if (lines.length - 1 > max && !path.endsWith('.test.ts'))
    breaches.push(`${path}: ${lines.length - 1} lines, limit ${max}`);
  if (!/^[A-Za-z0-9.-]+$/.test(path.split('/').at(-1) ?? '')) breaches.push(`${path}: file names are kebab-case`);
  for (const [index, line] of lines.entries()) {
    if (line.length > WIDTH_MAX && !isTable(path) && !isMarkup(path))
      breaches.push(`${path}:${index + 1}: ${line.length} columns, limit ${WIDTH_MAX}`);
    for (const [word, says, mayStand] of BANNED) {
      if (word.test(line) && !mayStand(path)) breaches.push(`${path}:${index + 1}: ${says}`);
    }
  }
  return breaches;
}

/** What a merge leaves where it could not decide. */
const isConflict = (path: string): boolean => /^(<{7}|>{7}) /m.test(readFileSync(path, 'utf8'));

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => existsSync(path));
const breaches = files.filter((path) => isCode(path)).flatMap((path) => breachesIn(path));
breaches.push(...files.filter((path) => isConflict(path)).map((path) => `${path}: a merge is not finished`));
for (const [path, text] of Object.entries(catalogueTexts())) {
  if (readFileSync(path, 'utf8') !== text) breaches.push(`${path} is out of date: npm run catalogue`);
}
for (const breach of breaches) console.error(breach);
process.exit(breaches.length > 0 ? 1 : 0);
