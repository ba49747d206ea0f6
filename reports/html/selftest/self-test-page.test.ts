import { describe, expect, it } from 'vitest';
import { fixtureSelfTest } from '../../fixtures/self-test.ts';
import { coveragePage, selfTestPage } from './self-test-page.ts';

const page = selfTestPage(fixtureSelfTest);

describe('the page of the self-test', () => {
  it('counts what each section has caught by topic, and what slipped through', () => {
    const sound = { ...fixtureSelfTest, faults: fixtureSelfTest.faults.slice(0, 1) };
    expect(selfTestPage(sound)).toContain('MAP request</a></th><td class="yes">1</td></tr>');
    expect(page).toContain('MAP request</a></th><td class="no">✗1</td><td class="yes">1</td></tr>');
  });

  it('says of each requirement which mistakes break it, and who caught them where', () => {
    expect(page).toContain('1 of 2 planted mistakes caught');
    expect(page).toContain('caught by map/end-after-start, in map/end-after-start:one-page');
    expect(page).toContain('<b>not caught by monitor domains</b>');
  });

  it('says what is wrong, or that nothing is', () => {
    expect(page).toContain('<li>monitor domains does not catch map-twice for iommu/driver/map/end-above-start.</li>');
    expect(selfTestPage({ ...fixtureSelfTest, complaints: [] })).toContain('no legal driver is blamed');
  });

  it('escapes what it is given, and asks nobody for anything', () => {
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/src=|href="(?!#|https:\/\/docs\.oasis-open\.org\/)/);
    expect(page).not.toContain('script-src');
  });

  it('is the same for the same self-test', () => {
    expect(selfTestPage(structuredClone(fixtureSelfTest))).toBe(page);
  });
});

describe('the page of coverage', () => {
  const coverage = coveragePage(fixtureSelfTest);

  it('has a bar for each keyword, and a square for each requirement', () => {
    expect(coverage).toContain('aria-label="1 judged, 0 missing, 0 not testable from outside"');
    expect(coverage).toMatch(/2\.7\.13\.3\.1 [^<]*<svg class="waffle"[^>]*aria-label="1 not testable from outside"/);
  });

  it('says why something cannot be judged, and what is missing', () => {
    expect(coverage).toContain('It leaves no trace outside the guest.');
    expect(coverage).toContain('<summary>Missing: 1</summary>');
  });
});
