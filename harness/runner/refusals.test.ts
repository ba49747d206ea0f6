/** `not ok` is a driver's right: nothing is held against it but the refusal itself, and that only where it does not always refuse. */
import { describe, expect, it } from 'vitest';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import type { DriverSession, DriverUnderTest, Verb } from '../driver-contract/driver-session.ts';
import { sampleDriver } from '../in-process/sample-driver.ts';
import { named, play } from './fixtures/play.ts';
import { allVariants, topologyOf } from './plan.ts';
import { runCase } from './run-case.ts';

const ALWAYS = 0;

/** The sample driver, but it refuses the `nth` call of `verb` in a session. */
const refusing = (verb: Verb, nth: number): DriverUnderTest => ({
  async open(topology): Promise<DriverSession> {
    const session = await sampleDriver({}).open(topology);
    let calls = 0;
    return {
      machine: session.machine,
      identity: session.identity,
      command: async (command) => {
        const refused = command.verb === verb && (nth === ALWAYS || ++calls === nth);
        return refused ? { outcome: 'not-ok', reason: 'not today', values: {} } : session.command(command);
      },
      takeLog: () => session.takeLog(),
      close: () => session.close(),
    };
  },
});

/** The catalogue, and of the sweeps' hundreds of variants a few. */
const MOST = [
  ...CASES.filter(({ needs }) => needs.sweeps !== true).map(({ id }) => id),
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
      const [verb, blaming] = row;
      const { verdicts } = await play(refusing(verb, ALWAYS), MOST);
      const blamed = verdicts.filter(({ findings }) => findings.length > 0).map(({ id }) => id.split(':')[0]);
      expect([...new Set(blamed)]).toEqual(blaming);
      expect(named(verdicts, 'untested')).toContainEqual(
        expect.stringContaining(`refuses '${verb}' in an ordinary machine too: not today.`),
      );
    },
  );
});

/** Cases in which something is asked for more than once, and of which one is refused. */
it.each([
  ['attach', 1],
  ['map', 1],
  ['map', 2],
  ['poke', 1],
  ['poke', 2],
  ['faults', 1],
] as const)(
  'a driver that refuses %s number %s is blamed for nothing but that',
  { timeout: 60_000 },
  async (verb, nth) => {
    const blamed: string[] = [];
    for (const planned of allVariants(CASES)) {
      if (planned.case.needs.verbs?.includes(verb) !== true || planned.case.needs.sweeps === true) continue;
      const session = await refusing(verb, nth).open(topologyOf(planned));
      const { findings, trace } = await runCase(session, planned, MONITORS);
      await session.close();
      const isRefusal = (seq: number | undefined): boolean =>
        trace.some((event) => event.seq === seq && event.kind === 'answer' && event.outcome === 'not-ok');
      blamed.push(...findings.filter(({ at }) => !isRefusal(at)).map(({ says }) => `${planned.id}: ${says}`));
    }
    expect(blamed).toEqual([]);
  },
);
