/** What can be said of the script without root and a mirror; the rest is seen by running it. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test.each([
  [
    ['--suite', 'potato'],
    "'--suite potato' is none of --suite bookworm|trixie, --user root|other, --command start|test|action.",
  ],
  [['--suite'], "'--suite ' is none of"],
  [['start'], "'start ' is none of"],
])('refuses %j before it makes anything', (args, sentence) => {
  const { status, stderr } = spawnSync('bash', ['scripts/fresh-machine', ...args], { encoding: 'utf8' });
  expect(stderr).toContain(`fresh-machine: ${sentence}`);
  expect(status).toBe(2);
});
