/** Writes a story as the text of a case: what stays to be done is what no machine knows. */
import type { Replay } from './replay-file.ts';
import type { RepeatStep, SingleStep, Step } from './step.ts';

const INDENT = '    ';

/** Verbs of optional abilities: a driver that lacks one need not play the case. */
const OPTIONAL: ReadonlySet<string> = new Set([
  'resize',
  'reset-queue',
  'suspend',
  'resume',
  'plug',
  'unplug',
  'lose-iommu',
  'end-domain',
  'shutdown',
]);

/** The text of `cases/<id>.case.ts`. */
export function storyAsCase(id: string, { machine, steps, shows, driver }: Replay): string {
  const requirement = shows?.requirement ?? 'the-requirement';
  const lines = steps.flatMap((step) => linesOf(step));
  const verbs = [
    ...new Set([...lines.join('\n').matchAll(/driver(?:\.(\w+)|\['([a-z-]+)'\])/g)].map((it) => it[1] ?? it[2] ?? '')),
  ];
  const usesAddresses = lines.some((line) => line.includes('addresses'));
  const usesMachine = lines.some((line) => line.includes('machine.'));
  return `import { defineCase } from '../api/index.ts';

export default defineCase({
  id: '${id}',
  title: 'What a good driver does, as a sentence without a full stop',
  demands: ${quoted(`Found in front of ${driver}${shows === undefined ? '' : `: ${shows.says}`}`)},
  requirements: ['${requirement}'],
  needs: { verbs: ${listOf(verbs.filter((verb) => !OPTIONAL.has(verb)))}, optionalVerbs: ${listOf(verbs.filter((verb) => OPTIONAL.has(verb)))} },

  given: () => (${literal(machine)}),

  async when({ ${['driver', ...(usesMachine ? ['machine'] : [])].join(', ')} }) {
${usesAddresses ? `${INDENT}const addresses = new Map<string, bigint>();\n` : ''}${lines.map((line) => `${INDENT}${line}\n`).join('')}  },

  mustCatch: {
    'the-driver-fault': '${requirement}',
  },
});
`;
}

const quoted = (text: string): string =>
  `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll(/[\r\n]+/g, ' ')}'`;

const listOf = (words: readonly string[]): string => `[${words.map(quoted).join(', ')}]`;

/** What stands for a value in TypeScript. */
function literal(value: unknown): string {
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(
    ([key, field]) => `${/^\w+$/.test(key) ? key : quoted(key)}: ${literal(field)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const hex = (value: bigint): string => `0x${value.toString(16)}n`;

function linesOf(step: Step): string[] {
  if (step.do !== 'repeat') return single(step, undefined);
  const inner = step.steps.flatMap((one) => single(one, step));
  return [`for (let round = 0; round < ${step.times}; round++) {`, ...inner.map((line) => `  ${line}`), '}'];
}

/** The lines of a step, in a repetition or outside. */
function single(step: SingleStep, within: RepeatStep | undefined): string[] {
  const advance = within?.advance;
  const address = (value: bigint): string =>
    advance === undefined ? hex(value) : `BigInt.asUintN(64, ${hex(value)} + ${hex(advance)} * BigInt(round))`;
  const buffer = (name: string): string => (advance === undefined ? quoted(name) : `\`${name}.\${round}\``);
  const ask = (args: string): string[] => {
    const verb = /^\w+$/.test(step.do) ? `driver.${step.do}` : `driver[${quoted(step.do)}]`;
    return [`await ${verb}(${args});`];
  };
  switch (step.do) {
    case 'map': {
      const { domain, iova, length, access } = step;
      const name = buffer(step.buffer);
      return ask(
        `{ domain: '${domain}', iova: ${address(iova)}, length: ${length}, access: '${access}', buffer: ${name} }`,
      );
    }
    case 'unmap':
      return ask(`{ domain: '${step.domain}', iova: ${address(step.iova)}, length: ${step.length} }`);
    case 'alloc': {
      const { endpoint, length, access } = step;
      const args = `{ endpoint: '${endpoint}', buffer: ${buffer(step.buffer)}, length: ${length}, access: '${access}' }`;
      return [`addresses.set(${buffer(step.buffer)}, BigInt(String((await driver.alloc(${args}))['iova'])));`];
    }
    case 'free':
      return ask(`{ endpoint: '${step.endpoint}', buffer: ${buffer(step.buffer)} }`);
    case 'dma': {
      const { endpoint, access, length } = step;
      const at =
        step.buffer === undefined
          ? address(step.at)
          : `(addresses.get(${buffer(step.buffer)}) ?? 0n) + ${hex(step.at)}`;
      return [
        `await machine.dma({ endpoint: '${endpoint}', address: ${at}, length: ${length}, access: '${access}', label: 'access' });`,
      ];
    }
    default:
      return actOrVerb(step, ask);
  }
}

type Other = Exclude<SingleStep, { readonly do: 'map' | 'unmap' | 'alloc' | 'free' | 'dma' }>;

function actOrVerb(step: Other, ask: (args: string) => string[]): string[] {
  switch (step.do) {
    case 'retry':
      return [`await machine.retryAddresses({ endpoint: '${step.endpoint}', label: 'retry' });`];
    case 'put-in': {
      const { do: _, ...endpoint } = step;
      return [
        `await machine.addEndpoint(${literal(endpoint)});`,
        `await driver.plug({ endpoint: '${step.endpoint}' });`,
      ];
    }
    case 'take-out': {
      const told = `await driver.unplug({ endpoint: '${step.endpoint}' });`;
      const gone = `await machine.removeEndpoint({ endpoint: '${step.endpoint}' });`;
      return step.bySurprise === true ? [gone, told] : [told, gone];
    }
    case 'pull-iommu':
      return ['await machine.removeIommu();', "await driver['lose-iommu']();"];
    case 'need-reset':
      return ['await machine.needReset();'];
    default: {
      const { do: _, ...args } = step;
      return ask(Object.keys(args).length === 0 ? '' : literal(args));
    }
  }
}
