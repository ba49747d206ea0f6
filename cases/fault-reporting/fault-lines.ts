/** What a driver says of faults, and what it should say, in the words of the verb `faults`. */
import { type Driver, type EventOf, hex, type Seen } from '../api/index.ts';

const REASONS = ['unknown', 'domain', 'mapping'];
const FLAG_ADDRESS = 0x100;

/** The address as a line has it. */
const addressWords = ({ address }: { readonly address: bigint }): string => ` address=${hex(address)}`;

/** Puts the endpoint `dma` at the user's disposal: until somebody lets it master the bus it can make no access that goes wrong. */
export async function lend(driver: Driver): Promise<void> {
  if (driver.offers('attach')) await driver.try.attach({ endpoint: 'dma' });
}

/** What the driver says of the fault of `access`: by its address, or before there was another one to speak of. */
export function linesOn(seen: Pick<Seen, 'of' | 'calls'>, access: EventOf<'dma'>): string[] {
  const others = seen.of('dma').filter(({ label, address }) => label !== undefined && address !== access.address);
  const next = others.find(({ seq }) => seq > access.seq)?.seq ?? Infinity;
  return seen
    .calls('faults')
    .filter(({ asked }) => asked.seq > access.seq)
    .flatMap(({ answer, values: { faults } }) =>
      (Array.isArray(faults) ? faults.map(String) : []).filter(
        (line) =>
          line.endsWith(addressWords(access)) ||
          (answer.seq < next && !others.some((other) => line.endsWith(addressWords(other)))),
      ),
    );
}

/** Reason and endpoint of a record. */
export const lineOf = ({ reason, endpoint }: EventOf<'fault-report'>): string =>
  `${REASONS[reason] ?? 'unknown'} endpoint=${hex(endpoint)}`;

/** The same with the address, if the record has one. */
export const wholeLineOf = (report: EventOf<'fault-report'>): string =>
  lineOf(report) + ((report.flags & FLAG_ADDRESS) === 0 ? '' : addressWords(report));

/** Judges what the driver says of a record in which nothing is odd. One that it does not speak of proves nothing. */
export function judgePlainRecord(
  seen: Pick<Seen<'iommu/prose/fault-record'>, 'of' | 'calls' | 'check' | 'world'>,
  access: EventOf<'dma'>,
): void {
  const report = seen.world.reported(access);
  const [line] = linesOn(seen, access);
  if (report === undefined || line === undefined) return;
  seen.check(
    'iommu/prose/fault-record',
    `${line} `.startsWith(`${lineOf(report)} `),
    report,
    `The driver reports '${line}'; the record says '${wholeLineOf(report)}'.`,
  );
}
