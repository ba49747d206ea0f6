import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OWN_DRAFTS } from './draft-files.ts';
import { HarnessError } from '../harness-error.ts';
import { newCaseCommand } from './new-case-command.ts';
import { readOptions } from './options.ts';
import type { Terminal } from './terminal.ts';

const home = process.cwd();
let checkout = '';

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'viommuspec-new-case-test-'));
  mkdirSync(join(checkout, 'cases'));
  writeFileSync(join(checkout, 'cases/catalogue.ts'), '');
  process.chdir(checkout);
});

afterEach(() => {
  process.chdir(home);
  rmSync(checkout, { recursive: true, force: true });
});

/** What is printed for these words, or the sentence of the refusal. */
function answerTo(...words: string[]): string {
  let printed = '';
  const print = (text: string): void => void (printed += text);
  const terminal: Terminal = { columns: 80, colour: false, isLive: false, print, note: print, draw: print };
  try {
    newCaseCommand(readOptions(words, ['in', 'requirement', 'new', 'from'], 'new-case'), terminal);
    return printed;
  } catch (error) {
    if (error instanceof HarnessError) return error.message;
    throw error;
  }
}

describe('new-case', () => {
  it('writes a case with given, when and then in place, and says what comes next', () => {
    expect(answerTo('map/read-only')).toContain("--case 'map/read-only' --fault FAULT");
    const text = readFileSync('cases/map/read-only.case.ts', 'utf8');
    for (const words of ["id: 'map/read-only'", 'given:', 'async when(', 'then(', 'mustCatch:']) {
      expect(text).toContain(words);
    }
  });

  it('never writes over a case', () => {
    answerTo('map/read-only');
    writeFileSync('cases/map/read-only.case.ts', 'mine');
    expect(answerTo('map/read-only')).toBe('There is a case cases/map/read-only.case.ts already.');
    expect(readFileSync('cases/map/read-only.case.ts', 'utf8')).toBe('mine');
  });

  it.each([[[]], [['Map/Read']], [['map']], [['../map/read']], [['api/read']]])('refuses %j', (words) => {
    expect(answerTo(...words)).toMatch(/ cannot be the id of a case\.$/);
  });

  it('takes the requirement that is named, and a fault that breaks it', () => {
    answerTo('map/read-only', '--requirement', 'iommu/driver/map/read-flag-when-reads-intended');
    const text = readFileSync('cases/map/read-only.case.ts', 'utf8');
    expect(text).toContain("'map-read-write-swapped': 'iommu/driver/map/read-flag-when-reads-intended'");
    expect(answerTo('map/other', '--requirement', 'iommu/driver/map/virt-end-gt-strt')).toMatch(
      /^There is no requirement/,
    );
  });

  it('writes row, case and names of faults for a new requirement', () => {
    for (const path of [OWN_DRAFTS, 'harness/drivers/sample-driver/driver-faults-unstaged.ts']) {
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(join(home, path), path);
    }
    expect(answerTo('map/read-only', '5.13.6.5.1', '--new', 'MUST NOT')).toContain('map-read-only-broken-otherwise');
    answerTo('map/no-exec', '5.13.6.5.1', '--new', 'SHOULD');
    expect(readFileSync(OWN_DRAFTS, 'utf8')).toMatch(
      / {2}rows: \{\n {4}'draft\/map\/read-only': \{ section: '5\.13\.6\.5\.1', 'MUST NOT': '[^']*' \},\n {4}'draft\/map\/no-exec': .*\n {2}\},\n\}\);/,
    );
    expect(readFileSync('harness/drivers/sample-driver/driver-faults-unstaged.ts', 'utf8')).toMatch(
      /'map-no-exec-broken': 'What[^']*',\n\} as const/,
    );
    expect(readFileSync('cases/map/read-only.case.ts', 'utf8')).toMatch(/draft: true,\n\}\);\n$/);
  });

  it('writes into a folder of its own, outside a checkout', () => {
    rmSync('cases/catalogue.ts');
    expect(answerTo('map/read-only', '5.13.6.5.1', '--in', 'mine', '--new', 'MUST NOT')).toContain('--cases mine');
    expect(readFileSync('mine/map/read-only.case.ts', 'utf8')).toContain("from 'viommuspec/cases'");
    expect(readFileSync('mine/drafts.ts', 'utf8')).toContain("'draft/map/read-only': {");
  });

  it.each([
    [['map/x', '--new', 'MAY', '5.13'], "--new is 'MAY'; it can be MUST, MUST NOT, SHOULD, SHOULD NOT."],
    [['map/x', '--new', 'MUST'], '--new needs the section in which the statement is to stand.'],
    [['map/x', '5.13'], "new-case takes one word beside its options; '5.13' is one too many."],
  ])('refuses %j', (words, sentence) => {
    expect(answerTo(...words)).toBe(sentence);
  });

  it('refuses to write outside a checkout', () => {
    rmSync('cases/catalogue.ts');
    expect(answerTo('map/read-only')).toBe('There is no cases/catalogue.ts here.');
  });
});
