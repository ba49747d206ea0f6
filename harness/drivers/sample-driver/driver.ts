/** The sample driver as the harness commands it: one method a verb. */
import {
  access,
  address,
  BadArgument,
  type Arguments,
  hexBytes,
  hexOf,
  rangeLength,
  size,
  word,
} from './command-arguments.ts';
import type { DriverFaults } from './driver-faults.ts';
import type { ManagedEndpoint } from './endpoint-manager.ts';
import type { ReportedFault } from './events.ts';
import { GuestKernel } from './guest-kernel.ts';
import { DOWN, type IommuDevice } from './iommu-device.ts';
import { NamedDomain } from './named-domains.ts';
import { PAGE_SIZE } from './physical-memory.ts';
import type { CommandAnswer, Platform } from './platform.ts';

const OK: CommandAnswer = { outcome: 'ok', values: {} };

const refused = (reason: string): CommandAnswer => ({ outcome: 'not-ok', reason, values: {} });

/** `ok` unless there is a sentence that says why not. */
const settled = (problem: string | undefined): CommandAnswer => (problem === undefined ? OK : refused(problem));

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** What memory for a mapping has to be aligned to. */
function alignmentIn({ granule }: NamedDomain): number {
  return granule < 1n << 40n ? Math.max(Number(granule), PAGE_SIZE) : 2 ** 40;
}

function faultLine({ reason, endpoint, address }: ReportedFault): string {
  return `${reason} endpoint=${hex(endpoint)}${address === undefined ? '' : ` address=${hex(address)}`}`;
}

/** Verbs before which nothing is done for the devices: they are down, going down, or at rest. */
const UNATTENDED: ReadonlySet<string> = new Set(['start', 'stop', 'shutdown', 'suspend', 'resume']);

/** A driver for virtio-iommu with the drivers of the endpoints, and the mistakes that are asked for. */
export class SampleDriver {
  readonly #kernel: GuestKernel;
  readonly #verbs: ReadonlyMap<string, (args: Arguments) => CommandAnswer>;

