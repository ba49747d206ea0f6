/** Small edits of a source file, each meant for one place. */
import { HarnessError } from '../../harness/harness-error.ts';

export interface Edit {
  /** The C function in which the place is; the whole file if left out. */
  readonly in?: string;
  /** What stands there, once. */
  readonly find: string;
  readonly replace: string;
}

/** `source` with the edits in order. Throws a `HarnessError` that names the first one without exactly one place. */
export function withEdits(source: string, edits: readonly Edit[], name: string): string {
  return edits.reduce((text, edit) => withEdit(text, edit, name), source);
}

function withEdit(source: string, { in: within, find, replace }: Edit, name: string): string {
  const [from, until] = within === undefined ? [0, source.length] : bodyOf(source, within, name);
  const pieces = source.slice(from, until).split(find);
  if (pieces.length !== 2) {
    const where = within === undefined ? '' : ` in ${within}()`;
    throw new HarnessError(`The mutant ${name} does not apply: '${find}' stands ${pieces.length - 1} times${where}.`);
  }
  return source.slice(0, from) + pieces.join(replace) + source.slice(until);
}

/** From the start of a function's definition to its closing brace, by the kernel's style. */
function bodyOf(source: string, within: string, name: string): [number, number] {
  for (const { index } of source.matchAll(new RegExp(`^\\w[^\\n;=]*\\b${within}\\(`, 'gm'))) {
    const brace = source.indexOf('\n{', index);
    const declared = source.indexOf(';', index);
    if (brace < 0 || (declared >= 0 && declared < brace)) continue;
    return [index, source.indexOf('\n}', brace)];
  }
  throw new HarnessError(`The mutant ${name} does not apply: there is no function ${within}().`);
}
