/** A new case: given, when and then in place, and words that stand for what its author has to fill in. */

/** What stands where a requirement's id has to go; it stands in no table, so it is not forgotten. */
const REQUIREMENT = 'the-requirement';

export interface CaseBeginning {
  /** What is imported from: the API beside it, or that of the package. */
  readonly api: '../api/index.ts' | 'viommuspec/cases';
  readonly requirement?: string | undefined;
  /** A fault that breaks it; a draft has none yet. */
  readonly fault?: string | undefined;
  readonly isDraft: boolean;
}

/** The text of `<id>.case.ts`. */
export function caseTemplate(id: string, { api, requirement = REQUIREMENT, fault, isDraft }: CaseBeginning): string {
  const proof = isDraft
    ? '  draft: true,\n'
    : `
  mustCatch: {
    '${fault ?? 'the-driver-fault'}': '${requirement}',
  },
`;
  return `import { defineCase } from '${api}';

const IOVA = 0x10_0000n;

export default defineCase({
  id: '${id}',
  title: 'What a good driver does, as a sentence without a full stop',
  demands: 'What is demanded, and where the boundary lies. Why it matters, and to whom.',
  requirements: ['${requirement}'],
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
        '${requirement}',
        virt_end - virt_start + 1n === BigInt(length),
        map,
        \`MAP covers \${virt_end - virt_start + 1n} bytes; \${length} are allowed.\`,
      );
    }
  },
${proof}});
`;
}
