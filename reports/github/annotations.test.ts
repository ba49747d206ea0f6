import { describe, expect, it } from 'vitest';
import { hostileRun } from '../fixtures/hostile-run.ts';
import { cutRun, fixtureCase, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { githubAnnotations } from './annotations.ts';

interface Command {
  readonly level: string;
  readonly title: string;
  readonly message: string;
}

const unescaped = (text: string): string =>
  text
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%25', '%');

/** As the runner reads them: a level, properties up to the second `::`, a message up to the line's end. */
function commandsOf(text: string): Command[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, level = '', title = '', message = ''] =
        /^::(error|warning|notice) title=([^,:]*)::(.*)$/.exec(line) ?? [];
      return { level, title: unescaped(title), message: unescaped(message) };
    });
}

describe('the annotations', () => {
  it('name each cause once, with the command that repeats it', () => {
    const commands = commandsOf(githubAnnotations.render(syntheticRun()));
    expect(commands.map(({ level, title }) => `${level} ${title}`)).toEqual([
      'error map/many-rounds',
      'error virtio-iommu MUST, 5.13.6.5.1 iommu/driver/map/end-above-start',
      'error virtio-iommu platform rule, DMA lifetime platform/robustness/survives',
      'warning virtio-iommu SHOULD, 5.13.6.1 iommu/driver/ops/head-reserved-zero',
      'warning virtio-iommu SHOULD, 5.13.6.6.1 iommu/driver/unmap/cover-mapping',
      'notice viommuspec',
    ]);
    expect(commands[1]?.message.split('\n')).toEqual([
      expect.stringMatching(/^MAP carried/),
      'https://github.com/oasis-tcs/virtio-spec/blob/v1.4-cs01/device-types/iommu/description.tex#L497',
      expect.stringMatching(/^viommuspec run /),
    ]);
    expect(commands[2]?.message).toContain('\nagreed behaviour of drivers\n');
  });

  it('begin with the incompleteness of a run', () => {
    expect(commandsOf(githubAnnotations.render(cutRun()))[0]).toMatchObject({ level: 'error', title: 'INCOMPLETE' });
  });

  it('are the headline alone for a run without anything else to say', () => {
    expect(githubAnnotations.render(runOf([fixtureCase('a/b')]))).toBe(
      '::notice title=viommuspec::no specification MUST or platform rule broken · 1 of 6 MUSTs checked, 5 not\n',
    );
  });

  it('are no more than GitHub shows, and the last one says how many there would be', () => {
    const cases = Array.from({ length: 30 }, (_, at) =>
      fixtureCase(`a/${at}`, { verdict: 'error', says: `No. ${at}.` }),
    );
    const commands = commandsOf(githubAnnotations.render(runOf(cases))).filter(({ level }) => level === 'error');
    expect(commands).toHaveLength(10);
    expect(commands.at(-1)?.message).toBe('And 21 more; the report has them.');
  });

  it('cannot be forged by a driver', () => {
    const text = githubAnnotations.render(hostileRun());
    expect(commandsOf(text).every(({ level }) => level !== '')).toBe(true);
    const forging = fixtureCase('a/b:c', { verdict: 'error', says: 'x\n::error title=forged::100%' });
    expect(commandsOf(githubAnnotations.render(runOf([forging]))).slice(0, 1)).toMatchObject([
      { title: 'a/b:c', message: expect.stringMatching(/^x ::error title=forged::100%\n/) },
    ]);
  });
});
