/** What the tests know of the tools they run: names, and how to start one. Knows nothing of where tools come from. */

export const TOOL_NAMES = [
  'agent',
  'agent-arm64',
  'apt-get',
  'cargo',
  'cc',
  'chromium',
  'clippy',
  'cpio',
  'debian-keys',
  'dtc',
  'iasl',
  'kernel',
  'kernel-arm64',
  'make',
  'module-build',
  'pkg-config',
  'qemu',
  'qemu-arm64',
  'rustfmt',
  'setpriv',
] as const;

export type ToolName = (typeof TOOL_NAMES)[number];

/** What a boot of the stock Linux guest takes, for x86-64 and for arm64. */
export const LINUX_GUEST: readonly ToolName[] = ['agent', 'kernel', 'qemu'];
export const ARM64_GUEST: readonly ToolName[] = ['agent-arm64', 'kernel-arm64', 'qemu-arm64'];

/** How to start a tool: `args` come before its own arguments, `env` is added to the environment. */
export interface ToolProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A tool that cannot be had. */
export interface MissingTool {
  /** The reason: a sentence. */
  readonly missing: string;
  /** What cannot be tested without it. */
  readonly neededFor: string;
  /** The packages to install, of a tool that is never fetched. */
  readonly packages: string | undefined;
}

/** What came of looking for a tool. Parts of the Linux guest are there without being programs to start. */
export type SearchResult = { readonly program: ToolProgram | undefined } | MissingTool;

export type SearchResults = Readonly<Record<ToolName, SearchResult>>;
