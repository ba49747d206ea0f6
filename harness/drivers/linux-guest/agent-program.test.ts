import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXIT } from '../../harness-error.ts';
import { agentProgram, compileFailure } from './agent-program.ts';

const cache = mkdtempSync(join(tmpdir(), 'viommuspec-agent-'));
afterAll(() => rmSync(cache, { recursive: true }));

test.each([
  [true, '', 'The guest agent has to be compiled, and there is no C compiler called cc.'],
  [
    false,
    'ld: cannot find -lc: No such file',
    'The guest agent has to be linked statically, and there is no static C library.',
  ],
  [false, 'agent.h:3: error: x\nmore', 'The guest agent cannot be compiled: agent.h:3: error: x.'],
])('says what the compiler is missing (%s, %j)', (missing, says, sentence) => {
  const failure = compileFailure('amd64', { command: 'cc', missing, says });
  expect(failure.message).toBe(sentence);
  expect(failure).toMatchObject({ exitCode: EXIT.driverDidNotStart, hint: expect.stringContaining('C compiler') });
});

test.each([
  ['amd64', 'CC', /gcc libc6-dev\), or set CC\.$/],
  ['arm64', 'CC_ARM64', /libc6-dev-arm64-cross\), or set CC_ARM64\.$/],
] as const)('says which compiler for %s is not there, and what to do', async (architecture, variable, hint) => {
  const compiling = agentProgram({ architecture }, cache, () => {}, { [variable]: 'no-such-compiler' });
  await expect(compiling).rejects.toThrow('there is no C compiler called no-such-compiler');
  await expect(compiling).rejects.toMatchObject({ hint: expect.stringMatching(hint) });
});