  constructor(platform: Platform, faults: DriverFaults) {
    this.#kernel = new GuestKernel(platform, faults);
    this.#verbs = new Map<string, (args: Arguments) => CommandAnswer>([
      ['start', () => settled(this.#kernel.start())],
      ['stop', () => this.#stop()],
      ['attach', (args) => this.#attach(args)],
      ['detach', (args) => this.#detach(args)],
      ['map', (args) => this.#map(args)],
      ['unmap', (args) => this.#unmap(args)],
      ['alloc', (args) => this.#alloc(args)],
      ['free', (args) => this.#free(args)],
      ['io', (args) => this.#io(args)],
      ['poke', (args) => this.#poke(args)],
      ['peek', (args) => this.#peek(args)],
      ['bypass', (args) => this.#bypass(args)],
      ['regions', (args) => this.#regions(args)],
      ['faults', () => this.#faults()],
      ['release', (args) => this.#release(args)],
      ['resize', (args) => this.#resize(args)],
      ['reset-queue', (args) => this.#resetQueue(args)],
      ['suspend', () => this.#withDevices((device) => device.suspend())],
      ['resume', () => this.#withDevices((device) => device.resume())],
      ['plug', (args) => settled(this.#kernel.plug(word(args, 'endpoint')))],
      ['unplug', (args) => this.#unplug(args)],
      ['lose-iommu', () => this.#withDevices((device) => (device.isGone() ? undefined : 'the IOMMU is still there'))],
      ['end-domain', (args) => this.#endDomain(args)],
      ['shutdown', () => this.#shutdown()],
    ]);
  }

  /** Carries a command out. Never throws because of the command or of what a device does. */
  command(verb: string, args: Arguments): CommandAnswer {
    const carryOut = this.#verbs.get(verb);
    if (!carryOut) return { outcome: 'skip', reason: `there is no verb ${verb}`, values: {} };
    if (!UNATTENDED.has(verb)) this.#kernel.attend();
    try {
      return carryOut(args);
    } catch (error) {
      if (error instanceof BadArgument) return refused(error.message);
      throw error;
    }
  }

  #resetQueue(args: Arguments): CommandAnswer {
    const name = word(args, 'queue');
    return this.#withDevices((device) => device.restartQueue(name), 1);
  }

  /** What `act` says to the devices of the IOMMUs, or of the first `most`; the first sentence, if one says any. */
  #withDevices(act: (device: IommuDevice) => string | undefined, most?: number): CommandAnswer {
    const { iommus } = this.#kernel;
    if (iommus.length === 0) return refused(DOWN);
    const problems = iommus.slice(0, most).map(({ device }) => act(device));
    return settled(problems.find((problem) => problem !== undefined));
  }

  #unplug(args: Arguments): CommandAnswer {
    const name = word(args, 'endpoint');
    const managed = this.#kernel.endpoints.get(name);
    const iommu = managed && this.#kernel.manager.iommuOf(managed.endpoint);
    if (iommu?.device.isSuspended === true) return refused('the IOMMU is suspended');
    this.#kernel.unplug(name);
    return OK;
  }

  #stop(): CommandAnswer {
    this.#kernel.stop();
    return OK;
  }

  #shutdown(): CommandAnswer {
    this.#kernel.shutdown();
    return OK;
  }

  #endDomain(args: Arguments): CommandAnswer {
    const name = word(args, 'domain');
    const { domains, faults } = this.#kernel;
    const domain = domains.get(name);
    if (!domain) return refused('there is no such domain');
    if (domain.isInUse) return refused('an endpoint is in that domain');
    if (faults.has('ended-domain-kept')) return OK;
    domain.dispose();
    domains.delete(name);
    return OK;
  }

  #endpoint(args: Arguments): ManagedEndpoint {
    const name = word(args, 'endpoint');
    const managed = this.#kernel.endpoints.get(name);
    if (!managed) throw new BadArgument(`there is no endpoint ${name}`);
    return managed;
  }

  #attach(args: Arguments): CommandAnswer {
    const managed = this.#endpoint(args);
    const name = word(args, 'domain');
    const { iommus, domains, manager, faults } = this.#kernel;
    if (iommus.length === 0) return refused(DOWN);
    const iommu = manager.iommuOf(managed.endpoint);
    if (!iommu) return refused(`${managed.name} is not behind an IOMMU that is in use`);
    const named = domains.get(name) ?? new NamedDomain(args['bypass'] === '1', faults);
    const part = named.partAt(iommu);
    if (typeof part === 'string') return refused(part);
    const problem = manager.moveTo(managed, part);
    if (problem === undefined) domains.set(name, named);
    else if (domains.get(name) !== named) named.dispose();
    return settled(problem);
  }

  #detach(args: Arguments): CommandAnswer {
    const managed = this.#endpoint(args);
    const domain = this.#kernel.domains.get(word(args, 'domain'));
    if (!domain?.has(managed.endpoint.domain)) return refused(`${managed.endpoint.name} is not in that domain`);
    if (this.#kernel.faults.has('detach-forgotten-on-leave')) return OK;
    const problem = this.#kernel.manager.leaveNamed(managed);
    if (problem !== undefined) return refused(problem);
    // The endpoint has left the domain whether or not its own driver can be started again.
    if (!this.#leavesToNobody()) this.#kernel.manager.giveBack(managed);
    return OK;
  }

  /** The ATTACH by which an endpoint goes back to its own driver would make good for a DETACH that was none. */
  #leavesToNobody(): boolean {
    const { faults } = this.#kernel;
    return faults.has('detach-wrong-domain') || faults.has('failed-detach-accepted') || faults.has('detach-to-nowhere');
  }

  #map(args: Arguments): CommandAnswer {
    const domain = this.#kernel.domains.get(word(args, 'domain'));
    const { buffers } = this.#kernel;
    if (!domain) return refused('there is no such domain');
    const iova = address(args, 'iova');
    const length = size(args, 'length', 1);
    const name = word(args, 'buffer');
    const wanted = access(args);
    const known = buffers.get(name);
    if (known && known.length < length) return refused(`buffer ${name} is shorter`);
    const pages = known?.pages ?? buffers.pagesFor(length, alignmentIn(domain));
    if (!pages) return refused('no memory is left');
    if (!known) buffers.add(name, pages, length, undefined);
    return settled(domain.map(iova, BigInt(length) + this.#spill(domain), pages.physical, wanted));
  }

  /** Bytes that are mapped beyond what was asked for. */
  #spill(domain: NamedDomain): bigint {
    return this.#kernel.faults.has('maps-neighbour-page') ? domain.granule : 0n;
  }

  #unmap(args: Arguments): CommandAnswer {
    const domain = this.#kernel.domains.get(word(args, 'domain'));
    if (!domain) return refused('there is no such domain');
    const start = address(args, 'iova');
    return settled(domain.unmap(start, start + rangeLength(args) + this.#spill(domain) - 1n));
  }

  #alloc(args: Arguments): CommandAnswer {
    const managed = this.#endpoint(args);
    const { endpoint, space } = managed;
    const name = word(args, 'buffer');
    const length = size(args, 'length', 1);
    const wanted = access(args);
    const { buffers, memory } = this.#kernel;
    if (!managed.isOwned) return refused(`${endpoint.name} is not in the hands of its own driver`);
    if (buffers.get(name)) return refused(`buffer ${name} is in use`);
    const pages = buffers.pagesFor(length, space.alignment);
    if (!pages) return refused('no memory is left');
    const mapped = space.map(pages.physical, length, wanted);
    if (typeof mapped === 'string') {
      memory.release(pages);
      return refused(mapped);
    }
    buffers.add(name, pages, length, { endpoint, space, address: mapped.address });
    return { outcome: 'ok', values: { iova: hex(mapped.address) } };
  }

  #free(args: Arguments): CommandAnswer {
    const { endpoint } = this.#endpoint(args);
    const name = word(args, 'buffer');
    const { buffers, faults } = this.#kernel;
    const buffer = buffers.get(name);
    if (buffer?.dma?.endpoint !== endpoint) return refused(`buffer ${name} is not mapped for ${endpoint.name}`);
    if (faults.has('frees-before-unmap-completes')) buffers.remove(name);
    const problem = faults.has('frees-without-unmap')
      ? undefined
      : buffer.dma.space.unmap(buffer.dma.address, buffer.length);
    // A buffer that the device may still reach is never used again.
    if (problem === undefined && !faults.has('frees-before-unmap-completes')) buffers.remove(name);
    return settled(problem);
  }

  #io(args: Arguments): CommandAnswer {
    const { endpoint, own } = this.#endpoint(args);
    const length = size(args, 'length', 1);
    if (!own) return { outcome: 'skip', reason: `${endpoint.name} has no driver of its own`, values: {} };
    if (args['background'] === '1') return settled(own.begin(length));
    const bytes = own.transfer(length);
    if (typeof bytes === 'string') return refused(bytes);
    return { outcome: 'ok', values: { bytes: bytes.byteLength } };
  }

  #resize(args: Arguments): CommandAnswer {
    const { endpoint, own } = this.#endpoint(args);
    if (!own) return { outcome: 'skip', reason: `${endpoint.name} has no driver of its own`, values: {} };
    return settled(own.resize(size(args, 'size', 1)));
  }

  #poke(args: Arguments): CommandAnswer {
    const data = hexBytes(args, 'bytes');
    const place = this.#kernel.buffers.bytes(word(args, 'buffer'), size(args, 'offset'), data.byteLength);
    if (!place) return refused('the buffer has no such bytes');
    place.set(data);
    return OK;
  }

  #peek(args: Arguments): CommandAnswer {
    const place = this.#kernel.buffers.bytes(word(args, 'buffer'), size(args, 'offset'), size(args, 'length', 1));
    if (!place) return refused('the buffer has no such bytes');
    return { outcome: 'ok', values: { bytes: hexOf(place) } };
  }

  #bypass(args: Arguments): CommandAnswer {
    const value = word(args, 'value');
    if (value !== '0' && value !== '1') return refused(`value=${value} is neither 0 nor 1`);
    return this.#withDevices((device) => device.setBypass(value === '1'));
  }

  #regions(args: Arguments): CommandAnswer {
    const { endpoint } = this.#endpoint(args);
    if (!this.#kernel.manager.iommuOf(endpoint)) return refused(`${endpoint.name} is not behind the IOMMU`);
    const regions = endpoint.regions.map(({ start, end, kind }) => `${hex(start)} ${hex(end)} ${kind}`);
    return { outcome: 'ok', values: { regions } };
  }

  #faults(): CommandAnswer {
    return { outcome: 'ok', values: { faults: this.#kernel.takeFaults().map(faultLine) } };
  }

  #release(args: Arguments): CommandAnswer {
    const managed = this.#endpoint(args);
    if (managed.isOwned) return settled(this.#kernel.manager.takeDown(managed, 'release'));
    const isLent = [...this.#kernel.domains.values()].some((domain) => domain.has(managed.endpoint.domain));
    return isLent ? settled(this.#kernel.manager.leaveNamed(managed)) : OK;
  }
}
