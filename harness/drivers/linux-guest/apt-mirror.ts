/** Which Debian mirror this machine's own apt configuration names. */
import { execa } from 'execa';

/** Fields asked for by `apt-get indextargets --format`, in this order; apt leaves `$(NAME)` where it knows none. */
const FIELDS = ['IDENTIFIER', 'REPO_URI', 'ORIGIN', 'LABEL', 'RELEASE', 'COMPONENT'] as const;

/** Suites of Debian's main archive. Other archives have a `stable`, too. */
const CODENAME = /^(bullseye|bookworm|trixie|forky|duke|sid)(-updates|-backports)?$/;
const ALIAS = /^(oldoldstable|oldstable|stable|testing|unstable)(-updates|-backports)?$/;

/**
 * The URI of Debian's main archive in the apt configuration of this machine; undefined if it names none.
 * Throws what execa says if there is no apt-get.
 */
export async function machineMirror(): Promise<string | undefined> {
  const format = FIELDS.map((field) => `$(${field})`).join('\t');
  // Where lists were never fetched, apt names no target at all unless it need not say what only they say.
  for (const more of [[], ['--no-release-info']]) {
    const words = ['indextargets', ...more, '--format', format];
    const targets = await execa('apt-get', words, { reject: false, stdin: 'ignore' });
    if (targets.failed && targets.exitCode === undefined) throw targets;
    const uri = mirrorOf(targets.stdout);
    if (uri !== undefined) return uri;
  }
  return undefined;
}

/**
 * The URI of the first Debian main archive in the output of `apt-get indextargets` with these `FIELDS`; undefined if
 * there is none. The security archive is another archive: it has neither the suites nor the packages.
 */
export function mirrorOf(indexTargets: string): string | undefined {
  for (const line of indexTargets.split('\n')) {
    const fields = line.split('\t').map((text) => (text.startsWith('$(') ? '' : text));
    const [identifier, uri = '', origin, label, suite = '', component] = fields;
    if (identifier !== 'Packages' || uri === '' || component !== 'main') continue;
    const saysSo = origin === 'Debian' && (label === 'Debian' || label === 'Debian Backports');
    const looksLikeIt = !origin && (CODENAME.test(suite) || (ALIAS.test(suite) && /debian/.test(uri)));
    if (saysSo || looksLikeIt) return uri;
  }
  return undefined;
}
