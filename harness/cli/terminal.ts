/** Where the tool writes: reports to stdout, progress and notes to stderr. */
export interface Terminal {
  readonly columns: number;
  readonly colour: boolean;
  /** Whether progress can be drawn over itself. */
  readonly isLive: boolean;
  print(text: string): void;
  /** One line about work in progress. */
  note(line: string): void;
  /** Raw text for the live status line. */
  draw(text: string): void;
}

const DEFAULT_COLUMNS = 100;

/** Of a process, as far as it matters here. */
type Output = Pick<NodeJS.Process, 'env'> & { readonly stdout: Stream; readonly stderr: Stream };
type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'> & { readonly columns?: number };

/** GitHub's runner obeys a line that begins with `::`, and what follows `##[` anywhere: a driver's words must not be among them. */
const inert = (text: string): string => text.replace(/^([^\S\n]*)::/gm, '$1: :').replaceAll('##[', '# #[');

/** The terminal of this process; colour obeys NO_COLOR, FORCE_COLOR and a terminal that says that it is dumb. */
export function processTerminal({ stdout, stderr, env }: Output = process): Terminal {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const refused = (env['NO_COLOR'] ?? '') !== '';
  const isDumb = env['TERM'] === 'dumb';
  const shown = env['GITHUB_ACTIONS'] === 'true' ? inert : (text: string): string => text;
  return {
    columns: stdout.columns ?? DEFAULT_COLUMNS,
    colour: forced || (stdout.isTTY && !refused && !isDumb),
    isLive: stderr.isTTY && !isDumb,
    print: (text) => void stdout.write(shown(text)),
    note: (line) => void stderr.write(shown(`${line}\n`)),
    draw: (text) => void stderr.write(text),
  };
}
