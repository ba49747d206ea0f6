import { expect, it } from 'vitest';
import { mapTrace } from '../fixtures/map-trace.ts';
import { fixtureCase } from '../fixtures/synthetic-run.ts';
import { wireText } from './wire-text.ts';

it('gives every event of every case a line, with the bytes of a message', () => {
  const trace = mapTrace();
  const text = wireText([fixtureCase('map/one', { trace }), fixtureCase('map/two', { trace: [] })]);
  const lines = text.split('\n');
  expect(lines[0]).toBe('map/one');
  expect(lines.filter((line) => /^ +\d+ {2}/.test(line))).toHaveLength(trace.length);
  expect(text).toMatch(/^ +\d+ {2}driver → iommu: MAP.* \[03[0-9a-f…]+\]$/m);
  expect(lines).toContain('map/two');
});

it('lets no event of a log write to the terminal what it likes', () => {
  const trace = [{ kind: 'cut', seq: 1, says: 'a\u001b[2Jb\nc' }];
  expect(wireText([fixtureCase('map/one', { trace })]).split('\n')).toEqual([
    'map/one',
    expect.stringMatching(/^ {5}1 {2}\S+: a␛\[2Jb c$/),
    '',
    '',
  ]);
});
