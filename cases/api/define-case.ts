import { type Catches, catchesOf, type MustCatch } from './must-catch.ts';
import type { Given, Needs, RequirementId, Scene, Seen } from './vocabulary.ts';

/** A case as its author writes it. `V` is one row of the table `vary`. */
export interface CaseText<Id extends RequirementId, V> {
  /** A path, never reused: `map/end-after-start`. The file lies at `cases/<id>.case.ts`. */
  readonly id: string;
  /** A whole sentence: what a good driver does. */
  readonly title: string;
  /** What is demanded, and why it matters: two or three sentences for the report. */
  readonly demands: string;
  readonly requirements: readonly Id[];
  readonly needs?: Needs;
  /** Rows of the case's table, by name. `{ default: … }` or left out if there is one only; '' bears the case's own id. */
  readonly vary?: Readonly<Record<string, V>>;
  /**
   * The row without the oddity that the others are about: a driver that does not pass it has shown nothing in the others.
   * Where none is named, the same steps in an ordinary machine are the control of a row that has found something; `none` if what
   * the case demands would be wrong there.
   */
  readonly control?: string;
  readonly given: (row: V) => Given;
  readonly when: (scene: Scene, row: V) => Promise<void>;
  /** Judges what happened; left out where monitors judge all that the case provokes. */
  readonly then?: (seen: Seen<Id>, row: V) => void;
  /** Faults of the sample driver that this case has to catch, each with what it breaks: one requirement or a list. Only a draft may be without. */
  readonly mustCatch?: MustCatch<NoInfer<Id>>;
  /** Drivers that once shipped the mistake, one sentence each: project, and the commit or issue that tells the story. */
  readonly shippedIn?: readonly string[];
  /** Played and shown, and in no score and no exit code. */
  readonly draft?: boolean;
}

/** A case ready to run; what `defineCase` gives. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly demands: string;
  readonly requirements: readonly RequirementId[];
  readonly needs: Needs;
  /** Name of the variant that is the control of the others, or `none`; see `CaseText`. */
  readonly control?: string;
  readonly mustCatch: Catches;
  readonly shippedIn: readonly string[];
  readonly draft: boolean;
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly name: string;
  readonly given: Given;
  when(scene: Scene): Promise<void>;
  then(seen: Seen): void;
}

/**
 * Turns a case's text into a case with its variants.
 * An undeclared requirement in `check` or `mustCatch` is a compile error.
 */
export function defineCase<const Id extends RequirementId, V = undefined>(text: CaseText<Id, V>): Case {
  const rows: readonly (readonly [string, V])[] = text.vary ? Object.entries(text.vary) : [['default', undefined as V]];
  return {
    id: text.id,
    title: text.title,
    demands: text.demands,
    requirements: text.requirements,
    needs: text.needs ?? {},
    ...(text.control !== undefined && { control: text.control }),
    mustCatch: catchesOf(text.mustCatch ?? {}),
    shippedIn: text.shippedIn ?? [],
    draft: text.draft ?? false,
    variants: rows.map(([name, row]) => ({
      name,
      given: text.given(row),
      when: (scene) => text.when(scene, row),
      then: (seen) => text.then?.(seen, row),
    })),
  };
}
