/**
 * JUnit XML in the dialect that CI systems really read: two levels, unique names, the message both as attribute and
 * as text, exact counters for each suite. A test case is named by its id alone, which stays the same when its title is
 * reworded; title and requirement are properties. Only what gates the exit code is a failure: warnings pass with a note,
 * untested cases are skipped with the reason. A run that is incomplete, or red for no single case, gets a test case of its
 * own. No test case names a file: Jenkins' schema has no such attribute, and readers look for it in the repository under
 * test, where the cases do not lie.
 */
import type { CaseRecord, RunRecord } from '../record/model.ts';
import type { Reporter } from '../reporter.ts';
import { headlineOf, headlineText } from '../headline.ts';
import { clipped, oneLine, tailOf } from '../printable.ts';
import {
  citation,
  bindingOf,
  conclusionOf,
  findingsOf,
  incompleteness,
  isIdle,
  isRedWithoutCause,
  neverStarted,
  type Outcome,
  originOf,
  outcomeOf,
  requirementsById,
  requirementSetName,
  sectionOf,
  sentenceOf,
} from '../run-view.ts';
import { uniqueNames } from '../unique-names.ts';
import { specificationUrl } from '../words/specification.ts';
import { element, type XmlAttributes, type XmlElement, xmlDocument } from './xml.ts';

const NAME_MAX = 300;
const MESSAGE_MAX = 1000;
const BODY_MAX = 8000;
const DRIVER_LOG_MAX = 8000;

type ResultKind = 'failure' | 'error' | 'skipped';

interface TestCase {
  readonly suite: string;
  readonly name: string;
  readonly durationMs: number;
  /** What the test case is about; readers show it, and let one search by it. */
  readonly properties?: Readonly<Record<string, string | undefined>>;
  /** Undefined for a test case that passed. */
  readonly result?: {
    readonly kind: ResultKind;
    readonly type: string;
    readonly message: string;
    readonly body: string;
  };
  readonly out?: string;
  readonly err?: string;
}

export const junitReport: Reporter = { fileName: 'junit.xml', render };

function render(run: RunRecord, baseline?: RunRecord): string {
  const testCases = testCasesOf(run);
  const suites = new Map<string, TestCase[]>();
  for (const testCase of testCases) suites.set(testCase.suite, [...(suites.get(testCase.suite) ?? []), testCase]);
  const { tool, driver } = run.header;
  const name = `${tool.name} ${tool.version}: ${driver.name} ${driver.version} against ${requirementSetName(run)}`;
  const uniqueName = uniqueNames((name, number) => `${name} (${number})`);
  const headline = headlineText(headlineOf(run, baseline));
  // No counts at this level: Jenkins' schema has none for what was skipped, without which readers take it for passed.
  const { time } = counters(testCases);
  return xmlDocument(
    element(
      'testsuites',
      { name: label(name), time },
      [...suites].map(([suite, members]) => suiteElement(run, suite, members, { uniqueName, headline })),
    ),
  );
}

function testCasesOf(run: RunRecord): TestCase[] {
  const cases = run.cases.map((record) => testCaseOf(run, record));
  for (const id of neverStarted(run)) {
    const message = 'The run ended before this case.';
    cases.push({
      suite: id.split('/')[0] ?? 'run',
      name: id,
      durationMs: 0,
      result: { kind: 'error', type: 'not-run', message, body: message },
    });
  }
  const incomplete = incompleteness(run);
  if (incomplete !== undefined) cases.push(wholeRun('error', 'incomplete', `INCOMPLETE. ${incomplete}`));
  else if (isRedWithoutCause(run)) {
    const sentences = [conclusionOf(run).says, ...(run.footer?.surprises ?? [])];
    const says = [...new Set(sentences)].join('\n');
    cases.push(isIdle(run) ? wholeRun('error', 'nothing-exercised', says) : wholeRun('failure', 'unexpected', says));
  }
  return cases;
}

function wholeRun(kind: ResultKind, type: string, says: string): TestCase {
  return { suite: 'run', name: 'the run as a whole', durationMs: 0, result: { kind, type, message: says, body: says } };
}

const KINDS: Readonly<Record<Outcome, ResultKind | undefined>> = {
  error: 'error',
  unfinished: 'error',
  fail: 'failure',
  untested: 'skipped',
  expected: 'skipped',
  'not-applicable': 'skipped',
  warn: undefined,
  pass: undefined,
};

const TYPES: Readonly<Partial<Record<Outcome, string>>> = {
  error: 'harness',
  unfinished: 'not-run',
  expected: 'expected-failure',
};

function testCaseOf(run: RunRecord, record: CaseRecord): TestCase {
  const { started, judgement } = record;
  const outcome = outcomeOf(record);
  const kind = KINDS[outcome];
  const evidence = evidenceOf(run, record);
  const [worst] = findingsOf(record);
  const type = TYPES[outcome] ?? (worst ? bindingOf(requirementsById(run), worst) : outcome);
  // A skipped test case shows nothing but its message, so the evidence goes where it can still be found.
  const inOut = outcome === 'warn' || outcome === 'expected';
  return {
    suite: started.section,
    name: started.id,
    durationMs: judgement?.durationMs ?? 0,
    properties: propertiesOf(run, record),
    ...(kind && { result: { kind, type, message: messageOf(record, outcome), body: evidence } }),
    ...(inOut && { out: `${messageOf(record, outcome)}\n${evidence}` }),
    ...(kind && judgement?.driverLog && { err: tailOf(judgement.driverLog, DRIVER_LOG_MAX) }),
  };
}

