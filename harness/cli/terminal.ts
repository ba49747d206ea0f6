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

/** The terminal of this process; colour obeys NO_COLOR and FORCE_COLOR. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const refused = (env['NO_COLOR'] ?? '') !== '';
  return {
    columns: stdout.columns ?? DEFAULT_COLUMNS,
    colour: forced || (stdout.isTTY && !refused),
    isLive: stderr.isTTY,
    print: (text) => void stdout.write(text),
    note: (line) => void stderr.write(`${line}\n`),
    draw: (text) => void stderr.write(text),
  };
}
