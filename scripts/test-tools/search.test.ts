import { expect, test } from 'vitest';
import { HarnessError } from '../../harness/harness-error.ts';
import { missingOf, searchTools } from './search.ts';
import { TOOL_NAMES, type ToolName } from './tool-names.ts';
import type { TestTool } from './tools.ts';

const there: TestTool = { neededFor: 'everything', get: () => Promise.resolve(undefined) };
const throwing = (error: Error): TestTool => ({ ...there, packages: 'gcc', get: () => Promise.reject(error) });

function tools(special: Partial<Record<ToolName, TestTool>>): Record<ToolName, TestTool> {
  return Object.fromEntries(TOOL_NAMES.map((name) => [name, special[name] ?? there])) as Record<ToolName, TestTool>;
}

test('a tool that cannot be had is missing, for the reason that its error gives', async () => {
  const results = await searchTools(tools({ cc: throwing(new HarnessError('There is no cc.')) }));
  expect(missingOf(results)).toEqual(['cc']);
  expect(missingOf(results, ['make', 'qemu'])).toEqual([]);
  expect(results.cc).toEqual({ missing: 'There is no cc.', neededFor: 'everything', packages: 'gcc' });
});

test('a mistake of our own is not a missing tool', async () => {
  await expect(searchTools(tools({ cc: throwing(new TypeError('x is undefined')) }))).rejects.toThrow(TypeError);
});
