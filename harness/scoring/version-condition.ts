/** Conditions on a driver's version, such as `version>=6.16`. */

const OPERATORS = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
} as const;

export interface VersionCondition {
  readonly operator: keyof typeof OPERATORS;
  /** The numbers of the version, the first counting most. */
  readonly numbers: readonly number[];
}

/** Whether `word` is meant as a condition, well formed or not. */
export const isVersionWord = (word: string): boolean => /^version[<>=]/.test(word);

/** The condition in `word`; undefined if it is none. */
export function versionCondition(word: string): VersionCondition | undefined {
  const [, operator, version] = /^version(<=|>=|<|>)(\d+(?:\.\d+)*)$/.exec(word) ?? [];
  if (operator === undefined || version === undefined) return undefined;
  return { operator: operator as VersionCondition['operator'], numbers: version.split('.').map(Number) };
}

/**
 * Whether `version` meets the condition by the numbers it begins with: `6.12.107+deb13` is 6.12.107. As many numbers count as
 * the condition has, so that 6.12.107 is neither above nor below 6.12. A version without a number meets no condition.
 */
export function meetsCondition(version: string, { operator, numbers }: VersionCondition): boolean {
  const own = /^\d+(?:\.\d+)*/.exec(version)?.[0].split('.').map(Number);
  if (own === undefined) return false;
  const order = numbers.map((number, index) => (own[index] ?? 0) - number).find((difference) => difference !== 0) ?? 0;
  return OPERATORS[operator](order);
}