/** The title, and of the worst finding what it breaks and where that can be read; without one what is demanded. */
function propertiesOf(run: RunRecord, record: CaseRecord): NonNullable<TestCase['properties']> {
  const [worst] = findingsOf(record);
  const rows = requirementsById(run);
  const row = worst && rows.get(worst.requirement);
  return {
    title: record.started.title,
    requirement: worst?.requirement ?? record.started.requirements.join(' '),
    keyword: worst && bindingOf(rows, worst),
    section: worst && sectionOf(rows, worst.requirement),
    specification: row && specificationUrl(row),
    source: row && originOf(row),
  };
}

function messageOf(record: CaseRecord, outcome: Outcome): string {
  const says = sentenceOf(record);
  const expected = record.judgement?.expected;
  if (outcome === 'expected') return `failed as expected (${expected?.reason ?? ''}): ${says}`;
  return outcome === 'untested' || outcome === 'not-applicable' ? `${outcome.replace('-', ' ')}: ${says}` : says;
}

/** Sentence, findings with their requirements, what was demanded, and the command that repeats the case. */
function evidenceOf(run: RunRecord, record: CaseRecord): string {
  const rows = requirementsById(run);
  const findings = findingsOf(record).map((finding) => {
    const { says, at, by } = finding;
    return `${says}\n  ${citation(rows, finding)}\n  found by ${by}${at === undefined ? '' : ` at event ${at}`}`;
  });
  const isFound = findingsOf(record).some(({ says }) => says === sentenceOf(record));
  const lines = [...(isFound ? [] : [sentenceOf(record), '']), ...findings, '', `demanded: ${record.started.demands}`];
  if (record.judgement) lines.push(`repeat: ${record.judgement.repeat}`);
  return clipped(lines.join('\n'), BODY_MAX);
}

function suiteElement(
  run: RunRecord,
  suite: string,
  members: readonly TestCase[],
  { uniqueName, headline }: { readonly uniqueName: (name: string) => string; readonly headline: string },
): XmlElement {
  const { driver, seed, command, catalogue } = run.header;
  const properties = { driver: `${driver.name} ${driver.version}`, configuration: driver.configuration, seed };
  const all = {
    ...properties,
    headline,
    requirementSet: requirementSetName(run),
    command,
    catalogue: catalogue.digest,
  };
  return element(
    'testsuite',
    { name: label(suite), ...counters(members), timestamp: utcTimestamp(run.header.startedAt) },
    [propertiesElement(all), ...members.map((member) => testCaseElement(member, uniqueName))],
  );
}

function propertiesElement(properties: Readonly<Record<string, string | number | undefined>>): XmlElement {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  return element(
    'properties',
    {},
    given.map(([name, value]) => element('property', { name, value: label(String(value)) })),
  );
}

function testCaseElement(testCase: TestCase, uniqueName: (name: string) => string): XmlElement {
  const { suite, name, durationMs, properties, result, out, err } = testCase;
  const children: XmlElement[] = properties === undefined ? [] : [propertiesElement(properties)];
  if (result) {
    const message = clipped(oneLine(result.message), MESSAGE_MAX);
    const type = result.kind === 'skipped' ? undefined : result.type;
    children.push(element(result.kind, { type, message }, result.body));
  }
  if (out !== undefined) children.push(element('system-out', {}, withoutTags(out)));
  if (err !== undefined) children.push(element('system-err', {}, withoutTags(err)));
  return element(
    'testcase',
    {
      // Some readers make a tree of the dots in a class name.
      classname: `viommuspec.${label(suite).replaceAll('.', '_')}`,
      name: uniqueName(label(name)),
      time: seconds(durationMs),
    },
    children,
  );
}

/** Readers obey `[[ATTACHMENT|path]]` in what a test printed, and what a driver prints names no files of theirs. */
const withoutTags = (text: string): string => text.replaceAll('[[', '[ [');

const label = (text: string): string => clipped(oneLine(text), NAME_MAX) || '-';

function counters(members: readonly TestCase[]): XmlAttributes & { readonly skipped: number } {
  const count = (kind: ResultKind): number => members.filter(({ result }) => result?.kind === kind).length;
  return {
    tests: members.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    // Jenkins' schema takes three decimals here, and as many as one likes of a test case.
    time: seconds(
      members.reduce((sum, { durationMs }) => sum + finite(durationMs), 0),
      3,
    ),
  };
}

const finite = (ms: number): number => (Number.isFinite(ms) && ms > 0 ? ms : 0);
const seconds = (ms: number, decimals = 6): string => (finite(ms) / 1000).toFixed(decimals);

/** UTC without a zone, which is how the readers of this format take a time; undefined for what is no time. */
function utcTimestamp(iso: string): string | undefined {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 19);
}
