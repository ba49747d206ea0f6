/**
 * The user's list of expected failures, a line each:
 *
 *     <case glob>[@<requirement glob>]  [profile=<name>] [version>=<number>] [release=<glob>]  reason in words  [https://link]
 *
 * `*` stands for any run of characters. With `@` only findings against those requirements are expected, so that a
 * new failure in the same case still shows. With `profile=` the entry means runs with that device profile, with `version`
 * and `<`, `<=`, `>` or `>=` (twice for a range) drivers of such a version, with `release=` those whose whole version
 * matches, such as `*-arm64`; for others it is not there. An entry that no longer fails is stale, one that matches no
 * case is unmatched; both fail the run.
 */
import { rootsOf } from '../../reports/record/root-findings.ts';
import { isProfileName, PROFILES, type ProfileName } from '../../reference-device/profiles.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { CaseJudged, Expected, Finding } from '../../reports/record/model.ts';
import { isVersionWord, meetsCondition, type VersionCondition, versionCondition } from './version-condition.ts';

export interface Expectation {
  readonly cases: string;
  readonly requirements: string;
  /** Every profile if left out. */
  readonly profile?: ProfileName;
  /** All of them have to hold. */
  readonly versions: readonly VersionCondition[];
  /** Glob of the driver's whole version; every one if left out. */
  readonly release?: string;
  readonly reason: string;
  readonly link?: string;
  /** Line in the file, from 1 on. */
  readonly line: number;
}

const LINES_MAX = 10_000;

/** Begins the word that names a device profile. */
export const PROFILE_WORD = 'profile=';
const RELEASE_WORD = 'release=';

/** Reads the list; `name` is the file's name for messages. */
export function parseExpectations(text: string, name: string): Expectation[] {
  const lines = text.split('\n');
  if (lines.length > LINES_MAX) throw usage(`${name} has more than ${LINES_MAX} lines.`);
  return lines.flatMap((raw, index) => {
    const line = raw.trim();
    return line === '' || line.startsWith('#') ? [] : [parseLine(line, name, index + 1)];
  });
}

function parseLine(line: string, name: string, number: number): Expectation {
  const [pattern = '', ...rest] = line.split(/\s+/);
  const link = rest.at(-1)?.startsWith('http') ? rest.pop() : undefined;
  const conditions = takeConditions(rest, `${name}, line ${number}`);
  const reason = rest.join(' ');
  const [cases = '', requirements = '*', ...more] = pattern.split('@');
  if (cases === '' || requirements === '' || more.length > 0) {
    throw usage(`${name}, line ${number}: '${pattern}' is not <case glob>[@<requirement glob>].`);
  }
  if (reason === '') {
    throw usage(`${name}, line ${number}: '${pattern}' has no reason; say in words why this failure is expected.`);
  }
  return { cases, requirements, ...conditions, reason, ...(link && { link }), line: number };
}

/** Takes the words before the reason; `place` is for messages. */
function takeConditions(words: string[], place: string): Pick<Expectation, 'profile' | 'versions' | 'release'> {
  let profile: ProfileName | undefined;
  let release: string | undefined;
  const versions: VersionCondition[] = [];
  for (let word = words[0]; word !== undefined; word = words[0]) {
    if (word.startsWith(PROFILE_WORD)) profile = profileIn(word, place);
    else if (word.startsWith(RELEASE_WORD)) release = word.slice(RELEASE_WORD.length);
    else if (isVersionWord(word)) versions.push(conditionIn(word, place));
    else break;
    words.shift();
  }
  return { ...(profile && { profile }), versions, ...(release !== undefined && { release }) };
}

function profileIn(word: string, place: string): ProfileName {
  const profile = word.slice(PROFILE_WORD.length);
  if (isProfileName(profile)) return profile;
  throw usage(`${place}: there is no profile '${profile}'; it can be ${Object.keys(PROFILES).join(', ')}.`);
}

function conditionIn(word: string, place: string): VersionCondition {
  const condition = versionCondition(word);
  if (condition) return condition;
  throw usage(`${place}: '${word}' is no condition on the driver's version; one looks like version>=6.16.`);
}

