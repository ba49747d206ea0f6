/** How the drivers of endpoints have fared: they are not under test, and share the trace. */
import { counted } from '../../reference-device/counted.ts';
import { type EndpointDriver, endpointDrivers } from '../endpoint-drivers.ts';
import { citation } from '../run-view.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { htmlTable } from './plain-page.ts';

/** Nothing where none was judged. */
export function endpointsSection({ runs, requirements }: PageContext): Markup | undefined {
  const judged = runs.map(({ name, run }) => ({ name, drivers: endpointDrivers(run) }));
  if (judged.every(({ drivers }) => drivers.length === 0)) return undefined;
  const breach = ({ id, finding, variants }: EndpointDriver['broken'][number]): Markup =>
    html`<li>${finding.says} <span class="cite">${citation(requirements, finding)}</span>, in ${id}${variants > 1 && html` and ${counted(variants - 1, 'more variant')}`}</li>`;
  const row = (name: string, { kind, held, exercised, broken }: EndpointDriver): Markup[] => [
    html`${runs.length > 1 ? `${name}: ${kind}` : kind}`,
    html`${held} of ${exercised}`,
    broken.length === 0 ? html`none` : html`<ul>${broken.map(breach)}</ul>`,
  ];
  return html`<section id="endpoints" aria-labelledby="endpoints-heading"><h2 id="endpoints-heading">Endpoint drivers</h2>
<p>The drivers of the devices behind the IOMMU stand in the same traces, and are judged by the rules of any virtio device, where neither the
machine nor the driver under test does anything wrong. They are no part of the score, nor of any verdict.</p>
${htmlTable(
  ['driver of', 'requirements held', 'broken'],
  judged.flatMap(({ name, drivers }) => drivers.map((driver) => row(name, driver))),
)}</section>
`;
}
