/** Which Debian mirror this machine's own apt configuration names. */

/** The fields asked for by `apt-get indextargets --format`, in this order; apt leaves `$(NAME)` where it knows none. */
const FIELDS = ['IDENTIFIER', 'REPO_URI', 'ORIGIN', 'LABEL', 'RELEASE'] as const;

/** The argument of `apt-get indextargets --format` whose output `mirrorOf` reads. */
export const INDEX_TARGETS_FORMAT = FIELDS.map((field) => `$(${field})`).join('\t');

/** Suites of Debian's main archive; only these say so when the lists have never been fetched. */
const DEBIAN_SUITE =
  /^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(-updates|-backports)?$/;

/**
 * The URI of the first Debian main archive in the output of `apt-get indextargets`; undefined if there is none.
 * The security archive is another archive: it has neither the suites nor the packages.
 */
export function mirrorOf(indexTargets: string): string | undefined {
  for (const line of indexTargets.split('\n')) {
    const [identifier, uri, origin, label, suite] = line.split('\t').map((text) => (text.startsWith('$(') ? '' : text));
    if (identifier !== 'Packages' || !uri) continue;
    const named = origin === 'Debian' && (label === 'Debian' || label === 'Debian Backports');
    const looksLikeIt = !origin && DEBIAN_SUITE.test(suite ?? '') && !/security/.test(uri);
    if (named || looksLikeIt) return uri;
  }
  return undefined;
}
