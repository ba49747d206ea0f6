import { expect, it } from 'vitest';
import { processTerminal } from './terminal.ts';

const screen = { isTTY: true, columns: 80, write: () => true };
const terminalWith = (env: Record<string, string>) => processTerminal({ stdout: screen, stderr: screen, env });

it('draws over itself and in colour on a terminal that can', () => {
  expect(terminalWith({ TERM: 'xterm' })).toMatchObject({ isLive: true, colour: true, columns: 80 });
});

it.each([
  [{ TERM: 'dumb' }, { isLive: false, colour: false }],
  [
    { TERM: 'xterm', NO_COLOR: '1' },
    { isLive: true, colour: false },
  ],
  [
    { TERM: 'dumb', FORCE_COLOR: '1' },
    { isLive: false, colour: true },
  ],
])('sends no escape codes that %j does not want', (env, wanted) => {
  expect(terminalWith(env)).toMatchObject(wanted);
});

it.each([
  ['true', '  : :stop-commands::x\n# #[group]y # #[error]z\na::b\n'],
  ['', '  ::stop-commands::x\n##[group]y ##[error]z\na::b\n'],
])("lets no text command GitHub's runner (GITHUB_ACTIONS=%s)", (value, expected) => {
  const written: string[] = [];
  const stream = { ...screen, write: (text: string) => written.push(text) > 0 };
  const terminal = processTerminal({ stdout: stream, stderr: stream, env: { GITHUB_ACTIONS: value } });
  const text = '  ::stop-commands::x\n##[group]y ##[error]z\na::b';
  terminal.print(`${text}\n`);
  terminal.note(text);
  expect(written).toEqual([expected, expected]);
});
