/** What `text` says as JSON, or in half a sentence why it is none: `is not JSON: line 3 is wrong at column 12`. */
export function jsonValue(text: string): { readonly value: unknown } | { readonly wrong: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const where = placeOf(text, error instanceof Error ? error.message : '');
    return { wrong: `is not JSON${where === undefined ? '' : `: ${where}`}` };
  }
}

/** The engine names a position in most of its messages, and else quotes what it stumbled over. */
function placeOf(text: string, message: string): string | undefined {
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? NaN);
  const endsEarly = /end of JSON input|^Unterminated/.test(message) || position >= text.trimEnd().length;
  if (endsEarly) return 'it ends too early';
  if (Number.isNaN(position)) return undefined;
  const before = text.slice(0, position).split('\n');
  return `line ${before.length} is wrong at column ${(before.at(-1)?.length ?? 0) + 1}`;
}
