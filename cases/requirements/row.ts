import type { Condition } from './conditions.ts';

/** One normative statement about a driver. */
export interface RequirementText {
  readonly keyword: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';
  readonly section: string;
  /** First version of the specification that says so; `never` for an experiment, which counts in no score. */
  readonly since: string;
  /** What has to be so of driver, machine and negotiation for the row to bind; see `conditions.ts`. Always, if left out. */
  readonly when?: readonly Condition[];
  /** Label of the normative block in the specification's source. */
  readonly label?: string;
  /** File and line of the statement, or the document it comes from. */
  readonly source?: string;
  /** The statement in our words. */
  readonly says: string;
  /** Why nobody can judge it from outside. A row without this is to be judged by a case or a monitor. */
  readonly notTestable?: string;
}

export type RequirementTable = Readonly<Record<string, RequirementText>>;
