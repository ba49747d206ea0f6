import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureSelfTest } from '../../reports/fixtures/self-test.ts';
import { readEventLog } from '../../reports/record/event-log.ts';
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import { sectionUrl, sourceUrl } from '../../reports/words/specification.ts';
import { COMMANDS } from './commands.ts';
import { program } from './program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-cli-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Where those write that are refused. */
const OUT = join(scratch, 'refused');
beforeAll(async () => void (await viommuspec('run', '--driver', 'sample', '--case', 'dma/after-unmap', '--out', OUT)));

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The program in this process, which takes a twentieth of the time of one of its own. */
async function viommuspec(...args: string[]): Promise<Answer> {
  let out = '';
  let err = '';
  const code = await program(args, {
    columns: 100,
    colour: false,
    isLive: false,
    print: (text) => void (out += text),
    note: (line) => void (err += `${line}\n`),
    draw: (text) => void (err += text),
  });
  return { code, out, err };
}

const sample = (folder: string, ...args: string[]): Promise<Answer> =>
  viommuspec('run', '--driver', 'sample', '--out', join(scratch, folder), ...args);

describe('the command line', () => {
  it.each([
    [[], 2, /scores guest drivers/],
    [['--help'], 0, /Exit codes/],
    [['-h'], 0, /Exit codes/],
    [['help'], 0, /Exit codes/],
    [['help', 'run'], 0, /^viommuspec run$/m],
    [['run', '-h'], 0, /^viommuspec run$/m],
    [['-v'], 0, /^viommuspec \d/],
    [['--version'], 0, /^viommuspec \d/],
    [['list', '--case', 'dma/after-unmap'], 0, /^dma\/after-unmap:one-page$/m],
    [['coverage', '--help'], 0, /leave coverage\.html as well/],
    [['list', '--help'], 0, /list the variants that match/],
    [['run', '--help'], 0, /--driver linux\|sample\|FILE/],
    [['list', 'faults'], 0, /unmap-never-sent/],
    [['explain', 'iommu/driver/map/virt-end-gt-start'], 0, /Judged by: /],
    [['list', 'profiles'], 0, /^awkward-legal\n.*\(legal-variation\)$/m],
    [['explain', 'qemu'], 0, /map-misaligned-accepted: .*\(violation\)/],
    [['explain', 'dma/after-unmap'], 0, /Must catch these driver faults/],
    [['explain', 'iommu/driver/map/virt-end-gt-start'], 0, /^Sentence: https:.*description\.tex#L497$/m],
    [['explain', 'platform/robustness/survives'], 0, /^Rests on: agreed behaviour.*\n.*scored apart/m],
    [['explain', '5.13.6.5.1'], 0, /virt-end-gt-start\n[^]*\nSpecification: https:.*#x1-6430001$/m],
    [['explain', '5.13.6.5'], 0, /map-needs-feature[^]*virt-end-gt-start|virt-end-gt-start[^]*map-needs-feature/],
    [
      ['explain', 'virt_end'],
      0,
      /virt-end-gt-start\n[^]*respect-input-range|respect-input-range\n[^]*virt-end-gt-start/,
    ],
    [['explain', 'dma/*'], 0, /^dma\/after-unmap$/m],
    [['explain', 'RING_RESET'], 0, /verify-queue-reset/],
    [['list', 'requirements'], 0, /virt-end-gt-start\n {4}MUST \(5\.13\.6\.5\.1\): /],
    [['coverage', '--spec', '1.3'], 0, /^Requirements on a driver in virtio 1\.3$/m],
  ] as const)('answers %j with %i', async (args, code, words) => {
    const answer = await viommuspec(...args);
    expect(answer.code).toBe(code);
    expect(answer.out).toMatch(words);
  });

  it.each([
    [['frobnicate'], "There is no command 'frobnicate'."],
    [['rnu'], "There is no command 'rnu'.\n  Did you mean run?"],
    [['help', 'rnu'], "There is no command 'rnu'.\n  Did you mean run?"],
    [['help', 'run', 'sample'], "help takes one command; 'sample' is one word too many."],
    [
      ['run', 'sample'],
      "run takes options only; 'sample' is none, nor the value of one.\n  Did you mean --driver sample?",
    ],
    [['run', 'dma/*'], "Did you mean --case 'dma/*'?"],
    [['doctor', 'package.json'], 'Did you mean --driver package.json?'],
    [['coverage', '1.3'], "coverage takes options only; '1.3' is none"],
    [
      ['list', 'cases', 'dma/*'],
      "list takes 1 word beside its options; 'dma/*' is one too many.\n  Did you mean --case 'dma/*'?",
    ],
    [['list', 'dma/*'], "Did you mean --case 'dma/*'?"],
    [['list', 'fautls'], 'Did you mean faults?'],
    [['list', 'faults', '--case', 'dma/*'], "--case chooses variants, and 'faults' are none."],
    [['list', '--case', 'nothing/*'], "No case matches 'nothing/*'."],
    [['compare', 'a', 'b', 'c'], "compare takes 2 words beside its options; 'c' is one too many."],
    [['explain', 'dma/after-umnap'], 'Did you mean dma/after-unmap?'],
    [['explain', 'iommu/driver/map/virt-end-gt-strt'], 'Did you mean iommu/driver/map/virt-end-gt-start?'],
    [['run', '--fomrat', 'html'], "Unknown option '--fomrat'.\n  Did you mean --format?"],
    [['run', '--driver', 'smaple'], 'Did you mean sample?'],
    [['run', '--driver', 'sample', '--case', 'dma/after-umnap'], 'Did you mean dma/after-unmap?'],
    [['run', '--driver', 'sample', '--fault', 'unmap-never-snt'], 'Did you mean unmap-never-sent?'],
    [['run', '--kernel', 'bookwrm'], "--kernel is 'bookwrm'; there is neither such a file nor a suite of that name."],
    [['run', '--kernel', 'trixy'], 'Did you mean trixie?'],
    [['report', 'reports'], 'The folder reports holds no results.ndjson.'],
    [['run', '--nonsense'], "Unknown option '--nonsense'."],
    [['run', '--mirror', 'debian.test'], "--mirror is 'debian.test'; it has to be the address of a Debian mirror"],
    [['run', '--driver', 'nowhere.json'], "There is no driver 'nowhere.json'"],
    [['run', '--driver', 'sample', '--fault', 'unmap-never-send'], 'unmap-never-sent'],
    [['run', '--driver', 'sample', '--case', 'nothing/*'], "No case matches 'nothing/*'."],
    [['run', '--driver', 'sample', '--seed', 'x'], "--seed is 'x'"],
    [['run', '--driver', 'sample', '--profile', 'bochs'], "--profile is 'bochs'; it can be spec, awkward-legal"],
    [['run', '--driver', 'sample', '--spec', '9'], "--spec is '9'"],
    [['run', '--driver', 'sample', '--expect', 'nowhere'], 'cannot be read'],
    [['run', '--driver', 'sample', '--expect', '/dev/zero'], 'expected failures /dev/zero is not a regular file.'],
    [['verify', '--driver', 'sample', '--times', '1'], "--times is '1'; it has to be a whole number from 2 to 1000."],
    [['run', '--driver', 'sample', '--update-expectations', 'package.json'], "package.json, line 1: '{' has no reason"],
    [['report', 'package.json'], 'package.json'],
    [
      ['run', '--driver', 'sample', '--shard', '6/5'],
      "--shard is '6/5'; it has to be a part of the whole, such as 2/5.",
    ],
    [['run', '--driver', 'sample', '--quick', '--shard', '1/2'], '--quick and --shard do not go together'],
    [['merge'], 'merge needs the logs of the shards.'],
    [['merge', join(OUT, 'results.ndjson')], 'The merged log would replace one of the shards'],
    [['merge', OUT], 'The merged log would replace one of the shards'],
    [['merge', 'nowhere.ndjson'], 'nowhere.ndjson cannot be opened'],
    [['compare', 'one.ndjson'], 'compare needs two logs, the older one first.'],
    [['compare', 'a', 'b', '--fail-on', 'news'], "--fail-on is 'news'; it can be new-failure, new-warning"],
    [['judge'], 'judge needs the log of a run, or its folder'],
    [['scoreboard'], 'scoreboard needs the logs of the runs to show.'],
    [['report', 'nowhere', 'nowhere-else', '--baseline', 'package.json'], 'nowhere'],
    [['report', 'nowhere', '--format', 'htlm'], 'Did you mean html?'],
    [['run', '--driver', 'sample', '--profile', 'qmu'], 'Did you mean qemu?'],
    [['compare', 'a', 'b', '--fail-on', 'new-failur'], 'Did you mean new-failure?'],
    [['run', '--configuration', 'lasy'], 'Did you mean lazy?'],
    [['report', 'nowhere', '--format', 'pdf'], "--format is 'pdf'; it can be html, junit, tap"],
    [['new-case', 'dma/after-unmap'], 'There is a case cases/dma/after-unmap.case.ts already.'],
    [['explain', 'nothing'], "Nothing is called 'nothing'."],
  ])('refuses %j in a sentence, without a stack', async (args, sentence) => {
    const writes = args[0] === 'run' || args[0] === 'merge';
    const answer = await viommuspec(...args, ...(writes ? ['--out', OUT] : []));
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(sentence);
    expect(answer.err).not.toMatch(/^ +at /m);
  });
});

describe('the coverage', () => {
  it('fits 80 columns', async () => {
    const { out } = await viommuspec('coverage');
    const lines = out.split('\n');
    expect(lines.filter(({ length }) => length > 80)).toEqual([]);
  });
});

describe('a run', () => {
  it('leaves a whole log and three reports, and passes the faultless driver', async () => {
    const answer = await sample('good', '--case', 'dma/*');
    expect(answer.err).toContain('Scoring sample');
    expect(answer.code).toBe(0);
    for (const name of ['results.ndjson', 'report.html', 'junit.xml', 'results.tap']) {
      expect(existsSync(join(scratch, 'good', name))).toBe(true);
    }
    expect(readEventLog(join(scratch, 'good', 'results.ndjson')).footer?.exitCode).toBe(0);
    expect((await viommuspec('report', join(scratch, 'good'))).code).toBe(0);
  });

  it('fails for a fault, names the bytes and the command that repeats it, and obeys a list of expectations', async () => {
    const first = await sample('bad', '--case', 'dma/after-unmap', '--fault', 'unmap-never-sent');
    expect(first.code).toBe(1);
    expect(first.out).toContain('npx viommuspec run --driver sample --fault unmap-never-sent --case dma/after-unmap');
    const list = join(scratch, 'expected.txt');
    writeFileSync(list, 'dma/after-unmap*  it never unmaps\n');
    const second = await sample('bad', '--case', 'dma/after-unmap', '--fault', 'unmap-never-sent', '--expect', list);
    expect(second.code).toBe(0);
    const third = await sample('bad', '--case', 'dma/after-unmap', '--expect', list);
    expect(third.code).toBe(1);
    expect(third.out).toContain('stale');
  });

  it('reports what changed since an older run, and several runs side by side', async () => {
    const page = (folder: string): string => readFileSync(join(scratch, folder, 'report.html'), 'utf8');
    const log = (folder: string): string => join(scratch, folder, 'results.ndjson');
    await sample('older', '--case', 'dma/after-unmap');
    await sample('newer', '--case', 'dma/after-unmap', '--fault', 'unmap-never-sent');
    const since = await viommuspec('report', log('newer'), '--baseline', log('older'));
    expect(since.code).toBe(1);
    expect(page('newer')).toContain('newly broken');
    const both = await viommuspec('report', log('older'), log('newer'), '--out', join(scratch, 'both'));
    expect(both).toMatchObject({ code: 0, out: `${join(scratch, 'both', 'report.html')}\n` });
    expect(page('both')).toContain('2 drivers side by side');
  });

  it('writes a list of expected failures that the next run obeys', async () => {
    const list = join(scratch, 'written.txt');
    const bad = ['--case', 'dma/after-unmap', '--fault', 'unmap-never-sent'];
    const first = await sample('listed', ...bad, '--update-expectations', list);
    expect(first.code).toBe(1);
    expect(first.err).toMatch(/written\.txt: [1-9]\d* added, 0 dropped\./);
    expect(readFileSync(list, 'utf8')).toMatch(/^dma\/after-unmap:one-page@\S+ {2}new: /m);
    expect((await sample('obeyed', ...bad, '--expect', list)).code).toBe(0);
  });

  it('gives the same log twice for one seed, times aside', async () => {
    const logs: string[] = [];
    for (const name of ['once', 'twice']) {
      await sample(name, '--case', 'free/*', '--case', 'probe/*', '--seed', '7');
      const log = readFileSync(join(scratch, name, 'results.ndjson'), 'utf8');
      logs.push(log.replace(/"startedAt":"[^"]*"/, '').replace(/"durationMs":[\d.]+/g, ''));
    }
    expect(logs[0]).toBe(logs[1]);
  });

  it('closes its log when it is interrupted, and says so in its exit code', async () => {
    const folder = join(scratch, 'interrupted');
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
    child.stderr.once('data', () => child.kill('SIGINT'));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    const { footer } = readEventLog(join(folder, 'results.ndjson'));
    expect(footer?.interrupted).toBe(true);
    expect(footer?.notRun.length).toBeGreaterThan(0);
  });
});

const start = (folder: string, stdio: StdioOptions, ...args: string[]): ChildProcess =>
  spawn(
    'node',
    ['--import', 'tsx', 'harness/cli/main.ts', ...args, ...(folder === '' ? [] : ['--out', join(scratch, folder)])],
    { stdio },
  );
const endOf = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

describe('a program whose output is lost', () => {
  const RUN = ['run', '--driver', 'sample', '--case', 'dma/*', '--fault', 'unmap-never-sent'];

  it('goes on where nobody reads what it says, and ends as the run did', async () => {
    const child = start('unheard', ['ignore', 'pipe', 'pipe'], ...RUN);
    child.stdout?.destroy();
    child.stderr?.once('data', () => child.stderr?.destroy());
    expect(await endOf(child)).toBe(1);
    expect(existsSync(join(scratch, 'unheard', 'junit.xml'))).toBe(true);
  });

  it('says that a full disk takes no output, ends as the run did, and never as if all were well', async () => {
    const full = openSync('/dev/full', 'w');
    for (const [folder, args, code] of [
      ['full', RUN, 1],
      ['', ['list'], 2],
    ] as const) {
      const child = start(folder, ['ignore', full, 'pipe'], ...args);
      let said = '';
      child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
      expect(await endOf(child)).toBe(code);
      expect(said).toContain('viommuspec: Its output cannot be written: no space left on device.\n');
      expect(said).not.toMatch(/^ +at /m);
    }
    const silent = start('full', ['ignore', full, full], ...RUN);
    expect(await endOf(silent)).toBe(1);
    closeSync(full);
  });
});

describe('shards', () => {
  it('merge to one log with reports and the exit code of one run', async () => {
    const bad = ['--case', 'dma/after-unmap', '--fault', 'unmap-never-sent'];
    await sample('shard-1', ...bad, '--shard', '1/2');
    const second = await sample('shard-2', ...bad, '--shard', '2/2');
    expect(second.out).toContain('shard 2 of 2');
    const logs = ['shard-1', 'shard-2'].map((name) => join(scratch, name, 'results.ndjson'));
    const merged = await viommuspec('merge', ...logs, '--out', join(scratch, 'merged'));
    expect(merged.code).toBe(1);
    expect(merged.out).not.toContain('shard');
    expect(existsSync(join(scratch, 'merged', 'report.html'))).toBe(true);
    const { header, footer } = readEventLog(join(scratch, 'merged', 'results.ndjson'));
    expect(header.command).toBe('viommuspec run --driver sample --case dma/after-unmap --fault unmap-never-sent');
    expect(footer?.notRun).toEqual([]);
  });
});

const log = (name: string): string => join(scratch, name, 'results.ndjson');

describe('two runs', () => {
  it('are compared by what was broken, and the exit code obeys the policy', async () => {
    await sample('before', '--case', 'dma/after-unmap');
    await sample('after', '--case', 'dma/after-unmap', '--fault', 'unmap-never-sent');
    const worse = await viommuspec('compare', log('before'), log('after'), '--out', join(scratch, 'compared'));
    expect(worse.code).toBe(1);
    expect(worse.out).toContain('NEW FAILURES (3)');
    expect(existsSync(join(scratch, 'compared', 'comparison.html'))).toBe(true);
    expect((await viommuspec('compare', log('before'), log('after'), '--fail-on', 'nothing')).code).toBe(0);
    expect((await viommuspec('compare', log('after'), log('before'))).code).toBe(0);
    expect((await viommuspec('compare', log('after'), log('before'), '--fail-on', 'fixed')).code).toBe(1);
  });

  it('are judged again by the monitors of today, who find the same', async () => {
    const again = await viommuspec('judge', log('after'));
    expect(again.out).toMatch(/^3 traces, \d+ monitors: nothing would be judged otherwise\.\n$/);
    expect(again.code).toBe(0);
  });

  it('stand side by side on a scoreboard', async () => {
    const board = await viommuspec('scoreboard', log('before'), log('after'), '--out', join(scratch, 'board'));
    expect(board.code).toBe(0);
    expect(readFileSync(join(scratch, 'board', 'scoreboard.md'), 'utf8')).toContain('| 2 | sample 1, with faults');
  });
});

describe('verify', () => {
  it('says how many rounds of how many variants agreed', async () => {
    const answer = await viommuspec('verify', '--driver', 'sample', '--case', 'map/end-after-start', '--times', '2');
    expect(answer.err).toContain('Round 2 of 2, seed 2.');
    expect(answer.out).toBe('2 rounds of 4 variants: no verdict changed.\n');
    expect(answer.code).toBe(0);
  });
});

describe('the help', () => {
  it('fits 80 columns, examples apart', async () => {
    for (const name of ['', ...Object.keys(COMMANDS)]) {
      const { out } = await viommuspec(...(name === '' ? ['--help'] : [name, '--help']));
      expect(out.split('\n').filter((line) => line.length > 80 && !line.startsWith('  npx '))).toEqual([]);
    }
  });
});

describe('the examples of the help', () => {
  /** What they cannot have here: a Linux guest, a shim of somebody's own, time for the whole catalogue, a checkout. */
  const ELSEWHERE =
    /^viommuspec (run( --driver (sample|path.*|sample --shard .*))?|explore --driver path.*|selftest.*|verify .*|new-case (?!.*--in ).*)$/;
  const examples = Object.values(COMMANDS).flatMap((command) => command.examples);
  const here = examples.filter((example) => !ELSEWHERE.test(example));
  const home = process.cwd();

  beforeAll(async () => {
    const folder = join(scratch, 'examples');
    mkdirSync(folder);
    process.chdir(folder);
    const few = ['run', '--driver', 'sample', '--case', 'dma/after-unmap'];
    await viommuspec(...few);
    await viommuspec(...few, '--out', 'before');
    await viommuspec(...few, '--out', 'after');
    await viommuspec(...few, '--out', 'shard-1', '--shard', '1/2');
    await viommuspec(...few, '--out', 'shard-2', '--shard', '2/2');
    mkdirSync('selftest');
    writeFileSync('selftest/selftest.json', JSON.stringify(fixtureSelfTest));
  });
  afterAll(() => process.chdir(home));

  it('are nearly all run here', () => {
    expect(examples.length - here.length).toBeLessThan(12);
  });

  it.each(here)('%s works as printed', async (example) => {
    const words = (example.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
    const answer = await viommuspec(...words.slice(1));
    expect(answer.err).not.toContain('viommuspec:');
    expect(answer.code).toBe(0);
  });
});

it('has an address in the published specification for every section that a requirement names', () => {
  const numbered = REQUIREMENTS.filter(({ section }) => /^\d/.test(section));
  expect(numbered.filter(({ section }) => sectionUrl(section) === undefined)).toEqual([]);
  const silent = REQUIREMENTS.filter(
    ({ section, source }) => sectionUrl(section) === undefined && source === undefined,
  );
  expect(silent.map(({ id }) => id)).toEqual([]);
  const sources = REQUIREMENTS.filter(({ origin }) => origin === 'virtio');
  expect(sources.filter(({ source = '' }) => sourceUrl(source) === undefined)).toEqual([]);
});
