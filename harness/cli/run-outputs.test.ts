/** What a run leaves never speaks of another one, and never of more than there was. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fixtureHeader } from '../../reports/fixtures/synthetic-run.ts';
import { FORMATS, REPORT_FILES } from '../../reports/index.ts';
import { readEventLog } from '../../reports/record/event-log.ts';
import { lockFolder } from '../folder-lock.ts';
import { startHolder } from '../fixtures/holder.ts';
import { program } from './program.ts';

/** What is left of the run before, for what changed since. */
const PREVIOUS = 'previous.ndjson.gz';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-outputs-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ALL_FORMATS = Object.keys(FORMATS).flatMap((name) => ['--format', name]);

let folder = '';
let number = 0;
beforeEach(() => (folder = join(scratch, String(number++))));

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

const run = (...args: string[]): Promise<number> => viommuspec('run', '--out', folder, ...ALL_FORMATS, ...args);
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const log = (): ReturnType<typeof readEventLog> => readEventLog(join(folder, 'results.ndjson'));

/** A run into the folder that was as good as can be, and pages about it. */
async function leaveGoodRun(): Promise<void> {
  expect(await run('--driver', 'sample', '--case', 'dma/after-unmap')).toBe(0);
  for (const name of ['matrix.md', 'scoreboard.html', 'comparison.html', 'report.html.tmp']) {
    writeFileSync(join(folder, name), 'of the good run');
  }
}

/** Without the places at which lines may be broken. */
const unbroken = (text: string): string => text.replaceAll(/\s/g, '');

/** No report is of the good run, and each says that the run did not come to its end, and why. */
function expectStopped(why: string): void {
  for (const name of REPORT_FILES) expect(file(name)).toMatch(/incomplete/i);
  const withSentence = REPORT_FILES.filter((name) => !name.startsWith('badge'));
  for (const name of withSentence) {
    expect(unbroken(file(name).replaceAll('&#39;', "'").replaceAll('&apos;', "'"))).toContain(unbroken(why));
  }
  expect(file('junit.xml')).toContain('<error type="incomplete"');
  expect(file('results.tap')).toMatch(/^Bail out! INCOMPLETE/m);
  expect(readdirSync(folder).toSorted()).toEqual([...REPORT_FILES, PREVIOUS, 'results.ndjson'].toSorted());
}

describe('after a good run into the same folder', () => {
  const manifest = join(scratch, 'false.json');
  beforeAll(() => {
    const verbs = ['start', 'stop'];
    const shim = { name: 'x', version: '1', command: ['/bin/false'], transports: ['pci'], topologies: ['viot'], verbs };
    writeFileSync(manifest, JSON.stringify(shim));
  });
  afterEach(() => vi.unstubAllEnvs());

  it('a driver that does not start leaves reports that say so', async () => {
    await leaveGoodRun();
    expect(await run('--driver', manifest)).toBe(4);
    expectStopped('The run did not start: ');
    expect(log()).toMatchObject({ cases: [], footer: { exitCode: 4 }, header: { driver: { name: manifest } } });
    expect(log().footer?.notRun.length).toBeGreaterThan(100);
    expect(await viommuspec('report', folder)).toBe(4);
  });

  it.each([
    [['--driver', 'sample', '--case', 'nothing/*'], 'The run did not start: No case matches'],
    [['--driver', 'nowhere.json'], "There is no driver 'nowhere.json'"],
    [['--driver', 'sample', '--spec', '9', '--seed', 'x'], "The run did not start: --seed is 'x'"],
    [['--kernel', 'trixie', '--kernel', 'bookwrm'], "--kernel is 'bookwrm'"],
  ])('a command line that cannot be carried out does: %j', async (args, why) => {
    await leaveGoodRun();
    expect(await run(...args)).toBe(2);
    expectStopped(why);
    expect(log().footer?.exitCode).toBe(2);
  });

  it('a harness that cannot do its work does', async () => {
    await leaveGoodRun();
    const deep = join(scratch, 'x'.repeat(100));
    mkdirSync(deep);
    vi.stubEnv('TMPDIR', deep);
    expect(await run('--driver', manifest)).toBe(3);
    expectStopped('has more than 107 bytes');
  });

  it('a run in which nothing is exercised does, in a way that no reader takes for good', async () => {
    await leaveGoodRun();
    expect(await run('--driver', 'sample', '--case', 'experimental/*')).toBe(5);
    expect(file('junit.xml')).toContain('<error type="nothing-exercised"');
    expect(file('results.tap')).toMatch(/^not ok .* the run as a whole$/m);
    for (const name of REPORT_FILES) expect(file(name)).toMatch(/nothing (was )?exercised/i);
    expect(existsSync(join(folder, 'matrix.md'))).toBe(false);
  });

  it('a run that is killed leaves nothing of the good one, and a log that can be read', async () => {
    await leaveGoodRun();
    const child = spawn('node', [
      '--import',
      'tsx',
      'harness/cli/main.ts',
      'run',
      '--driver',
      'sample',
      '--out',
      folder,
    ]);
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(readdirSync(folder)).toEqual([PREVIOUS, 'results.ndjson']);
    expect(log().footer).toBeUndefined();
    expect(await viommuspec('report', folder)).toBe(6);
    expect(file('junit.xml')).toContain('<error type="incomplete"');
  });

  it('a merge that fails does, whatever it fails of', async () => {
    await leaveGoodRun();
    expect(await viommuspec('merge', 'package.json', '--out', folder, ...ALL_FORMATS)).toBe(2);
    expectStopped('package.json, line 1: expected one JSON object');
  });
});

