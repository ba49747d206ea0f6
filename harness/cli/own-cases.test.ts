import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEventLog } from '../../reports/record/event-log.ts';
import { program } from './program.ts';
import { newerFile } from './stale-build.ts';

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-own-cases-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const DRAFTS = `import { defineDrafts } from 'viommuspec/cases';
export default defineDrafts({
  'draft/map/elsewhere': { section: '5.13.6.5.1', 'MUST NOT': 'A MAP may not begin at 0x100000.' },
});`;

const CASE = `import { defineCase } from 'viommuspec/cases';
import { ADDRESS } from '../address.ts';
export default defineCase({
  id: 'map/elsewhere',
  title: 'No mapping begins at that address',
  demands: 'For practice only.',
  requirements: ['draft/map/elsewhere'],
  needs: { verbs: ['start', 'attach', 'map'] },
  draft: true,
  vary: { there: { iova: ADDRESS }, elsewhere: { iova: 2n * ADDRESS } },
  given: () => ({ endpoints: { dma: {} } }),
  async when({ driver }, { iova }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova, length: 0x1000, access: 'read' });
  },
  then(seen) {
    for (const map of seen.named('MAP')) {
      seen.check('draft/map/elsewhere', map.fields.virt_start !== ADDRESS, map, 'MAP begins at 0x100000.');
    }
  },
});`;

function folderWith(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(scratch, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

interface Answer {
  readonly code: number;
  readonly said: string;
}

async function viommuspec(...args: string[]): Promise<Answer> {
  let said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  const code = await program(args, { columns: 100, colour: false, isLive: false, print, note: print, draw: print });
  return { code, said };
}

/** What is wrong is told before anything is taken in, so these come first. */
describe('a folder that is wrong', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['empty', { 'readme.txt': '' }, /holds no case: no file in it ends in \.case\.ts\./],
    ['syntax', { 'map/x.case.ts': 'export default {\n  id: ;\n' }, /map\/x\.case\.ts:2: Unexpected ";"\./],
    ['import', { 'map/x.case.ts': "import 'no-such-package';" }, /Could not resolve "no-such-package"/],
    ['throws', { 'map/x.case.ts': "throw new Error('no');" }, /map\/x\.case\.ts cannot be loaded: no\./],
    ['no-case', { 'map/x.case.ts': 'export default 7;' }, /map\/x\.case\.ts is no case: /],
    [
      'draft-id',
      {
        'map/x.case.ts': CASE.replace('../address.ts', './x.ts'),
        'map/x.ts': 'export const ADDRESS = 1n;',
        'drafts.ts': DRAFTS.replace('draft/map', 'map'),
      },
      /drafts\.ts, map\/elsewhere: expected what defineDrafts gives/,
    ],
  ])('%s', async (name, files, sentence) => {
    const answer = await viommuspec('list', '--cases', folderWith(name, files));
    expect([answer.code, answer.said]).toEqual([2, expect.stringMatching(sentence)]);
    expect(answer.said).not.toMatch(/^ {4}at /m);
  });

  it('is no folder', async () => {
    const answer = await viommuspec('list', '--cases', join(scratch, 'nowhere'));
    expect([answer.code, answer.said]).toEqual([2, expect.stringMatching(/cannot be read: /)]);
  });
});

describe('cases from a folder', () => {
  let folder = '';
  beforeAll(() => {
    folder = folderWith('mine', {
      'drafts.ts': DRAFTS,
      'map/elsewhere.case.ts': CASE,
      'address.ts': 'export const ADDRESS: bigint = 0x10_0000n;',
    });
  });

  it('are played and shown as drafts, and count in no score and no exit code', async () => {
    const out = join(scratch, 'out');
    const answer = await viommuspec(
      'run',
      '--driver',
      'sample',
      '--cases',
      folder,
      '--case',
      'map/elsewhere',
      '--out',
      out,
    );
    expect([answer.code, answer.said]).toEqual([
      0,
      expect.stringMatching(/draft, not scored: MAP begins at 0x100000\./),
    ]);
    const { cases, footer, header } = readEventLog(join(out, 'results.ndjson'));
    expect(cases.map(({ judgement }) => [judgement?.verdict, judgement?.draft, judgement?.judged])).toEqual([
      ['fail', true, []],
      ['pass', true, []],
    ]);
    expect(footer?.scores.must.exercised).toBe(0);
    expect(header.requirements.some(({ id }) => id.startsWith('draft/'))).toBe(false);
    expect(cases[0]?.judgement?.repeat).toContain(`--cases ${folder}`);
  });

  it('are in the set of requirements that --spec draft names', async () => {
    const out = join(scratch, 'draft');
    await viommuspec(
      'run',
      '--driver',
      'sample',
      '--spec',
      'draft',
      '--cases',
      folder,
      '--case',
      'map/elsewhere:elsewhere',
      '--out',
      out,
    );
    const { header } = readEventLog(join(out, 'results.ndjson'));
    expect(header.requirements.filter(({ id }) => id.startsWith('draft/')).map(({ id }) => id)).toEqual([
      'draft/map/elsewhere',
    ]);
  });

  it('are explained with their requirements', async () => {
    expect((await viommuspec('explain', '--cases', folder, 'draft/map/elsewhere')).said).toContain('since draft');
    expect((await viommuspec('list', '--cases', folder, '--case', 'map/elsewhere')).said).toContain(
      'map/elsewhere:there',
    );
  });
});

it('a build is older than a source that was changed after it', () => {
  const folder = folderWith('sources', { 'a/b.ts': '', 'a/c.md': '' });
  const [before, after] = [new Date(1_000_000), new Date(3_000_000)];
  utimesSync(join(folder, 'a/b.ts'), before, before);
  expect(newerFile(folder, 2_000_000)).toBeUndefined();
  utimesSync(join(folder, 'a/b.ts'), after, after);
  expect(newerFile(folder, 2_000_000)).toBe('a/b.ts');
});
