/** Suggestions for a word that was mistyped. */

const SUGGESTED_MAX = 3;
/** A part of a name that says something. */
const PART_MIN = 3;

/** `Did you mean a, b or c?` with the names in `known` that come nearest to `word`; undefined if none is near. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const names = nearest(word, word.endsWith('/*') ? foldersOf([...known]) : [...known]);
  const last = names.at(-1);
  if (last === undefined) return undefined;
  return `Did you mean ${names.length === 1 ? last : `${names.slice(0, -1).join(', ')} or ${last}`}?`;
}

/** `iommu/*` and `iommu/driver/*` for `iommu/driver/map`, each once. */
function foldersOf(names: readonly string[]): string[] {
  const folders = names.flatMap((name) => name.split('/').map((_, at, parts) => parts.slice(0, at).join('/')));
  return [...new Set(folders)].filter((folder) => folder !== '').map((folder) => `${folder}/*`);
}

/**
 * The nearest names, nearest first, then in the order of `known`: those that one edit for every three letters of `word`
 * leads to, or to what stands behind their last slash. Where there are none, the names that contain `word`.
 */
export function nearest(word: string, known: readonly string[]): string[] {
  const most = Math.ceil(word.length / 3);
  const near = known
    .map((name) => ({ name, distance: distanceTo(word, name) }))
    .filter(({ distance }) => distance <= most)
    .toSorted((a, b) => a.distance - b.distance);
  const best = near[0]?.distance ?? 0;
  // Beside a name that is one letter away, one that is five away is noise.
  const names = near.filter(({ distance }) => distance <= 2 * best).map(({ name }) => name);
  const found = names.length > 0 || word.length < PART_MIN ? names : known.filter((name) => name.includes(word));
  return found.slice(0, SUGGESTED_MAX);
}

function distanceTo(word: string, name: string): number {
  const behind = name.slice(name.lastIndexOf('/') + 1);
  const whole = editDistance(word, name);
  return word.includes('/') ? whole : Math.min(whole, editDistance(word, behind));
}

/** Letters to add, take away, replace or swap with their neighbour (Damerau and Levenshtein, optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
        isSwap ? beforeLast[column - 2]! + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