const usage = (sentence: string): HarnessError => new HarnessError(sentence, { exitCode: EXIT.usage });

/** Whether `text` matches `glob`, in which `*` stands for any run of characters. */
export function matchesGlob(glob: string, text: string): boolean {
  const pieces = glob.split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return text === glob;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  const last = pieces.at(-1) ?? '';
  return text.length - from >= last.length && text.endsWith(last);
}

/** What entries can depend on. */
export interface RunFacts {
  /** The device's. */
  readonly profile: ProfileName;
  /** The driver's. */
  readonly version: string;
}

/** The entries that a run is to obey. */
export const meantFor = (run: RunFacts, entries: readonly Expectation[]): Expectation[] =>
  entries.filter(
    ({ profile = run.profile, versions, release = '*' }) =>
      profile === run.profile &&
      versions.every((condition) => meetsCondition(run.version, condition)) &&
      matchesGlob(release, run.version),
  );

/** The entries with how much of the catalogue each means; `catalogue` is every variant there is, run or not. */
export function inCatalogue(entries: readonly Expectation[], catalogue: readonly string[]): Expected[] {
  return entries.map(({ cases, requirements, profile, reason, link, line }) => ({
    cases,
    requirements,
    ...(profile && { profile }),
    reason,
    ...(link && { link }),
    line,
    variantCount: catalogue.filter((id) => matchesGlob(cases, id)).length,
  }));
}

/** Keeps count of which entries came true. */
export class ExpectationBook {
  readonly entries: readonly Expected[];
  readonly #used = new Set<Expected>();
  /** Entries of which some case was judged. */
  readonly #judged = new Set<Expected>();
  readonly #seenCount = new Map<Expected, number>();

  constructor(entries: readonly Expected[]) {
    this.entries = entries;
  }

  /**
   * The entry that covers a case's failure, if every failing finding is covered; the first one's reason counts.
   * Also notes which entries were met, so it is to be called once for every case that was played.
   */
  cover({ id, verdict, findings }: Pick<CaseJudged, 'id' | 'verdict' | 'findings'>): Expected | undefined {
    const entries = this.entries.filter((entry) => matchesGlob(entry.cases, id));
    for (const entry of entries) {
      this.#seenCount.set(entry, (this.#seenCount.get(entry) ?? 0) + 1);
      if (verdict !== 'untested' && verdict !== 'not-applicable') this.#judged.add(entry);
    }
    const roots = rootsOf(findings);
    const covering = roots.map((finding) =>
      entries.find((entry) => matchesGlob(entry.requirements, finding.requirement)),
    );
    for (const entry of covering) if (entry) this.#used.add(entry);
    const failing = covering.filter((_, index) => roots[index]?.verdict === 'fail');
    return failing.length > 0 && failing.every((entry) => entry !== undefined) ? failing[0] : undefined;
  }

  /** Whether an entry expects this finding in this case. */
  knows(caseId: string, { requirement }: Finding): boolean {
    return this.entries.some(
      (entry) => matchesGlob(entry.cases, caseId) && matchesGlob(entry.requirements, requirement),
    );
  }

  /** Stale and unmatched entries, a sentence each. */
  complaints(): string[] {
    return this.outdated().map((entry) => {
      const name = `${entry.cases}${entry.requirements === '*' ? '' : `@${entry.requirements}`} (line ${entry.line})`;
      const why = entry.variantCount === 0 ? 'matches no case' : 'is stale: nothing it names failed';
      return `The expectation ${name} ${why}.`;
    });
  }

  /**
   * Stale and unmatched entries. What was not run may still fail, so an entry is stale once all that it means was; and so
   * may what could not be judged, if that is all of it.
   */
  outdated(): Expected[] {
    return this.entries.filter(
      (entry) =>
        entry.variantCount === 0 ||
        (this.#judged.has(entry) && !this.#used.has(entry) && (this.#seenCount.get(entry) ?? 0) >= entry.variantCount),
    );
  }
}
