/** The words in which cases and monitors are written. */
import type { Access, EventOf, RequestName, TraceEvent, TraceKind } from '../../reference-device/trace-events.ts';
import type { DeviceFault, DeviceFaultName } from '../../reference-device/device-faults.ts';
import type {
  CapabilityKind,
  EndpointSetup,
  IommuConfig,
  IommuName,
  OtherProperty,
  SlotName,
  TopologyName,
  TransportName,
} from '../../reference-device/machine-setup.ts';
import type { DescriptionOddity } from '../../reference-device/topology/oddities.ts';
import type { FeatureName } from '../../reference-device/wire/features.ts';
import type { RequirementId } from '../requirements/index.ts';
import type { World } from '../world/world.ts';

export type {
  Access,
  CapabilityKind,
  DescriptionOddity,
  DeviceFault,
  DeviceFaultName,
  EventOf,
  FeatureName,
  IommuName,
  OtherProperty,
  RequestName,
  RequirementId,
  SlotName,
  TopologyName,
  TraceEvent,
  TraceKind,
};

/** What a case asks of the machine; everything left out has the default of `default-machine.ts`. */
export interface Given {
  /** All that the device offers, where the list itself is the question. */
  readonly features?: readonly FeatureName[];
  /** What it offers beside that which any case gets. */
  readonly offers?: readonly FeatureName[];
  /** What it does not offer, though any case gets it; `offers` comes first. */
  readonly withholds?: readonly FeatureName[];
  readonly foreignFeatureBits?: readonly number[];
  readonly config?: Partial<IommuConfig>;
  readonly queueSizes?: readonly [number, number];
  /** Bytes of the device configuration; what needs the field bypass is withheld where there is no room for it. */
  readonly configLength?: number;
  /** See `IommuSetup.vectors`: without any, the case is untested where nothing brings INTx to the driver. */
  readonly vectors?: number;
  /** See `IommuSetup.capabilities`. */
  readonly capabilities?: readonly CapabilityKind[];
  /** What is special about the other IOMMUs of the topology. */
  readonly moreIommus?: { readonly [N in IommuName]?: Pick<Given, 'features' | 'withholds' | 'config' | 'queueSizes'> };
  /** Slots that hold an endpoint, with what is special about it. */
  readonly endpoints?: { readonly [S in SlotName]?: Partial<Omit<EndpointSetup, 'slot'>> };
  /** Says too by which transport the IOMMU is reached; drivers that do not understand the topology are spared. */
  readonly topology?: TopologyName;
  /** What else stands in the platform's description; drivers that are told in no such form are spared. */
  readonly oddities?: readonly DescriptionOddity[];
  readonly faults?: readonly (DeviceFaultName | DeviceFault)[];
  /** See `MachineSetup.doorbell`; only a driver that writes MSI-X tables itself sees it. */
  readonly doorbell?: bigint;
}

export type MapAccess = 'read' | 'write' | 'read-write';

/** What came of a verb. `not-ok` is the driver's own refusal or failure, which may be just right. */
export interface Outcome {
  readonly ok: boolean;
  readonly reason: string;
  readonly values: Values;
}

