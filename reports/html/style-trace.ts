/** How a sequence diagram looks: its rows are a table's, its lanes and arrows are drawn behind the second column. */
import { LANES_MAX } from './lanes.ts';

const LANES = Array.from({ length: LANES_MAX }, (_, lane) => lane);

/** Class `f<n>` and `t<n>` of a row: the lanes at which its arrow begins and ends. Class `l<n>` of a table: how many it has. */
const NUMBERS = [
  ...LANES.map((lane) => `.f${lane} { --from: ${lane}; } .t${lane} { --to: ${lane}; }`),
  ...LANES.map((lane) => `.l${lane + 1} { --lanes: ${lane + 1}; }`),
].join('\n');

export const TRACE_STYLE = `
.trace { --lane: 4.6rem; font-size: .8125rem; margin: .4rem 0; table-layout: fixed; }
${NUMBERS}
.trace > thead th { position: sticky; top: 0; background: var(--page); z-index: 1; vertical-align: bottom; } .trace > thead th:first-child { width: 6rem; } .trace > thead th:nth-child(2) { width: calc(var(--lane) * var(--lanes) + 1rem); padding: .35rem 0; }
.trace tr[id] { scroll-margin-top: 4rem; }
.lanes { display: flex; width: calc(var(--lane) * var(--lanes)); } .lanes span { flex: 0 0 var(--lane); text-align: center; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; color: var(--text); }
.trace td, .trace th { padding-block: .2rem; }
.trace td:first-child { text-align: right; color: var(--soft); white-space: nowrap; }
.trace tbody td:nth-child(2) {
  position: relative; padding: 0; color: var(--arrow);
  background-image: linear-gradient(90deg, transparent calc(50% - .5px), var(--rule) 0 calc(50% + .5px), transparent 0); background-size: var(--lane) 100%; background-repeat: repeat-x;
}
.trace tbody td:nth-child(2)::before {
  content: ""; position: absolute; top: .75rem; border-top: 2px solid; left: calc((min(var(--from), var(--to)) + .5) * var(--lane)); width: calc(max(var(--from) - var(--to), var(--to) - var(--from)) * var(--lane));
}
.trace tbody td:nth-child(2)::after {
  content: ""; position: absolute; top: calc(.75rem - 4px); left: calc((var(--to) + .5) * var(--lane) - 4px); border: 5px solid transparent; border-left: 8px solid;
  border-right-width: 0; translate: calc(clamp(-1, var(--to) - var(--from), 1) * -4px) 0; scale: clamp(-1, calc(var(--to) - var(--from)), 1) 1;
}
.trace tbody td i { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.trace tbody tr + tr td { border-top: 0; }
.trace tr { --arrow: var(--soft); --rule: var(--line); } .trace tr.wire { --arrow: var(--link); } .trace tr.quiet { --arrow: var(--bar-none); } .trace .blocked, .trace .offending.fail { --arrow: var(--bar-broken); } .trace .provoked { --arrow: var(--odd); } .trace .offending.warn { --arrow: var(--bar-open); }
.trace tr:not([class*=" f"]) td:nth-child(2)::before, .trace tr:not([class*=" f"]) td:nth-child(2)::after { content: none; }
.trace .verb > * { background-color: var(--panel); border-top: 1px solid var(--line); font-weight: 600; padding-block: .35rem; }
.trace .quiet, .trace .cut { color: var(--soft); } .trace .cut td { font-style: italic; padding-block: .5rem; }
.trace .quiet ul { padding-left: 0; list-style: none; margin: .1rem 0 .3rem; } .trace .quiet li i { position: static; width: auto; height: auto; clip-path: none; }
.trace .offending > * { background-color: var(--warn-back); } .trace .offending > td:first-child { box-shadow: inset .25rem 0 var(--bar-open); }
.trace .offending.fail > * { background-color: var(--bad-back); } .trace .offending.fail > td:first-child { box-shadow: inset .25rem 0 var(--bar-broken); }
.trace .provoked > td:first-child { box-shadow: inset .25rem 0 var(--odd); }
.related { color: var(--soft); font-size: .75rem; } .trace tr:target > * { outline: 2px solid var(--link); outline-offset: -2px; }
.tools { display: flex; flex-wrap: wrap; gap: .4rem .75rem; align-items: center; margin: .3rem 0; } .tools input { font: inherit; font-size: .875rem; flex: 0 1 18rem; min-width: 0; padding: .15rem .5rem; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .3rem; } .tools output { color: var(--soft); font-size: .875rem; }
.proof { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; color: var(--warn); margin: .2rem 0 0; } .proof.fail { color: var(--bad); }
.bytes { display: inline; color: var(--soft); } .bytes[open] { display: block; } .bytes summary { display: inline; font-size: .75rem; text-decoration: underline dotted; } .bytes pre { white-space: pre; }
.fields { width: auto; margin: .3rem 0; font-size: .8125rem; color: var(--text); } .fields th, .fields td { padding: .1rem 1rem .1rem 0 !important; border: 0 !important; background: none !important; position: static !important; width: auto !important; text-align: left !important; font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.fields { overflow-wrap: normal; } .fields td:first-child { color: var(--soft); } .fields .odd td { color: var(--bad); font-weight: 600; }
@media (max-width: 64rem) { .trace { --lane: 3.2rem; } }
@media (max-width: 46rem) {
  .trace, .trace > tbody { display: block; } .trace > thead { display: none; }
  .trace > tbody > tr { display: grid; grid-template-columns: 4rem 1fr; column-gap: .5rem; }
  .trace > tbody > tr > * { padding-right: 0; border: 0 !important; }
  .trace > tbody > tr > :first-child { grid-row: 1 / span 2; width: auto; padding-right: .4rem; }
  .trace > tbody > tr > td:nth-child(2) { width: auto; min-width: 0; padding-top: .2rem; background-image: none; color: var(--soft); } .trace > tbody > tr > :nth-child(2)::before, .trace > tbody > tr > :nth-child(2)::after { content: none !important; }
  .trace > tbody > tr > td > i { position: static; width: auto; height: auto; clip-path: none; } .trace > tbody > tr > :last-child { grid-column: 2; }
  .trace .offending { background: var(--warn-back); } .trace .offending.fail { background: var(--bad-back); } .trace .verb { background: var(--panel); }
}
`;
