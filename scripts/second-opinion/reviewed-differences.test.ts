import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import { REVIEWED_DIFFERENCES } from './reviewed-differences.ts';
import { SILENT_PARTINGS } from './reviewed-effects.ts';

const DEVICE = fileURLToPath(new URL('../../reference-device', import.meta.url));

/** Ids that the device's code names above the branches that implement them. */
function idsInDevice(): ReadonlySet<string> {
  const files = readdirSync(DEVICE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = files.map((name) => readFileSync(`${DEVICE}/${name}`, 'utf8')).join('\n');
  return new Set(text.match(/\b[a-z-]+\/(?:device|prose)\/[a-z0-9/-]+/g));
}

const names = REVIEWED_DIFFERENCES.map(({ name }) => name);

it('gives every entry a name of its own', () => {
  expect(names).toEqual([...new Set(names)]);
});

it('cites requirements that the tables or the device know', () => {
  const known = new Set([...REQUIREMENTS.map(({ id }): string => id), ...idsInDevice()]);
  const unknown = REVIEWED_DIFFERENCES.map(({ requirement }) => requirement).filter((id) => !known.has(id));
  expect(unknown).toEqual([]);
});

it('lists what lies hidden after a silent parting', () => {
  expect(SILENT_PARTINGS.filter(({ difference }) => !names.includes(difference))).toEqual([]);
});
