/**
 * All that happens in front of a driver, as plain data, in order: monitors and cases judge it and nothing else, reports draw it.
 * Addresses are `bigint`; `bytes` are lower-case hex, two digits a byte, as they lay on the wire.
 */
import type { RingBreak } from './ring-break.ts';
import type { RingState, UnannouncedMoment } from './ring-state.ts';

export type { RingBreak, RingState, UnannouncedMoment };

/** Which register structure was touched; for virtio-pci the capability's name (4.1.4). */
export type RegisterStructure = 'common' | 'notify' | 'isr' | 'device' | 'pci-config' | 'mmio' | 'endpoint';

/** `read` is an access to memory in which the device gets data, `write` one in which it puts data. */
export type Access = 'read' | 'write';

/** One descriptor of a chain as found in memory. `table` tells where it stood. */
export interface TracedDescriptor {
  readonly table: 'direct' | 'indirect';
  readonly index: number;
  readonly addr: bigint;
  readonly len: number;
  readonly flags: number;
  /** 0 in a packed ring, whose descriptors follow each other. */
  readonly next: number;
  /** Buffer ID as it stands in the descriptor; packed rings only. */
  readonly id?: number;
}

export type RequestName = 'ATTACH' | 'DETACH' | 'MAP' | 'UNMAP' | 'PROBE';

/** The request's fields, spelled as in the specification; `undefined` where the type has no such field. */
export interface RequestFields {
  readonly domain?: number;
  readonly endpoint?: number;
  readonly virt_start?: bigint;
  readonly virt_end?: bigint;
  readonly phys_start?: bigint;
  readonly flags?: number;
}

/** `suspending` and `resuming` are the driver's orders, `reset` ends a suspension without an order to go on. */
export type SuspensionStep = 'suspending' | 'suspended' | 'resuming' | 'resumed' | 'failed' | 'reset';

/** What lies in a range of guest-physical addresses, as far as the device knows: any of these, or several. */
export interface MapTarget {
  readonly memory: boolean;
  readonly registers: boolean;
  /** Something else, or nothing. */
  readonly elsewhere: boolean;
}

export type FaultReason = 'UNKNOWN' | 'DOMAIN' | 'MAPPING';

/** Who made an endpoint access memory. */
export type DmaCause = 'harness' | 'guest' | 'virtqueue';

/** `removed`: nothing is left of what the device knew, nor of the device. */
type ResetCause = 'status-0' | 'function' | 'staging' | 'removed';

