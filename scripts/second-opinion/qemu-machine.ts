/** A q35 machine in QEMU: its own virtio-iommu and two `edu` devices, at the places where our machine has its functions. */
import type { Program } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { IOMMU_BDF, SLOTS } from '../../reference-device/machine-setup.ts';
import { EduEngines } from './edu-engines.ts';
import { QtestBus } from './qtest-bus.ts';
import { QtestConnection } from './qtest-connection.ts';
import { FIGURES } from './steps.ts';
import type { TestMachine } from './test-machine.ts';

/** A function that is not there. */
const NOBODY_BDF = 0x14 << 3;
const PAST_16_BITS = 0x1_0000;

const bdfs = { a: SLOTS.dma.bdf, b: SLOTS.dma2.bdf } as const;
const address = (bdf: number): string => (bdf >> 3).toString(16);

const MACHINE = [
  ['-machine', 'q35,accel=qtest'],
  ['-m', `${FIGURES.ramBytes / 1024 / 1024}M`],
  ['-device', `virtio-iommu-pci,addr=${address(IOMMU_BDF)},granule=4k,aw-bits=39,boot-bypass=off`],
  ...Object.values(bdfs).map((bdf) => ['-device', `edu,addr=${address(bdf)},dma_mask=0xffffffffffffffff`]),
].flat();

/** The chipset's reset register, and what makes it reset everything. */
const RESET_PORT = 0xcf9;
const FULL_RESET = 0x06;
const COMMAND = 0x04;
const MEMORY_SPACE = 0x02;
/** QEMU resets between two commands, so one look is enough; more of them cost nothing. */
const LOOKS_MAX = 10_000;

/** Asks for a system reset and waits until the IOMMU's function has forgotten that it was to decode its BARs. */
async function resetMachine(qtest: QtestConnection, bus: QtestBus): Promise<void> {
  await bus.writeConfig(IOMMU_BDF, COMMAND, 2, MEMORY_SPACE);
  await qtest.say(`outb ${RESET_PORT} ${FULL_RESET}`);
  for (let look = 0; look < LOOKS_MAX; look++) {
    if ((await bus.readConfig(IOMMU_BDF, COMMAND, 2)) === 0) return;
  }
  throw new Error('QEMU does not reset its machine');
}

/** Starts the machine. Rejects with `SubjectDied` if QEMU does not come up. */
export async function openQemuMachine(qemu: Program): Promise<TestMachine> {
  const qtest = await QtestConnection.open(qemu, MACHINE);
  try {
    await qtest.say('endianness');
  } catch (error) {
    await qtest.close();
    throw error;
  }
  const bus = new QtestBus(qtest);
  return {
    bus,
    iommuBdf: IOMMU_BDF,
    endpointBdfs: bdfs,
    // QEMU's endpoint IDs are BDFs.
    ids: { ...bdfs, nobody: NOBODY_BDF, 'past-16-bits': bdfs.a + PAST_16_BITS, iommu: IOMMU_BDF },
    reset: () => resetMachine(qtest, bus),
    engines: (bars) => new EduEngines(bus, qtest, { a: bars.a.get(0) ?? 0n, b: bars.b.get(0) ?? 0n }),
    close: () => qtest.close(),
  };
}
