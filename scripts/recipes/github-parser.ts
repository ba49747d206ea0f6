/** GitHub's own parser of workflows and actions. It imports JSON as only newer Nodes than 20 can, so it is bundled first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const PACKAGE = '@actions/workflow-parser';
const ENTRY = `
export { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '${PACKAGE}';
export { convertActionTemplate, parseAction } from '${PACKAGE}/actions/index';
`;

type Workflows = typeof import('@actions/workflow-parser');
type Actions = typeof import('@actions/workflow-parser/actions/index');
type Parser = Pick<Workflows, 'convertWorkflowTemplate' | 'NoOperationTraceWriter' | 'parseWorkflow'> &
  Pick<Actions, 'convertActionTemplate' | 'parseAction'>;

export interface GithubParser {
  /** What GitHub would say of a workflow, expressions and dependencies between its jobs included; empty if it takes it. */
  workflowErrors(source: string): Promise<string[]>;
  /** Of an action.yml. */
  actionErrors(source: string): string[];
}

export async function githubParser(): Promise<GithubParser> {
  const { convertActionTemplate, convertWorkflowTemplate, NoOperationTraceWriter, parseAction, parseWorkflow } =
    await bundled();
  const trace = new NoOperationTraceWriter();
  return {
    async workflowErrors(source) {
      const { context, value } = parseWorkflow({ name: 'workflow.yml', content: source }, trace);
      if (value) await convertWorkflowTemplate(context, value);
      return context.errors.getErrors().map(({ message }) => message);
    },
    actionErrors(source) {
      const { context, value } = parseAction({ name: 'action.yml', content: source }, trace);
      if (value) convertActionTemplate(context, value);
      return context.errors.getErrors().map(({ message }) => message);
    },
  };
}

async function bundled(): Promise<Parser> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: process.cwd() },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    write: false,
  });
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-github-'));
  try {
    const path = join(folder, 'parser.cjs');
    writeFileSync(path, outputFiles[0]?.contents ?? '');
    return createRequire(path)(path) as Parser;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
