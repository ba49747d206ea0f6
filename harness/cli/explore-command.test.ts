import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readEventLog } from '../../reports/record/event-log.ts';
import { program } from './program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-explore-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folder = '';
let corpus = '';
let number = 0;
beforeEach(() => {
  folder = join(scratch, `out-${number}`);
  corpus = join(scratch, `corpus-${number++}`);
});

let said = '';
async function viommuspec(...args: string[]): Promise<number> {
  said = '';
  return program(args, {
    columns: 100,
    colour: false,
    isLive: false,
    print: (text) => void (said += text),
    note: (line) => void (said += `${line}\n`),
    draw: () => {},
  });
}

const explored = (...args: string[]): Promise<number> =>
  viommuspec('explore', '--driver', 'sample', '--out', folder, '--corpus', corpus, ...args);
const replayed = (...args: string[]): Promise<number> =>
  viommuspec('replay', '--driver', 'sample', '--out', folder, ...args);
const log = (): ReturnType<typeof readEventLog> => readEventLog(join(folder, 'results.ndjson'));
const FIND = 'platform-free-unmapped-when-freed.json';

/** The text of every file that an exploration keeps. */
const kept = (): string[] =>
  ['stories', 'finds', 'state.json'].flatMap((name) => {
    const path = join(corpus, name);
    const files = name.endsWith('.json') ? [path] : readdirSync(path).map((file) => join(path, file));
    return files.toSorted((a, b) => a.localeCompare(b)).map((file) => readFileSync(file, 'utf8'));
  });

describe('explore', () => {
  it('leaves a log, reports, and a replay of what it has found', async () => {
    expect(await explored('--runs', '80', '--fault', 'unmap-never-sent')).toBe(1);
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
    const { cases, header } = log();
    expect(header.command).toContain('viommuspec explore');
    expect(
      cases.find(({ started }) => started.id === 'explore/platform-free-unmapped-when-freed')?.judgement,
    ).toMatchObject({
      verdict: 'fail',
      repeat: `npx viommuspec replay ${join(corpus, 'finds', FIND)} --driver sample --fault unmap-never-sent`,
    });
    expect(said).toContain('npx viommuspec explain platform/free/unmapped-when-freed');
    expect(await replayed(join(corpus, 'finds', FIND), '--fault', 'unmap-never-sent')).toBe(1);
    expect(await replayed(join(corpus, 'finds', FIND))).toBe(0);
  });

  it('ends as expected where nothing is wrong, and goes on where it stopped', async () => {
    expect(await explored('--runs', '20')).toBe(0);
    const count = readdirSync(join(corpus, 'stories')).length;
    expect(count).toBeGreaterThan(5);
    const state = readFileSync(join(corpus, 'state.json'), 'utf8');
    expect(await explored('--runs', String(count + 10), '--resume')).toBe(0);
    expect(readFileSync(join(corpus, 'state.json'), 'utf8')).not.toBe(state);
  });

  it('leaves the same corpus with two jobs as with one', async () => {
    const corpora: string[][] = [];
    for (const jobs of ['1', '2']) {
      rmSync(corpus, { recursive: true, force: true });
      expect(await explored('--runs', '8', '--jobs', jobs, '--fault', 'unmap-never-sent')).toBe(1);
      corpora.push(kept());
    }
    expect(corpora[1]).toEqual(corpora[0]);
    expect(corpora[0]!.length).toBeGreaterThan(5);
  });

  it('looks for what it is told to', async () => {
    const focus = ['--focus', 'iommu/prose/queues', '--focus', 'reorder-completions'];
    expect(await explored('--runs', '20', '--fault', 'queues-swapped', ...focus)).toBe(1);
    const [first] = log().cases;
    expect(first?.started.id).toMatch(/^explore\/iommu-prose-queues/);
    const drawn = readdirSync(join(corpus, 'stories')).map((name) =>
      readFileSync(join(corpus, 'stories', name), 'utf8'),
    );
    expect(drawn.filter((text) => !text.includes('reorder-completions'))).toEqual([]);
  });

  it.each([
    [['--focus', 'no/such*'], '--focus no/such* matches no requirement that is judged, and no device fault.'],
    [['--minutes', '0'], "--minutes is '0'; it has to be a whole number from 1 to 10000."],
    [['--driver', 'sample', '--driver', 'linux'], 'explore compares two drivers, and no more.'],
    [['--corpus', '/dev/null/x'], 'The corpus /dev/null/x cannot be used: '],
  ])('refuses %j with a sentence', async (args, sentence) => {
    expect(await explored('--runs', '1', ...args)).toBe(2);
    expect(said).toContain(sentence);
  });

  it('refuses a corpus with something else in it', async () => {
    expect(await explored('--runs', '2')).toBe(0);
    const path = join(corpus, 'finds', 'x.json');
    writeFileSync(path, '{"what":1}');
    expect(await explored('--runs', '1')).toBe(2);
    expect(said).toContain(`${path}: what: `);
  });

  it('repeats a find with all that its driver had', async () => {
    const traits = ['--fault', 'unmap-never-sent', '--fault', 'eventq-not-enabled', '--habit', 'attach-twice'];
    expect(await explored('--runs', '20', ...traits)).toBe(1);
    expect(log().cases[0]?.judgement?.repeat).toContain(traits.join(' '));
  });

  it.each(['', '--driver sample'])('says which driver did not start (%s beside it)', async (beside) => {
    const manifest = join(scratch, 'gone.json');
    const gone = { name: 'gone', version: '1', transports: ['pci'], topologies: ['viot'], verbs: ['start', 'stop'] };
    writeFileSync(manifest, JSON.stringify({ ...gone, command: ['/bin/false'] }));
    const drivers = [...beside.split(' ').filter((word) => word !== ''), '--driver', manifest];
    const place = ['--out', folder, '--corpus', corpus, '--runs', '1'];
    expect(await viommuspec('explore', ...drivers, ...place)).toBe(4);
    expect(said).toContain("The driver's program ended with exit code 1");
    expect(readEventLog(join(folder, 'results.ndjson')).footer).toMatchObject({ exitCode: 4 });
  });

  it('names a driver beside it that is none', async () => {
    const other = join('harness', 'drivers', 'shim', 'fixtures', 'nobody.json');
    expect(await explored('--runs', '1', '--driver', other)).toBe(2);
    expect(said).toContain('There is no driver');
  });
});

describe('replay', () => {
  it.each([
    [[], 'replay needs the files of the stories that it is to play.'],
    [['/nowhere.json'], 'The replay /nowhere.json cannot be read: '],
  ])('refuses %j with a sentence', async (args, sentence) => {
    expect(await replayed(...args)).toBe(2);
    expect(said).toContain(sentence);
  });
});
