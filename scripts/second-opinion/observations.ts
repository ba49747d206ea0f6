/** What a driver and its endpoints have noticed of one step. */

export type Observation =
  | {
      readonly of: 'request';
      /** Undefined if the device has not returned the request. */
      readonly usedLength: number | undefined;
      /** The writable part afterwards. */
      readonly written: Uint8Array;
      readonly needsReset: boolean;
    }
  | {
      readonly of: 'dma';
      /** What changed in the target memory: address and bytes. */
      readonly changes: readonly string[];
      readonly faults: readonly FaultSeen[];
      readonly needsReset: boolean;
    }
  | { readonly of: 'config'; readonly value: bigint; readonly needsReset: boolean }
  | { readonly of: 'restart'; readonly accepted: boolean }
  | { readonly of: 'look'; readonly facts: Readonly<Record<string, string>> }
  /** What the endpoints' reads have brought, one after another; it can be known only in the end. */
  | { readonly of: 'reads'; readonly bytes: readonly string[] }
  | { readonly of: 'death'; readonly lastWords: string };

/** A fault record with the endpoint by its name, since the two machines number them differently. */
export interface FaultSeen {
  readonly usedLength: number;
  readonly reason: number;
  readonly flags: number;
  readonly endpoint: string;
  readonly address: bigint;
  /** The record's reserved bytes, hex. */
  readonly reserved: string;
}
