/** Looks for the test tools, all at the same time: a mirror that does not answer is waited for once. */
import { HarnessError } from '../../harness/harness-error.ts';
import { type SearchResult, type SearchResults, TOOL_NAMES, type ToolName } from './tool-names.ts';
import type { TestTool } from './tools.ts';

export async function searchTools(tools: Readonly<Record<ToolName, TestTool>>): Promise<SearchResults> {
  const found = await Promise.all(TOOL_NAMES.map(async (name) => [name, await search(tools[name])] as const));
  return Object.fromEntries(found) as Record<ToolName, SearchResult>;
}

async function search({ get, neededFor, packages }: TestTool): Promise<SearchResult> {
  try {
    return { program: await get() };
  } catch (error) {
    if (error instanceof HarnessError) return { missing: error.message, neededFor, packages };
    throw error;
  }
}

/** Those of `names` that are missing. */
export const missingOf = (results: SearchResults, names: readonly ToolName[] = TOOL_NAMES): ToolName[] =>
  names.filter((name) => 'missing' in results[name]);
