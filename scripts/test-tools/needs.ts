/** How a test says which tools it needs. It is skipped where one of them is missing, and `npm test` ends with the reason. */
import { inject } from 'vitest';
import type { SearchResults, ToolName, ToolProgram } from './tool-names.ts';

declare module 'vitest' {
  interface ProvidedContext {
    testTools: SearchResults;
  }
  interface TaskMeta {
    needs?: readonly ToolName[];
  }
}

/** Options of a `describe` or `test` that runs only where all of `names` are there. */
export function needs(...names: readonly ToolName[]): { skip: boolean; meta: { needs: readonly ToolName[] } } {
  const results = inject('testTools');
  return { skip: names.some((name) => 'missing' in results[name]), meta: { needs: names } };
}

/** How to start a tool that the test needs. */
export function toolProgram(name: ToolName): ToolProgram {
  const result = inject('testTools')[name];
  if ('missing' in result || result.program === undefined) throw new Error(`${name} is no program that is there`);
  return result.program;
}
