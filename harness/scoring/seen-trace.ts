import type { Call, FeatureName, Seen, SeenIommu } from '../../cases/api/vocabulary.ts';
import { hasOrdinaryDevices, isOrdinary } from '../../cases/api/ordinary-machine.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import { type DescribedIommu, TOPOLOGIES, transportOf } from '../../reference-device/topology/topologies.ts';
import type { EventOf, RequestName, TraceEvent, TraceKind } from '../../reference-device/trace-events.ts';
import { hasFeature } from '../../reference-device/wire/features.ts';
import { World, type WorldFacts } from '../../cases/world/world.ts';
import type { Judgement } from './judgement.ts';

/** The IOMMUs as they were staged, the first one first. */
function seenIommus({ iommu, moreIommus, topology }: MachineSetup): [SeenIommu, ...SeenIommu[]] {
  const seen = ({ name, place }: DescribedIommu): SeenIommu => {
    const { features, config } = moreIommus?.[name] ?? iommu;
    return { name, features, config, transport: transportOf(place) };
  };
  const [first, ...others] = TOPOLOGIES[topology].iommus;
  return [seen(first), ...others.map(seen)];
}

/** An endpoint in the place of the first IOMMU, reached as its registers are. */
function withTransportOf(events: readonly TraceEvent[], { iommu }: MachineSetup): SeenIommu {
  const onMmio = events.some((event) => 'structure' in event && event.structure === 'mmio');
  return { name: 'iommu', features: [], config: iommu.config, transport: onMmio ? 'mmio' : 'pci' };
}

/** The view of one trace in which cases and monitors judge; see `Seen` for what each member means. */
export class SeenTrace implements Seen {
  readonly events: readonly TraceEvent[];
  readonly requests: readonly EventOf<'request'>[];
  readonly answers: readonly EventOf<'answer'>[];
  readonly setup: Seen['setup'];
  readonly subject: Seen['subject'];
  readonly world: World;
  #calls: readonly Call[] | undefined;
  readonly #judgement: Judgement;
  readonly #byKind = new Map<TraceKind, TraceEvent[]>();
  readonly #completions = new Map<number, EventOf<'completion'>>();

  constructor(
    events: readonly TraceEvent[],
    setup: MachineSetup,
    driver: Pick<WorldFacts, 'lazyUnmap' | 'passthrough'>,
    judgement: Judgement,
    subject: Seen['subject'] = 'iommu',
  ) {
    this.events = events;
    this.subject = subject;
    const iommus = subject === 'iommu' ? seenIommus(setup) : ([withTransportOf(events, setup)] as const);
    this.setup = {
      ...iommus[0],
      topology: setup.topology,
      isOrdinary: isOrdinary(setup),
      hasOrdinaryDevices: hasOrdinaryDevices(setup),
      iommus,
      slots: setup.endpoints.map(({ slot }) => slot),
    };
    this.world = new World(events, { ...setup, ...driver });
    this.#judgement = judgement;
    for (const event of events) {
      const list = this.#byKind.get(event.kind);
      if (list) list.push(event);
      else this.#byKind.set(event.kind, [event]);
      if (event.kind === 'completion' && !this.#completions.has(event.id)) this.#completions.set(event.id, event);
    }
    this.requests = this.of('request');
    this.answers = this.of('answer');
  }

  of<K extends TraceKind>(kind: K): readonly EventOf<K>[] {
    return (this.#byKind.get(kind) ?? []) as EventOf<K>[];
  }

  named(name: RequestName): readonly EventOf<'request'>[] {
    return this.requests.filter((request) => request.name === name && request.complete);
  }

  answerTo(request: EventOf<'request'>): EventOf<'completion'> | undefined {
    return this.#completions.get(request.id);
  }

  calls(verb?: string): readonly Call[] {
    this.#calls ??= this.answers.flatMap((answer) => this.#call(answer) ?? []);
    return verb === undefined ? this.#calls : this.#calls.filter((call) => call.verb === verb);
  }

  #call(answer: EventOf<'answer'>): Call | undefined {
    const asked = this.of('verb').findLast(({ seq }) => seq < answer.seq);
    if (asked === undefined) return undefined;
    const isDuring = ({ seq }: TraceEvent): boolean => asked.seq < seq && seq < answer.seq;
    return {
      verb: answer.verb,
      args: asked.args,
      asked,
      answer,
      ok: answer.outcome === 'ok',
      values: answer.values,
      requests: (name) => this.named(name).filter(isDuring),
    };
  }

  dma(label: string): readonly EventOf<'dma'>[] {
    return this.of('dma').filter((access) => access.label === label);
  }

  accepted(device: string): bigint {
    return this.of('features').findLast((negotiation) => negotiation.device === device)?.accepted ?? 0n;
  }

  has(device: string, feature: FeatureName): boolean {
    return hasFeature(this.accepted(device), feature);
  }

  check(
    requirement: string | readonly string[],
    holds: boolean | undefined,
    at: TraceEvent | undefined,
    says: string,
  ): void {
    for (const id of [requirement].flat()) this.#judgement.check(id, holds, at, says);
  }

  held(requirement: string | readonly string[], at: TraceEvent | undefined): void {
    this.check(requirement, true, at, '');
  }

  untested(says: string): void {
    this.#judgement.untested(says);
  }

  notApplicable(says: string): void {
    this.#judgement.notApplicable(says);
  }
}
