import { counted, defineMonitor, type EventOf, type Seen } from '../api/index.ts';
import { CONFIG_FIELDS, type Field, accesses, touched } from './registers.ts';
import { inSession, type Session, inEachSession, stagedAs } from './sessions.ts';

const BYPASS_OFFSET = 36;

type Write = EventOf<'register-write'>;
type Read = EventOf<'register-read'>;

const REQUIREMENTS = [
  'iommu/driver/config/no-other-config-writes',
  'iommu/driver/config/bypass-value-0-or-1',
  'core/driver/config/check-feature-before-access',
  'core/driver/config/generation-loop',
  'core/driver/init/no-config-write-early',
] as const;
type Ids = (typeof REQUIREMENTS)[number];

function judgeWrite(seen: Seen<Ids>, session: Session, write: Write): void {
  const { offset, width, value } = write;
  const others = offset !== BYPASS_OFFSET || width !== 1;
  seen.check(
    'iommu/driver/config/no-other-config-writes',
    !others,
    write,
    `The driver writes ${counted(width, 'byte')} at offset ${offset} of the device configuration; only bypass, the byte at ${BYPASS_OFFSET}, may be written.`,
  );
  if (offset <= BYPASS_OFFSET && offset + width > BYPASS_OFFSET) {
    const byte = (value >> BigInt(8 * (BYPASS_OFFSET - offset))) & 0xffn;
    seen.check(
      'iommu/driver/config/bypass-value-0-or-1',
      byte <= 1n,
      write,
      `bypass is written as ${byte}; it may be 0 or 1.`,
    );
  }
  const negotiation = inSession(session, 'features')[0];
  if (negotiation === undefined) return;
  seen.check(
    'core/driver/init/no-config-write-early',
    write.seq > negotiation.seq,
    write,
    `The device configuration is written at offset ${offset} before FEATURES_OK is set.`,
  );
}

function judgeFieldsExist(seen: Seen<Ids>, access: Read | Write): void {
  for (const { name, feature } of touched(CONFIG_FIELDS, access)) {
    if (feature === undefined) continue;
    seen.check(
      'core/driver/config/check-feature-before-access',
      stagedAs(seen, access.device).features.includes(feature),
      access,
      `${name} is accessed although the device does not offer ${feature}.`,
    );
  }
}

const readsOf = (reads: readonly Read[], field: Field, half: number): Read[] =>
  reads.filter(({ structure, offset, width }) => {
    const from = field.offset + half;
    return structure === 'device' && offset <= from && offset + width > from;
  });

/** The last reading of a 64-bit field has to lie between two equal generation counts. */
function judgeGeneration(seen: Seen<Ids>, session: Session, field: Field): void {
  const reads = inSession(session, 'register-read');
  const low = readsOf(reads, field, 0).at(-1);
  const high = readsOf(reads, field, 4).at(-1);
  if (low === undefined || high === undefined) return;
  const generations = reads.filter((read) => accesses(read, 'register-read', 'config_generation'));
  const before = generations.findLast(({ seq }) => seq < Math.min(low.seq, high.seq));
  const after = generations.find(({ seq }) => seq > Math.max(low.seq, high.seq));
  const observed =
    before === undefined || after === undefined
      ? 'config_generation is not read before and after it'
      : `config_generation reads ${before.value} before and ${after.value} after it`;
  seen.check(
    'core/driver/config/generation-loop',
    before !== undefined && after !== undefined && before.value === after.value,
    low,
    `The last reading of ${field.name}: ${observed}; both should be read and be equal.`,
  );
}

export default defineMonitor({
  id: 'device-configuration',
  title: 'Of the device configuration only bypass is written, and only fields that exist are touched',
  requirements: REQUIREMENTS,
  judge: inEachSession((seen, session) => {
    const writes = inSession(session, 'register-write').filter(({ structure }) => structure === 'device');
    for (const read of inSession(session, 'register-read')) {
      if (read.structure === 'device') judgeFieldsExist(seen, read);
    }
    for (const write of writes) {
      judgeFieldsExist(seen, write);
      judgeWrite(seen, session, write);
    }
    for (const field of CONFIG_FIELDS) {
      if (field.size === 8) judgeGeneration(seen, session, field);
    }
    // A session that negotiates without a single write has kept the rules on writes.
    const negotiation = inSession(session, 'features')[0];
    if (negotiation === undefined || writes.length > 0) return;
    seen.held(['iommu/driver/config/no-other-config-writes', 'core/driver/init/no-config-write-early'], negotiation);
  }),
  mustCatch: {
    'writes-config-read-only': 'iommu/driver/config/no-other-config-writes',
    'writes-bypass-wide': 'iommu/driver/config/no-other-config-writes',
    'writes-config-before-features-ok': 'core/driver/init/no-config-write-early',
    'ignores-generation': 'core/driver/config/generation-loop',
    'generation-read-once': 'core/driver/config/generation-loop',
    'config-scrubbed-at-start': 'core/driver/init/no-config-write-early',
    'input-range-without-feature': 'core/driver/config/check-feature-before-access',
    'bypass-read-without-feature': 'core/driver/config/check-feature-before-access',
    'domain-range-without-feature': 'core/driver/config/check-feature-before-access',
  },
});