export type TraceBody =
  /** `width` in bytes as on the bus; `value` is the raw value, hex for anything wider than 4 bytes. */
  | {
      readonly kind: 'register-read' | 'register-write';
      readonly device: string;
      readonly structure: RegisterStructure;
      /** The register's name in the specification, or '' where none starts at `offset`. */
      readonly field: string;
      /** From the beginning of the structure, whichever instance of it was used. */
      readonly offset: number;
      readonly width: number;
      readonly value: bigint;
      /** Which instance of the structure it is (4.1.4), if not the first. */
      readonly instance?: number;
      /** Selected queue, for registers that belong to one. */
      readonly queue?: number;
    }
  | { readonly kind: 'reset'; readonly device: string; readonly cause: ResetCause }
  /** The moment FEATURES_OK was written. `kept` is whether the device let the bit stand. */
  | {
      readonly kind: 'features';
      readonly device: string;
      readonly offered: bigint;
      readonly accepted: bigint;
      readonly kept: boolean;
    }
  | {
      readonly kind: 'queue-enabled';
      readonly device: string;
      readonly queue: number;
      readonly size: number;
      readonly maxSize: number;
      readonly desc: bigint;
      readonly driver: bigint;
      readonly device_area: bigint;
      readonly vector: number;
      /** Value of the used ring's flags in memory at this moment; undefined if unreadable. */
      readonly usedFlags?: number;
      readonly availIdx?: number;
      /** Packed: how many descriptors from the first on are available already; undefined if unreadable. */
      readonly availableDescriptors?: number;
      /** Packed: the first descriptor behind those that is not zero; undefined too if there is none. */
      readonly nonzeroDescriptor?: number;
    }
  /** An available buffer notification. `deviceStatus` is the status byte at that moment. */
  | {
      readonly kind: 'notification';
      readonly device: string;
      readonly queue: number;
      readonly value: number;
      readonly width: number;
      readonly offset: number;
      readonly deviceStatus: number;
      /** The queue's queue_notif_config_data, where the device has that register. */
      readonly notifConfigData?: number;
      /** How the notification finds the ring; undefined if that cannot be read. */
      readonly ring?: RingState;
    }
  /** The device has polled a queue, and has written what it wants to be notified of from now on. */
  | {
      readonly kind: 'notification-suppression';
      readonly device: string;
      readonly queue: number;
      readonly ring: RingState;
    }
  /**
   * Buffers lie in a queue which the device has not been notified of, nor found when it last polled the queue. At each
   * of these moments the driver is waiting, or done with the queue: nothing that it is about to do is missing yet.
   */
  | {
      readonly kind: 'unannounced-buffers';
      readonly device: string;
      readonly queue: number;
      readonly because: UnannouncedMoment;
      readonly deviceStatus: number;
      readonly ring: RingState;
    }
  /** A well-formed chain that the device took from the ring. */
  | {
      readonly kind: 'chain';
      readonly device: string;
      readonly queue: number;
      /** Index of the first descriptor; in a packed ring the buffer ID. */
      readonly headIndex: number;
      /** The available idx; in a packed ring where the list begins, with the wrap counter in bit 15. */
      readonly availIdx: number;
      /** Flags of the available ring, or of the Driver Event Suppression structure. */
      readonly availFlags: number;
      readonly descriptors: readonly TracedDescriptor[];
      readonly readableLength: number;
      readonly writableLength: number;
    }
  | {
      readonly kind: 'ring-break';
      readonly device: string;
      readonly queue: number;
      readonly reason: RingBreak;
      readonly says: string;
      readonly descriptors: readonly TracedDescriptor[];
    }
  /** A request as the device read it. `name` is undefined for a type that nobody defines. */
  | {
      readonly kind: 'request';
      readonly device: string;
      readonly id: number;
      readonly headIndex: number;
      readonly type: number;
      readonly name?: RequestName;
      readonly fields: RequestFields;
      /** The whole device-readable part. */
      readonly bytes: string;
      readonly writableLength: number;
      /** Whether `bytes` is long enough for the type. */
      readonly complete: boolean;
      /** What lies where a MAP leads; of a complete MAP only. */
      readonly target?: MapTarget;
    }
  /** The request `id` was put on the used ring. `status` is undefined if no tail was written. */
  | {
      readonly kind: 'completion';
      readonly device: string;
      readonly id: number;
      readonly name?: RequestName;
      readonly headIndex: number;
      readonly usedLength: number;
      readonly status?: number;
      /** The status the device came to on its own, before a device fault changed the answer. */
      readonly honestStatus?: number;
      /** The device-writable part as left in memory (PROBE: properties and tail), at most 1 KiB. */
      readonly bytes: string;
      /** Name of the device fault that changed this answer. */
      readonly fault?: string;
    }
  /** An access to pci_cfg_data, after the driver has set its window up; where that leads. */
  | {
      readonly kind: 'window-access';
      readonly device: string;
      readonly access: Access;
      readonly bar: number;
      readonly offset: number;
      readonly length: number;
      /** Whether the window lies in a structure that another virtio capability describes. */
      readonly inside: boolean;
    }
  /** An access to a BAR of a function whose Memory Space Enable is off: it reads all ones, and changes nothing. */
  | {
      readonly kind: 'unanswered-access';
      readonly device: string;
      readonly access: Access;
      readonly bar: number;
      readonly offset: number;
      readonly width: number;
    }
  /** The driver has notified a live device, which looks at no queue while its Bus Master Enable is off. */
  | { readonly kind: 'unserved-queue'; readonly device: string; readonly queue: number }
  | {
      readonly kind: 'interrupt';
      readonly device: string;
      /** 0xffff for INTx. */
      readonly vector: number;
      readonly because: 'queue' | 'config' | 'spurious';
    }
  /** An endpoint's driver handed it an address. `reachable` is what the IOMMU would say at this very moment. */
  | {
      readonly kind: 'exposed';
      readonly endpoint: string;
      readonly what: 'ring' | 'buffer';
      readonly address: bigint;
      readonly length: number;
      readonly access: Access;
      readonly reachable: boolean;
      /** Whether the endpoint's driver accepted VIRTIO_F_ACCESS_PLATFORM; false too if it was not offered. */
      readonly accessPlatform: boolean;
    }
  /** An endpoint interrupted by a write to `address`, which is translated like any other. */
  | {
      readonly kind: 'message';
      readonly endpoint: string;
      readonly address: bigint;
      /** Whether the IOMMU leads the write to the doorbell of interrupts at this very moment. */
      readonly reachable: boolean;
    }
  /** The endpoint gave a buffer back to its driver, which may from now on unmap and reuse it. */
  | {
      readonly kind: 'returned';
      readonly endpoint: string;
      readonly address: bigint;
      readonly length: number;
      readonly access: Access;
    }
  /** One access by an endpoint. `label` is the case's own word for it. */
  | {
      readonly kind: 'dma';
      readonly endpoint: string;
      readonly endpointId: number;
      readonly address: bigint;
      readonly length: number;
      readonly access: Access;
      readonly cause: DmaCause;
      readonly outcome: 'ok' | 'fault' | 'no-memory';
      /** Where the access went, a piece per mapping it touched. */
      readonly segments: readonly { readonly gpa: bigint; readonly length: number }[];
      readonly reason?: FaultReason;
      readonly bytes?: string;
      readonly label?: string;
      /** Bus Master Enable of the endpoint's PCI command register: without it nothing was moved, and `outcome` is what would have come of it. */
      readonly busMaster: boolean;
      /** True if the access went through without translation. */
      readonly bypassed: boolean;
    }
  /** A fault record. `delivered` is false when no event buffer was at hand or it was too small. */
  | {
      readonly kind: 'fault-report';
      readonly device: string;
      readonly reason: number;
      readonly flags: number;
      readonly endpoint: number;
      readonly address: bigint;
      readonly bytes: string;
      readonly delivered: boolean;
      readonly bufferLength?: number;
      readonly fault?: string;
    }
  | { readonly kind: 'config-change'; readonly device: string; readonly says: string }
  /**
   * A step of a suspension (3.4). `positions` tells of every queue that is enabled where the driver would put its next
   * buffer; see `RingState`.
   */
  | {
      readonly kind: 'suspension';
      readonly device: string;
      readonly step: SuspensionStep;
      readonly positions: readonly { readonly queue: number; readonly position: number }[];
    }
  /** An endpoint was put into a slot, or pulled out of it. `device` is the IOMMU that knows it by `endpoint`, or ''. */
  | {
      readonly kind: 'plug';
      readonly device: string;
      readonly slot: string;
      readonly endpoint?: number;
      readonly present: boolean;
    }
  | { readonly kind: 'staged'; readonly says: string }
  /** A command to the driver and its answer. The harness writes these, not the device. */
  | { readonly kind: 'verb'; readonly verb: string; readonly args: Readonly<Record<string, string>> }
  | {
      readonly kind: 'answer';
      readonly verb: string;
      readonly outcome: 'ok' | 'not-ok' | 'skip';
      readonly reason?: string;
      readonly values: Readonly<Record<string, unknown>>;
    }
  /** The trace is full: what came after the event before this one is not in it. */
  | { readonly kind: 'cut'; readonly says: string };

/** An event with its place in the case's trace, from 0 on. */
export type TraceEvent = TraceBody & { readonly seq: number };

export type TraceKind = TraceBody['kind'];
export type EventOf<K extends TraceKind> = TraceEvent extends infer E
  ? E extends { readonly kind: infer Kinds }
    ? K extends Kinds
      ? E & { readonly kind: K }
      : never
    : never
  : never;
