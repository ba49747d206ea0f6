/** Rows of the tables of what the specification demands of a device, and where this one does it. */

interface DemandedOfDevice {
  readonly keyword: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY';
  /** Of virtio 1.4. */
  readonly section: string;
  readonly says: string;
}

/** A demand is met by code that names it in a comment and shown by a test, or there is a reason why neither exists. */
export type DeviceRequirementRow = DemandedOfDevice &
  (
    | {
        /** Path from the top of the repository. */
        readonly code: string;
        /** Path of the test file from the top of the repository, ` › `, and the test's title as written there. */
        readonly test: string;
      }
    | { readonly reason: string }
  );

export type DeviceRequirementTable = Readonly<Record<string, DeviceRequirementRow>>;
