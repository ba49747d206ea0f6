/**
 * What the harness can make the machine do while a driver is in front of it. Plain data, so that it can cross a thread.
 * `iommu` is the first IOMMU if left out.
 */
import type { Access, TraceBody, TraceEvent } from '../trace-events.ts';
import type { EndpointSetup, IommuConfig, IommuName, MachineSetup, SlotName } from '../machine-setup.ts';

export type MachineCommand =
  /** Resets every device to `setup`, forgets remembered addresses, restarts the trace. */
  | { readonly do: 'stage'; readonly setup: MachineSetup }
  /** One access by an endpoint, outside its driver's control. */
  | {
      readonly do: 'dma';
      readonly endpoint: SlotName;
      readonly address: bigint;
      readonly length: number;
      readonly access: Access;
      /** Bytes to put into memory for `write`, hex; a pattern if left out. */
      readonly bytes?: string;
      readonly label?: string;
      /** So many of them, with nothing of the driver's in between; 1 if left out. */
      readonly times?: number;
    }
  /** One access at every address that was ever exposed to the endpoint and has been returned, first and last byte. */
  | { readonly do: 'retry-addresses'; readonly endpoint: SlotName; readonly label?: string }
  /** Whether the endpoint would still reach any of those addresses; leaves no trace. */
  | { readonly do: 'look-at-addresses'; readonly endpoint: SlotName }
  /** Changes the configuration at run time, counts the generation up and notifies the driver. */
  | { readonly do: 'change-config'; readonly config: Partial<IommuConfig>; readonly iommu?: IommuName }
  | { readonly do: 'need-reset'; readonly iommu?: IommuName }
  /** Pulls a staged endpoint out: its registers read all ones, and the IOMMU knows its ID no more. */
  | { readonly do: 'remove-endpoint'; readonly endpoint: SlotName }
  /** Puts an endpoint into an empty slot while the driver runs. */
  | { readonly do: 'add-endpoint'; readonly endpoint: EndpointSetup }
  /** Pulls an IOMMU itself out, without a word to its driver. No endpoint is attached to it any more. */
  | { readonly do: 'remove-iommu'; readonly iommu?: IommuName }
  /** Looks at all queues without having been notified; finds what a missing notification left behind. */
  | { readonly do: 'look-at-queues' }
  /** Nothing else is going on: completions that were held back go out. */
  | { readonly do: 'idle' }
  /** Puts an event of the harness's own into the trace, in its place among the device's. */
  | { readonly do: 'record'; readonly event: Extract<TraceBody, { kind: 'verb' | 'answer' }> }
  | { readonly do: 'take-trace' };

export interface DmaResult {
  readonly outcome: 'ok' | 'fault' | 'no-memory' | 'no-bus-master';
  /** What was read, hex. */
  readonly bytes: string;
}

/** What a command gives back. `released` is whether `idle` let go of anything, or `look-at-queues` found anything. */
export interface MachineReply {
  readonly dma?: DmaResult;
  readonly retried?: readonly {
    readonly address: bigint;
    readonly access: Access;
    readonly outcome: DmaResult['outcome'];
  }[];
  readonly released?: boolean;
  /** What `look-at-addresses` found. */
  readonly reaches?: boolean;
  readonly trace?: readonly TraceEvent[];
}
