/** Values of an option that are a closed list. */
import { didYouMean } from '../../reports/words/nearest.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

/** What is said of a value that is not on the list: the list, and the name that was meant, or else where more is said. */
export function notOneOf(option: string, value: string, names: readonly string[], more?: string): HarnessError {
  const hint = didYouMean(value, names) ?? more;
  return new HarnessError(`--${option} is '${value}'; it can be ${names.join(', ')}.`, {
    exitCode: EXIT.usage,
    ...(hint !== undefined && { hint }),
  });
}
