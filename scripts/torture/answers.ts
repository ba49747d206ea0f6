/** Answers of a driver, cut into pieces anywhere. */
import { AnswerReader } from '../../harness/driver-contract/answer-reader.ts';
import { firstLine, mutated, type Torture } from './kind.ts';

const ANSWERS = [
  'ok 1 - map\n  ---\n  iova: "0xfffffffffffff000"\n  ...\n',
  'not ok 1 - map\n  ---\n  error: "the device answered VIRTIO_IOMMU_S_RANGE"\n  ...\n# a comment\n1..1\n',
  'ok 1 - map # SKIP no such verb\n  ---\n  regions:\n    - "0xfee00000 0xfeefffff msi"\n    - "0x0 0xfff reserved"\n  ...\n',
  'ok 1 - map\n  ---\n  list: [1, "two", three, 0x4]\n  count: 12\n  ...\nBail out! enough\n',
] as const;

/** An answer is 256 KiB at most: nothing takes longer. */
const SLOW_MS = 2000;

export const answers: Torture = {
  name: 'answers',
  share: 2,
  async torture(count, lots, tell) {
    for (let done = 0; done < count; done++) {
      const stream = Buffer.from(`TAP version 14\n${mutated(lots.of(ANSWERS), lots)}`);
      const startedAtMs = performance.now();
      try {
        const reader = new AnswerReader();
        reader.expect('map');
        for (let from = 0; from < stream.length; ) {
          const length = 1 + lots.below(stream.length);
          reader.push(stream.subarray(from, from + length));
          from += length;
        }
      } catch (error) {
        tell(`${firstLine(error)}: ${JSON.stringify(stream.toString().slice(0, 200))}`);
      }
      if (performance.now() - startedAtMs > SLOW_MS) tell(`slow: ${JSON.stringify(stream.toString().slice(0, 200))}`);
    }
  },
};
