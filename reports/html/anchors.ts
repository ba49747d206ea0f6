/** Ids within the page, one for each name, stable as long as the name is. */

/** Longest part of a name that goes into an id. */
const SLUG_MAX = 120;

/** Gives each name an id of its own: `prefix-` and the name with everything odd replaced; numbered if that collides. */
export function anchorsFor(prefix: string, names: Iterable<string>): ReadonlyMap<string, string> {
  const anchors = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of names) {
    if (anchors.has(name)) continue;
    const slug = `${prefix}-${name.slice(0, SLUG_MAX).replace(/[^A-Za-z0-9_.:/-]+/g, '_')}`;
    let anchor = slug;
    for (let number = 2; taken.has(anchor); number++) anchor = `${slug}~${number}`;
    taken.add(anchor);
    anchors.set(name, anchor);
  }
  return anchors;
}
