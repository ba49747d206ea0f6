import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
    newCaseCommand(readOptions(words, [], 'new-case'), terminal);
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

  it('refuses to write outside a checkout', () => {
    rmSync('cases/catalogue.ts');
    expect(answerTo('map/read-only')).toBe('There is no cases/catalogue.ts here.');
  });
});
