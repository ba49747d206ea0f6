/** Things that last for a while, on the axis of steps: the moments of a trace at which something changes. */

/** Something that holds from step `from` to before step `until`; to the end of the trace if `until` is undefined. */
export interface Span {
  readonly from: number;
  until: number | undefined;
  /** What it is, in words. */
  readonly says: string;
}

/** Something that happens at one step. */
export interface Mark {
  readonly step: number;
  readonly says: string;
  /** Something went wrong here. */
  readonly bad: boolean;
}

/** Ends those that still last. */
export function endAll(spans: Iterable<Span>, step: number): void {
  for (const span of spans) span.until ??= step;
}
