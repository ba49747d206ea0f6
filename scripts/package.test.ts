/** What the packed tool brings along has everything that its documents link to. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

const Packed = z.array(z.object({ files: z.array(z.object({ path: z.string() })) }));

const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
// npm before 12 gives a list, npm 12 a table by name.
const read: unknown = JSON.parse(packed);
const files = new Set(
  Packed.parse(Array.isArray(read) ? read : Object.values(read as object))[0]?.files.map(({ path }) => path),
);

const isThere = (target: string): boolean =>
  files.has(target) || [...files].some((path) => path.startsWith(`${target.replace(/\/$/, '')}/`));

const links = [...files]
  .filter((path) => path.endsWith('.md'))
  .flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => ({
      path,
      target: posix.join(posix.dirname(path), target),
    })),
  );

it('has its guides, and every link in them leads to a file that is packed as well', () => {
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ target }) => !isThere(target))).toEqual([]);
});

it('has no tests and no sources of cases', () => {
  expect([...files].filter((path) => /\.test\.|\.case\.ts$|^cases\/(?!WRITING\.md)/.test(path))).toEqual([]);
});
