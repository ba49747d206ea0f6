/** How the picture of queues and IOVA space over time looks. */
export const TIMELINE_STYLE = `
.timeline { margin: .4rem 0 1rem; } .timeline svg { display: block; width: 100%; min-width: 44rem; height: auto; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; cursor: crosshair; }
.timeline text { fill: var(--text); } .timeline .name { font-weight: 600; } .timeline .label { font-size: 10.5px; pointer-events: none; } .timeline .seq { fill: var(--soft); text-anchor: middle; } .timeline .proven { fill: var(--bad); font-weight: 700; }
.timeline .address { font: 10px ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; fill: var(--soft); text-anchor: end; }
.timeline line { stroke: var(--line); } .timeline .row { stroke-opacity: .5; } .timeline .gap { stroke: var(--soft); stroke-dasharray: 1 5; }
.timeline .command { fill: var(--dull-back); stroke: var(--soft); } .timeline .command.failed { fill: var(--bad-back); stroke: var(--bar-broken); }
.timeline .enabled { fill: none; stroke: var(--soft); } .timeline .flight { fill: var(--link); }
.timeline .attached { fill: var(--cool-back); stroke: var(--bar-idle); } .timeline .mapping { fill: var(--good-back); stroke: var(--bar-held); }
.timeline .reserved { fill: var(--warn-back); stroke: var(--bar-open); stroke-dasharray: 3 2; } .timeline .outside { fill: var(--bar-none); fill-opacity: .5; }
.timeline circle { fill: var(--page); stroke: var(--bar-held); stroke-width: 1.5; } .timeline .access text { font-size: 8px; font-weight: 700; text-anchor: middle; }
.timeline .before { text-anchor: end; } .timeline .access.proven circle { fill: var(--bad-back); stroke: var(--bar-broken); stroke-width: 2.5; }
.timeline .tick { stroke: var(--link); stroke-width: 2; }
.timeline .cross path { stroke: var(--bar-broken); stroke-width: 2.5; fill: none; }
.timeline line.proof { stroke: var(--bar-broken); stroke-width: 1.5; stroke-dasharray: 5 3; } .timeline .cursor { stroke: var(--link); stroke-width: 2; pointer-events: none; }
.timeline input { accent-color: var(--link); margin-block: .3rem; }
.timeline .state { display: grid; grid-template-columns: 6rem 1fr; gap: 0 .75rem; margin: 0 0 .5rem; font-size: .8125rem; } .timeline .state dt { color: var(--soft); grid-column: 1; } .timeline .state dd { grid-column: 2; margin: 0; font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
`;