/** The verbs of the driver's contract (harness/driver-contract/VERBS.md). Each resolves with an `R` when the driver has answered. */
export interface DriverVerbs<R> {
  /** Brings the IOMMU's driver up, then the drivers of the endpoints. */
  start(): Promise<R>;
  /** Takes the endpoints' drivers and the IOMMU's driver down in order. */
  stop(): Promise<R>;
  attach(what: { endpoint: SlotName; domain?: string; bypass?: boolean }): Promise<R>;
  detach(what: { endpoint: SlotName; domain?: string }): Promise<R>;
  /** Maps `length` bytes of buffer `buffer` (made on first use) at exactly `iova`. */
  map(what: { domain?: string; iova: bigint; length: number; access: MapAccess; buffer?: string }): Promise<R>;
  unmap(what: { domain?: string; iova: bigint; length: number }): Promise<R>;
  /** Maps a buffer the DMA-API way: the driver picks the IOVA and answers `iova`. */
  alloc(what: { endpoint: SlotName; buffer: string; length: number; access: MapAccess }): Promise<R>;
  free(what: { endpoint: SlotName; buffer: string }): Promise<R>;
  /** Lets the endpoint's own driver do one transfer of `length` bytes, or in the `background` one after the other. */
  io(what: { endpoint: SlotName; length?: number; background?: boolean }): Promise<R>;
  poke(what: { buffer: string; offset: number; bytes: string }): Promise<R>;
  peek(what: { buffer: string; offset: number; length: number }): Promise<R>;
  bypass(what: { value: 0 | 1 }): Promise<R>;
  /** Reserved regions that the driver knows for the endpoint. */
  regions(what: { endpoint: SlotName }): Promise<R>;
  /** Faults that the driver has reported since the last call. */
  faults(): Promise<R>;
  /** Takes down the driver of one endpoint only. */
  release(what: { endpoint: SlotName }): Promise<R>;
  /** Gives the rings of an endpoint whose driver is up another size; an optional ability (VIRTIO_F_RING_RESET). */
  resize(what: { endpoint: SlotName; size: number }): Promise<R>;
  /** Resets one queue of the IOMMU alone and uses it again; an optional ability (VIRTIO_F_RING_RESET). */
  'reset-queue'(what: { queue: 'requestq' | 'eventq' }): Promise<R>;
  /** Brings the IOMMU alone to rest; an optional ability (VIRTIO_F_SUSPEND). */
  suspend(): Promise<R>;
  /** Lets a suspended IOMMU go on. */
  resume(): Promise<R>;
  /** Tells of a device in a slot that was empty; an optional ability. */
  plug(what: { endpoint: SlotName }): Promise<R>;
  /** Tells that the device in a slot is being taken out, or has been pulled out already. */
  unplug(what: { endpoint: SlotName }): Promise<R>;
  /** Tells that the IOMMU itself has been pulled out; an optional ability. */
  'lose-iommu'(): Promise<R>;
  /** Gives up a named domain that no endpoint is in; an optional ability. */
  'end-domain'(what: { domain?: string }): Promise<R>;
  /** Brings every device to rest before the system goes; an optional ability. `stop` comes next. */
  shutdown(): Promise<R>;
}

/** What an answer carries: the YAML block behind it. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * The driver under test. A verb that it refuses ends `when`: what comes behind would rest on something that is not there, and
 * the variant is untested unless what was played by then says something. `try` is for cases about a refusal itself.
 */
export interface Driver extends DriverVerbs<Values> {
  readonly try: DriverVerbs<Outcome>;
  /** Whether the driver has a verb that the case could do without. */
  offers(verb: keyof DriverVerbs<never>): boolean;
}

/** What a case can make the machine do. Nothing here passes through the driver. */
export interface MachineVerbs {
  /**
   * One access by an endpoint, or `times` of them that leave the driver no time in between; what came of the last. An endpoint
   * that the driver does not let master the bus makes none.
   * `label` names them for `seen.dma(label)`.
   */
  dma(what: {
    endpoint: SlotName;
    address: bigint;
    length?: number;
    access: Access;
    bytes?: string;
    label: string;
    times?: number;
  }): Promise<'ok' | 'fault' | 'no-memory' | 'no-bus-master'>;
  /**
   * One access, labelled `label`, at every address that the endpoint was given and has returned. `patient`: only once none of
   * them would go through any more, or the driver has had more time for what it postpones than any takes.
   */
  retryAddresses(what: { endpoint: SlotName; label: string; patient?: boolean }): Promise<void>;
  /** Puts an endpoint into an empty slot; see `Given.endpoints`. */
  addEndpoint(what: { endpoint: SlotName } & Partial<Omit<EndpointSetup, 'slot'>>): Promise<void>;
  /** Pulls the endpoint out of its slot: it reads all ones, and the IOMMU knows its ID no more. */
  removeEndpoint(what: { endpoint: SlotName }): Promise<void>;
  /** Pulls the IOMMU out: it reads all ones, and takes no request. */
  removeIommu(): Promise<void>;
  /** `iommu` is the first one if left out. */
  changeConfig(config: Partial<IommuConfig>, iommu?: IommuName): Promise<void>;
  needReset(iommu?: IommuName): Promise<void>;
}

