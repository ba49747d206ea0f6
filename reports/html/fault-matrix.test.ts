import { describe, expect, it } from 'vitest';
import { type FaultMatrix, faultMatrixPage } from './fault-matrix.ts';

const MATRIX: FaultMatrix = {
  tool: { name: 'viommuspec', version: '1' },
  judges: ['dma/after-unmap', 'monitor domains'],
  faults: [
    {
      name: 'unmap-never-sent',
      says: 'Answers ok to an unmap without sending UNMAP.',
      catches: [
        {
          judge: 'dma/after-unmap',
          requirement: 'platform/free/unmapped-when-freed',
          caughtIn: 'dma/after-unmap:one-page',
        },
      ],
    },
    {
      name: 'map-twice',
      says: '<script>alert("&")</script>',
      catches: [{ judge: 'monitor domains', requirement: 'iommu/x', caughtIn: null }],
    },
  ],
  characters: [{ name: 'busy', habits: ['probes-twice', 'kicks-always'] }],
  variantCount: 3,
  complaints: ['monitor domains does not catch map-twice for iommu/x.'],
};

const page = faultMatrixPage(MATRIX);

describe('the page of the self-test', () => {
  it('has a row for each fault and a mark where it was caught or was not', () => {
    expect(page).toContain('<a href="#unmap-never-sent">unmap-never-sent</a></th><td class="yes">●</td><td></td></tr>');
    expect(page).toContain('<a href="#map-twice">map-twice</a></th><td></td><td class="no">✗</td></tr>');
    expect(page).toContain('<b>not caught</b>');
  });

  it('says what is wrong, or that nothing is', () => {
    expect(page).toContain('<li>monitor domains does not catch map-twice for iommu/x.</li>');
    expect(faultMatrixPage({ ...MATRIX, complaints: [] })).toContain('no legal driver is blamed');
  });

  it('escapes what it is given, and asks nobody for anything', () => {
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/(?:src|href)="(?!#)/);
  });

  it('is the same for the same matrix', () => {
    expect(faultMatrixPage(structuredClone(MATRIX))).toBe(page);
  });
});
