/** A new case: given, when and then in place, and words that stand for what its author has to fill in. */

/** What stands where a requirement's id has to go; it stands in no table, so it is not forgotten. */
const REQUIREMENT = 'the-requirement';

/** The text of `cases/<id>.case.ts`. */
export function caseTemplate(id: string): string {
  return `import { defineCase } from '../api/index.ts';

const IOVA = 0x10_0000n;

export default defineCase({
  id: '${id}',
  title: 'What a good driver does, as a sentence without a full stop',
  demands: 'What is demanded, and where the boundary lies. Why it matters, and to whom.',
  requirements: ['${REQUIREMENT}'],
  needs: { verbs: ['start', 'attach', 'map', 'unmap'] },

  vary: {
    'one-page': { length: 0x1000 },
    'two-pages': { length: 0x2000 },
  },

  given: () => ({ endpoints: { dma: {} } }),

  async when({ driver }, { length }) {
    await driver.start();
    await driver.attach({ endpoint: 'dma' });
    await driver.map({ iova: IOVA, length, access: 'read-write' });
    await driver.unmap({ iova: IOVA, length });
  },

  then(seen, { length }) {
    for (const map of seen.named('MAP')) {
      const { virt_start = 0n, virt_end = 0n } = map.fields;
      seen.check(
        '${REQUIREMENT}',
        virt_end - virt_start + 1n === BigInt(length),
        map,
        \`MAP covers \${virt_end - virt_start + 1n} bytes; \${length} are allowed.\`,
      );
    }
  },

  mustCatch: {
    'the-driver-fault': '${REQUIREMENT}',
  },
});
`;
}