/** An IOMMU as it was staged. */
export interface SeenIommu {
  readonly name: IommuName;
  readonly features: readonly FeatureName[];
  readonly config: IommuConfig;
  readonly transport: TransportName;
}

/** A command to the driver with its answer. */
export interface Call {
  readonly verb: string;
  readonly args: Readonly<Record<string, string>>;
  readonly asked: EventOf<'verb'>;
  readonly answer: EventOf<'answer'>;
  readonly ok: boolean;
  readonly values: Values;
  /** Whole requests of one type that the driver sent in between. */
  readonly requests: (name: RequestName) => readonly EventOf<'request'>[];
}

/** What happened, and the means to judge it. */
export interface Seen<Id extends string = RequirementId> {
  /** Whose driver is judged. Where it is an endpoint's, that goes by the name `iommu` in `events`, and nobody else is in them. */
  readonly subject: 'iommu' | 'endpoint';
  readonly events: readonly TraceEvent[];
  of<K extends TraceKind>(kind: K): readonly EventOf<K>[];
  readonly requests: readonly EventOf<'request'>[];
  /** Requests of one type that could be parsed. */
  named(name: RequestName): readonly EventOf<'request'>[];
  /** How the device answered a request; undefined if it never did. */
  answerTo(request: EventOf<'request'>): EventOf<'completion'> | undefined;
  /** Accesses that carry this label. */
  dma(label: string): readonly EventOf<'dma'>[];
  /** Feature word that `device` had accepted when FEATURES_OK was last set; 0n before. */
  accepted(device: string): bigint;
  has(device: string, feature: FeatureName): boolean;
  readonly answers: readonly EventOf<'answer'>[];
  /** The commands that the driver answered, of one verb or all. */
  calls(verb?: keyof DriverVerbs<never>): readonly Call[];
  /** What the trace shows of attachments, mappings, and what endpoints may reach. */
  readonly world: World;
  /** Features, configuration and transport are those of the first IOMMU. */
  readonly setup: Omit<SeenIommu, 'name'> & {
    readonly topology: TopologyName;
    /** Whether the machine gives no driver a reason to refuse anything (`ordinary-machine.ts`). */
    readonly isOrdinary: boolean;
    /** The same of its devices, whatever the topology is and however it is described. */
    readonly hasOrdinaryDevices: boolean;
    /** Every IOMMU, the first one included. */
    readonly iommus: readonly SeenIommu[];
    /** Slots that hold an endpoint. */
    readonly slots: readonly SlotName[];
  };
  /**
   * Judges once, by one requirement or by several: `holds` or not; where that cannot be told, undefined, nothing is judged. `says` gives the observed and the
   * allowed value in one sentence. Where the row's conditions are not met (`cases/requirements/conditions.ts`) nothing is
   * judged either. A requirement that was never judged counts as not exercised.
   */
  check(requirement: Id | readonly Id[], holds: boolean | undefined, at: TraceEvent | undefined, says: string): void;
  /** A check that held. */
  held(requirement: Id | readonly Id[], at: TraceEvent | undefined): void;
  /** Ends the judging: what was needed did not come about. Yields `untested` unless something was broken already. */
  untested(says: string): void;
  /** The driver does without an optional feature that the case is about. Counts unless something was judged all the same. */
  notApplicable(says: string): void;
}

/** What `when` gets. */
export interface Scene {
  readonly driver: Driver;
  readonly machine: MachineVerbs;
}

export interface Needs {
  /** Verbs without which the case cannot be played: `untested` if the driver lacks one. */
  readonly verbs?: readonly (keyof DriverVerbs<never>)[];
  /** Verbs of optional abilities: `not-applicable` if the driver lacks one. */
  readonly optionalVerbs?: readonly (keyof DriverVerbs<never>)[];
}