describe('a folder into which somebody is writing', () => {
  it('is refused in a sentence, and nothing in it is touched', async () => {
    await leaveGoodRun();
    const before = readdirSync(folder).map((name) => [name, file(name)]);
    const holder = await startHolder(folder);
    for (const args of [
      ['run', '--driver', 'sample', '--out', folder],
      ['report', folder],
      ['merge', 'package.json', '--out', folder],
    ]) {
      expect(await viommuspec(...args)).toBe(2);
      expect(said).toBe(
        `viommuspec: Another run is writing into ${folder}.\n  Wait for it, or name another folder with --out.\n`,
      );
    }
    expect(readdirSync(folder).map((name) => [name, file(name)])).toEqual(before);
    await holder.kill();
    expect(await viommuspec('report', folder)).toBe(0);
  });

  it('is free again after a run, whatever became of it', async () => {
    await run('--driver', 'nowhere.json');
    const lock = lockFolder(folder);
    expect(lock).toBeDefined();
    lock?.release();
  });
});

function leaveColumn(name: string, column?: string): void {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'results.ndjson'), `${JSON.stringify({ ...fixtureHeader, ...(column && { column }) })}\n`);
  writeFileSync(join(own, 'junit.xml'), 'old');
}

describe('the folders of columns', () => {
  it('go with the run that made them, and no others', async () => {
    leaveColumn('lazy', 'lazy');
    leaveColumn('mine');
    leaveColumn('moved', 'packed');
    leaveColumn('with-notes', 'with-notes');
    writeFileSync(join(folder, 'with-notes/notes.txt'), 'mine');
    mkdirSync(join(folder, 'empty'));
    await run('--driver', 'sample', '--case', 'dma/after-unmap');
    expect(
      readdirSync(folder)
        .filter((name) => !name.includes('.'))
        .toSorted(),
    ).toEqual(['empty', 'mine', 'moved', 'with-notes']);
    expect(readdirSync(join(folder, 'mine')).toSorted()).toEqual(['junit.xml', 'results.ndjson']);
    expect(readdirSync(join(folder, 'with-notes'))).toEqual(['notes.txt']);
  });

  it('stay where their logs are merged', async () => {
    leaveColumn('lazy', 'lazy');
    await viommuspec('merge', join(folder, 'lazy'), '--out', folder);
    expect(existsSync(join(folder, 'lazy/results.ndjson'))).toBe(true);
  });
});

describe('a folder that cannot be written', () => {
  it.each([
    ['/proc/x/y', 'no such file or directory'],
    ['package.json', 'file already exists'],
    ['package.json/x', 'not a directory'],
  ])('%s is refused with the reason', async (out, reason) => {
    expect(await viommuspec('run', '--driver', 'sample', '--out', out)).toBe(2);
    expect(said).toContain(`cannot be written: ${reason}.`);
    expect(said).not.toMatch(/^ +at /m);
  });

  it('is refused where it has no name', async () => {
    expect(await viommuspec('run', '--driver', 'sample', '--out', '')).toBe(2);
    expect(said).toContain('--out is empty; it has to name a folder.');
  });

  it('is refused where a report cannot be replaced', async () => {
    mkdirSync(join(folder, 'report.html'), { recursive: true });
    expect(await run('--driver', 'sample')).toBe(2);
    expect(said).toContain(`The folder ${folder} cannot be written: illegal operation on a directory.`);
  });
});

it('takes a link to a log as a link, and leaves what it leads to', async () => {
  const elsewhere = join(scratch, 'precious.ndjson');
  writeFileSync(elsewhere, 'precious');
  mkdirSync(folder);
  symlinkSync(elsewhere, join(folder, 'results.ndjson'));
  await run('--driver', 'sample', '--case', 'dma/after-unmap');
  expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
  expect(dirname(elsewhere)).toBe(scratch);
});
