/** The lines of TAP 14 that a shim writes between its YAML blocks. Each takes time that grows with its length, and no faster. */

/** A test point as its line says it. */
export interface TestPoint {
  readonly ok: boolean;
  /** 0 if the line has none. */
  readonly number: number;
  readonly description: string;
  /** What stands behind `#`, if that is one of the two directives. */
  readonly directive: { readonly name: 'skip' | 'todo'; readonly reason: string } | undefined;
}

export type TapLine =
  | { readonly type: 'comment'; readonly text: string }
  | { readonly type: 'bail-out'; readonly reason: string }
  | { readonly type: 'plan'; readonly first: number; readonly last: number }
  | { readonly type: 'point'; readonly point: TestPoint };

/** What `line`, which has no line end, is; undefined if it is none of these. */
export function tapLine(line: string): TapLine | undefined {
  const comment = /^[ \t]*#[ \t]?/.exec(line);
  if (comment) return { type: 'comment', text: line.slice(comment[0].length) };
  const bailOut = /^Bail out!/i.exec(line);
  if (bailOut) return { type: 'bail-out', reason: line.slice(bailOut[0].length).trim() };
  const [, first, last] = /^(\d{1,15})\.\.(\d{1,15})(?=\s|$)/.exec(line) ?? [];
  if (first !== undefined && last !== undefined) return { type: 'plan', first: Number(first), last: Number(last) };
  const [head, not, number = '0'] = /^(not )?ok(?:[ \t]+(\d{1,15}))?(?=\s|$)/.exec(line) ?? [];
  if (head === undefined) return undefined;
  return {
    type: 'point',
    point: { ok: not === undefined, number: Number(number), ...described(line.slice(head.length)) },
  };
}

function described(rest: string): Pick<TestPoint, 'description' | 'directive'> {
  const hash = rest.indexOf('#');
  const description = (hash === -1 ? rest : rest.slice(0, hash))
    .trim()
    .replace(/^-(?=\s|$)/, '')
    .trim();
  const [word = '', ...reason] = (hash === -1 ? '' : rest.slice(hash + 1)).trim().split(/\s/);
  const name = /^(skip|todo)/i.exec(word)?.[1]?.toLowerCase();
  const isDirective = name === 'skip' || name === 'todo';
  return { description, directive: isDirective ? { name, reason: reason.join(' ').trim() } : undefined };
}
