import { counted, defineMonitor } from '../api/index.ts';
import { isIommu } from './sessions.ts';

/**
 * The longest request has three parts: its fields, its properties and its tail. Some drivers cut them at pages; five
 * times as many is more than any layout asks for.
 */
const MOST_DESCRIPTORS = 16;
/** Beyond this a request may well lie in many pages. */
const SHORT_BYTES = 0x2000;

export default defineMonitor({
  id: 'descriptor-count',
  title: 'No short buffer is cut into very many descriptors',
  requirements: ['split/driver/framing/no-excessive-descriptors'],
  anyDevice: true,
  judge(seen) {
    for (const chain of seen.of('chain')) {
      const length = chain.readableLength + chain.writableLength;
      if (!isIommu(chain.device) || length > SHORT_BYTES) continue;
      const count = chain.descriptors.length;
      seen.check(
        'split/driver/framing/no-excessive-descriptors',
        count <= MOST_DESCRIPTORS,
        chain,
        `A buffer of ${counted(length, 'byte')} is described by ${counted(count, 'descriptor')}; ${MOST_DESCRIPTORS} would be plenty.`,
      );
    }
  },
  mustCatch: {
    'request-in-single-bytes': 'split/driver/framing/no-excessive-descriptors',
  },
});
