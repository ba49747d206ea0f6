/** What the words of a kernel's command line make of its IOMMU, whoever put them there. */

export interface IommuSwitches {
  /** Unmappings are collected and carried out later. */
  readonly lazyUnmap: boolean;
  /** Endpoints with a driver of their own pass the IOMMU by. */
  readonly passthrough: boolean;
}

/** As the kernel reads a truth value: by its first letter, and `on` and `off` by their second. */
function truth(text: string): boolean | undefined {
  if (/^([yt1]|on)/i.test(text)) return true;
  return /^([nf0]|of)/i.test(text) ? false : undefined;
}

/** The last word counts, as it does for the kernel; one that it does not understand changes nothing. */
export function iommuSwitches(commandLine: string): IommuSwitches {
  let lazyUnmap = true;
  let passthrough = false;
  for (const word of commandLine.split(/\s+/)) {
    const at = word.indexOf('=');
    const [name, value] = [word.slice(0, at), word.slice(at + 1)];
    if (name === 'iommu.strict') lazyUnmap = !(truth(value) ?? !lazyUnmap);
    if (name === 'iommu.passthrough') passthrough = truth(value) ?? passthrough;
    // x86's older word for it, a list.
    if (name === 'iommu') {
      const old = value.split(',').findLast((option) => option === 'pt' || option === 'nopt');
      passthrough = old === undefined ? passthrough : old === 'pt';
    }
  }
  return { lazyUnmap, passthrough };
}
