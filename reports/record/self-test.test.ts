import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { readSelfTest, type SelfTest } from './self-test.ts';

const folder = mkdtempSync('/tmp/viommuspec-selftest-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SOUND: SelfTest = {
  tool: { name: 'viommuspec', version: '1' },
  revision: '1.4',
  catalogue: { cases: 1, variants: 2, digest: 'feed' },
  requirements: [],
  faults: [{ name: 'map-twice', says: 'Maps twice.', catches: [{ judge: 'map/x', requirement: 'r', caughtIn: null }] }],
  characters: [],
  complaints: [],
};

function stored(name: string, text: string): string {
  const path = `${folder}/${name}`;
  writeFileSync(path, text);
  return path;
}

it('is read as it was written', () => {
  expect(readSelfTest(stored('sound.json', JSON.stringify(SOUND)))).toEqual(SOUND);
});

it.each([
  ['no JSON', 'hello', /expected the selftest\.json of 'selftest --out'; it is not JSON\.$/],
  ['another file', '{"tool":1}', /field tool: expected an object, found a number\.$/],
])('is refused in a sentence: %s', (name, text, says) => {
  expect(() => readSelfTest(stored(`${name}.json`, text))).toThrow(says);
});

it('is refused where reading it would never end', () => {
  expect(() => readSelfTest('/dev/zero')).toThrow('/dev/zero is not a file.');
});

it('is refused in a sentence where there is none', () => {
  expect(() => readSelfTest(`${folder}/nowhere.json`)).toThrow(
    /nowhere\.json cannot be read: no such file or directory\.$/,
  );
});
