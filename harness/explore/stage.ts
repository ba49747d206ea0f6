/** Takes the steps of a story in front of a driver. */
import type { Scene, SlotName } from '../../cases/api/vocabulary.ts';
import { VerbNotOffered } from '../runner/scene.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import { placesIn } from './drawn-endpoints.ts';
import { type SingleStep, type Step, unrolled } from './step.ts';

/** Takes all steps. What the driver refuses, or does not offer, ends nothing. */
export async function takeSteps(
  steps: readonly Step[],
  scene: Scene,
  setup: Pick<MachineSetup, 'topology' | 'endpoints'>,
): Promise<void> {
  const stage: Stage = {
    scene,
    places: new Set(placesIn(setup)),
    present: new Set(setup.endpoints.map(({ slot }) => slot)),
    addresses: new Map(),
    names: new Set(),
    hasIommu: true,
  };
  for (const step of unrolled(steps)) {
    try {
      await take(step, stage);
    } catch (error) {
      if (!(error instanceof VerbNotOffered)) throw error;
    }
  }
}

/** What is where while a story plays. */
interface Stage {
  readonly scene: Scene;
  /** Where there can be endpoints. */
  readonly places: Set<SlotName>;
  readonly present: Set<SlotName>;
  /** Where each buffer was mapped last. */
  readonly addresses: Map<string, bigint>;
  /** Of buffers that there are. What a driver makes of a name that is in use is its own affair. */
  readonly names: Set<string>;
  hasIommu: boolean;
}

type Taker<D extends SingleStep['do']> = (step: Extract<SingleStep, { do: D }>, stage: Stage) => Promise<unknown>;

/** Acts of the machine that make no sense, such as pulling out what is not there, are left out: steps may be taken away. */
const TAKERS: { readonly [D in SingleStep['do']]: Taker<D> } = {
  start: (_, { scene }) => scene.driver.try.start(),
  stop: (_, { scene, names }) => {
    names.clear();
    return scene.driver.try.stop();
  },
  faults: (_, { scene }) => scene.driver.try.faults(),
  shutdown: (_, { scene, names }) => {
    names.clear();
    return scene.driver.try.shutdown();
  },
  suspend: (_, { scene }) => scene.driver.try.suspend(),
  resume: (_, { scene }) => scene.driver.try.resume(),
  attach: (step, { scene }) => scene.driver.try.attach({ ...step, bypass: step.bypass ?? false }),
  detach: (step, { scene }) => scene.driver.try.detach(step),
  'end-domain': (step, { scene }) => scene.driver.try['end-domain'](step),
  map: (step, { scene, addresses, names }) => {
    addresses.set(step.buffer, step.iova);
    names.add(step.buffer);
    return scene.driver.try.map(step);
  },
  unmap: (step, { scene }) => scene.driver.try.unmap(step),
  alloc: async (step, { scene, addresses, names }) => {
    if (names.has(step.buffer)) return;
    const { ok, values } = await scene.driver.try.alloc(step);
    if (ok) names.add(step.buffer);
    const { iova } = values;
    if (typeof iova === 'string' && /^0x[0-9a-f]{1,16}$/i.test(iova)) addresses.set(step.buffer, BigInt(iova));
  },
  free: async (step, { scene, names }) => {
    const { ok } = await scene.driver.try.free(step);
    if (ok) names.delete(step.buffer);
  },
  io: (step, { scene }) => scene.driver.try.io({ ...step, background: step.background ?? false }),
  bypass: (step, { scene }) => scene.driver.try.bypass(step),
  regions: (step, { scene }) => scene.driver.try.regions(step),
  release: (step, { scene }) => scene.driver.try.release(step),
  plug: (step, { scene }) => scene.driver.try.plug(step),
  unplug: (step, { scene }) => scene.driver.try.unplug(step),
  resize: (step, { scene }) => scene.driver.try.resize(step),
  'reset-queue': (step, { scene }) => scene.driver.try['reset-queue'](step),
  dma: async (step, { scene, present, addresses }) => {
    const base = step.buffer === undefined ? 0n : addresses.get(step.buffer);
    if (base === undefined || !present.has(step.endpoint)) return;
    const address = BigInt.asUintN(64, base + step.at);
    await scene.machine.dma({
      endpoint: step.endpoint,
      address,
      length: step.length,
      access: step.access,
      label: step.endpoint,
    });
  },
  retry: async ({ endpoint }, { scene, present }) => {
    if (present.has(endpoint)) await scene.machine.retryAddresses({ endpoint, label: endpoint });
  },
  // A driver that is never told of what has gone or come, or does not want to hear of it, cannot know.
  'put-in': async ({ endpoint, resvMem }, { scene: { driver, machine }, places, present }) => {
    if (present.has(endpoint) || !places.has(endpoint) || !driver.offers('plug')) return;
    await machine.addEndpoint({ endpoint, ...(resvMem && { resvMem }) });
    present.add(endpoint);
    await driver.try.plug({ endpoint });
  },
  'take-out': async ({ endpoint, bySurprise = false }, { scene: { driver, machine }, places, present }) => {
    if (!present.has(endpoint) || !driver.offers('unplug')) return;
    if (!bySurprise && !(await driver.try.unplug({ endpoint })).ok) return;
    await machine.removeEndpoint({ endpoint });
    present.delete(endpoint);
    if (bySurprise && !(await driver.try.unplug({ endpoint })).ok) places.delete(endpoint);
  },
  'pull-iommu': async (_, stage) => {
    const { driver, machine } = stage.scene;
    if (!stage.hasIommu || !driver.offers('lose-iommu')) return;
    await machine.removeIommu();
    stage.hasIommu = false;
    await driver.try['lose-iommu']();
  },
  'need-reset': async (_, { scene, hasIommu }) => {
    if (hasIommu) await scene.machine.needReset();
  },
};

const take = (step: SingleStep, stage: Stage): Promise<unknown> =>
  (TAKERS[step.do] as Taker<typeof step.do>)(step, stage);
