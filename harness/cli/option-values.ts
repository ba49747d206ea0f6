/** Values of options that are more than text. */
import { isProfileName, PROFILES, type ProfileName } from '../../reference-device/profiles.ts';
import { DEFAULT_FORMATS, type FormatName, FORMATS, isFormatName } from '../../reports/index.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { Kcidb, type Shard } from '../../reports/record/model.ts';
import { REVISIONS, type Revision } from '../scoring/requirement-set.ts';
import { notOneOf } from './closed-list.ts';
import type { Given, OptionName } from './options.ts';
import { counted } from '../../reference-device/counted.ts';

export const DEFAULT_REVISION: Revision = '1.4';

/** The revision that `--spec` names; the newest if it names none. */
export function revisionOf(given: Given): Revision {
  const wanted = given.text('spec') ?? DEFAULT_REVISION;
  const revision = REVISIONS.find((it) => it === wanted);
  if (revision) return revision;
  throw notOneOf('spec', wanted, REVISIONS);
}

/** The device profile that `--profile` names. */
export function profileOf(given: Given): ProfileName {
  const wanted = given.text('profile') ?? 'spec';
  if (isProfileName(wanted)) return wanted;
  throw notOneOf('profile', wanted, Object.keys(PROFILES), 'viommuspec list profiles says what each is.');
}

/** A whole number from `least` to `most`. */
export function wholeNumber(
  given: Given,
  name: OptionName,
  { byDefault, least = 0, most = 0xffff_ffff }: { byDefault: number; least?: number; most?: number },
): number {
  const text = given.text(name);
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new HarnessError(`--${name} is '${text}'; it has to be a whole number from ${least} to ${most}.`, {
    exitCode: EXIT.usage,
  });
}

/** The part of a plan of `variantCount` variants that `--shard` names; undefined for all of it. */
export function shardOf(given: Given, variantCount: number): Shard | undefined {
  const text = given.text('shard');
  if (text === undefined) return undefined;
  if (given.flag('quick')) {
    throw new HarnessError('--quick and --shard do not go together: which variants --quick plays, the driver says.', {
      exitCode: EXIT.usage,
    });
  }
  const [, index = 0, count = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= count && count <= variantCount) return { index, count };
  throw new HarnessError(`--shard is '${text}'; it has to be a part of the whole, such as 2/5.`, {
    exitCode: EXIT.usage,
    hint: `There are ${counted(variantCount, 'variant')} to share out.`,
  });
}

/** The reports that `--format` names. */
export function formatsOf(given: Given): readonly FormatName[] {
  const wanted = given.texts('format');
  const stranger = wanted.find((name) => !isFormatName(name));
  if (stranger !== undefined) throw notOneOf('format', stranger, Object.keys(FORMATS));
  return wanted.length === 0 ? DEFAULT_FORMATS : wanted.filter(isFormatName);
}

/** What `--kcidb-origin` and `--kcidb-build` say, for the header of a log; nothing if neither is given. */
export function kcidbOf(given: Given): { readonly kcidb?: Kcidb } {
  const [origin, build] = [given.text('kcidb-origin'), given.text('kcidb-build')];
  if (!Kcidb.shape.origin.safeParse(origin).success) {
    throw new HarnessError(
      `--kcidb-origin is '${origin}'; it has to be of lower-case letters, digits and underscores.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
  if (!Kcidb.shape.build.safeParse(build).success) {
    throw new HarnessError(`--kcidb-build is '${build}'; it has to be the id of a build, such as maestro:67c1e9.`, {
      exitCode: EXIT.usage,
    });
  }
  if (origin === undefined && build === undefined) return {};
  return { kcidb: { ...(origin !== undefined && { origin }), ...(build !== undefined && { build }) } };
}

/** How many stories an exploration plays; undefined if nothing is said. */
export const runsOf = (given: Given): number | undefined =>
  given.text('runs') === undefined ? undefined : wholeNumber(given, 'runs', { byDefault: 0, least: 1 });
