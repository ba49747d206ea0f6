/** `not ok` is a driver's right: nothing is held against it but the refusal itself, and that only where it does not always refuse. */
import { rootsOf } from '../../reports/record/root-findings.ts';
import { describe, expect, it } from 'vitest';
import { CASES } from '../../cases/catalogue.ts';
import type { Command, DriverSession, DriverUnderTest, Verb } from '../driver-contract/driver-session.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import type { CaseJudged } from '../../reports/record/model.ts';
import { named, play } from './fixtures/play.ts';
import { playVariant } from './fixtures/play-variant.ts';
import { allVariants } from './plan.ts';

/** The sample driver, but it refuses the commands that `refuses` picks, which is asked about each in turn. */
const refusing = (refuses: (command: Command) => boolean): DriverUnderTest => ({
  async open(described): Promise<DriverSession> {
    const session = await sampleDriver({}).open(described);
    return {
      machine: session.machine,
      identity: session.identity,
      command: async (command) =>
        refuses(command) ? { outcome: 'not-ok', reason: 'not today', values: {} } : session.command(command),
      takeLog: () => session.takeLog(),
      close: () => session.close(),
    };
  },
});

/** Whether it is call number `nth` of `verb`. */
function onCall(verb: Verb, nth: number): (command: Command) => boolean {
  let calls = 0;
  return (command) => command.verb === verb && ++calls === nth;
}

const blamedCases = (verdicts: readonly CaseJudged[]): (string | undefined)[] => [
  ...new Set(verdicts.filter(({ findings }) => rootsOf(findings).length > 0).map(({ id }) => id.split(':')[0])),
];

/** The catalogue, and of the sweeps' hundreds of variants a few. */
const MOST = [
  ...CASES.map(({ id }) => id).filter((id) => !id.startsWith('sweeps/')),
  'sweeps/*:first-*-NOMEM',
  'sweeps/*:first-*-late',
];

describe('a driver that always refuses one verb', () => {
  it.each([
    ['start', ['initialization/claimed-verbs', 'transport-pci/modern-device-id']],
    ['attach', ['initialization/claimed-verbs']],
    ['map', ['initialization/claimed-verbs']],
    ['unmap', ['initialization/claimed-verbs']],
    ['io', ['initialization/claimed-verbs']],
  ] as const)(
    'is blamed for that, and not for what it does in odd machines: %s',
    { timeout: 60_000 },
    async (...row) => {
      const [refused, blaming] = row;
      const { verdicts } = await play(
        refusing(({ verb }) => verb === refused),
        MOST,
      );
      expect(blamedCases(verdicts)).toEqual(blaming);
      expect(named(verdicts, 'untested')).toContainEqual(
        expect.stringContaining(`The driver refused '${refused}': not today.`),
      );
    },
  );
});

/** Whether it is no multiple of 64 KiB. */
const isPart = (number: string | undefined): boolean => BigInt(number ?? 0) % 0x1_0000n !== 0n;

it('a driver whose pages have 64 KiB is blamed for nothing', { timeout: 60_000 }, async () => {
  const { verdicts } = await play(
    refusing(
      ({ verb, args }) => (verb === 'map' || verb === 'unmap') && (isPart(args['iova']) || isPart(args['length'])),
    ),
    MOST,
  );
  expect(blamedCases(verdicts)).toEqual([]);
});

/** Cases in which something is asked for more than once, and of which one is refused. */
it.each([
  ['attach', 1],
  ['map', 1],
  ['map', 2],
  ['poke', 1],
  ['poke', 2],
  ['peek', 1],
  ['faults', 1],
] as const)(
  'a driver that refuses %s number %s is blamed for nothing but that',
  { timeout: 60_000 },
  async (verb, nth) => {
    const blamed: string[] = [];
    for (const planned of allVariants(CASES)) {
      if (planned.case.needs.verbs?.includes(verb) !== true || planned.id.startsWith('sweeps/')) continue;
      const { findings, trace } = await playVariant(refusing(onCall(verb, nth)), planned);
      const isRefusal = (seq: number | undefined): boolean =>
        trace.some((event) => event.seq === seq && event.kind === 'answer' && event.outcome === 'not-ok');
      blamed.push(
        ...rootsOf(findings)
          .filter(({ at }) => !isRefusal(at))
          .map(({ says }) => `${planned.id}: ${says}`),
      );
    }
    expect(blamed).toEqual([]);
  },
);
