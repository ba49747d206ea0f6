/** One normative statement about a driver. */
export interface RequirementText {
  readonly keyword: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';
  readonly section: string;
  /** First version of the specification that says so; `never` for an experiment, which counts in no score. */
  readonly since: string;
  /** Where a breach shows: to the device, in an endpoint's DMA, or only to an agent beside the driver. */
  readonly observable: 'device-side' | 'dma' | 'agent' | 'not-testable';
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
