/** The page's style sheet: light and dark, wide and narrow, screen and paper. */
import { MATRIX_STYLE } from './style-matrix.ts';
import { TIMELINE_STYLE } from './style-timeline.ts';
import { TRACE_STYLE } from './style-trace.ts';

/** Of every page of ours, whether it has cases or not. */
export const BASE_STYLE = `
:root {
  color-scheme: light dark;
  --text: #1b1f24; --soft: #57606a; --page: #ffffff; --panel: #f6f8fa; --line: #d5dae0; --link: #0550ae;
  --good: #116329; --good-back: #dafbe1; --bad: #a40e26; --bad-back: #ffebe9; --warn: #7a4b00; --warn-back: #fff3cd;
  --cool: #0a4a8a; --cool-back: #ddf0ff; --odd: #6b2a8c; --odd-back: #f6e8ff; --dull-back: #eaeef2;
  --bar-held: #2da44e; --bar-broken: #cf222e; --bar-open: #bf8700; --bar-idle: #8fb8de; --bar-none: #c8ced5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --soft: #9da7b3; --page: #0d1117; --panel: #161b22; --line: #343b44; --link: #79b8ff;
    --good: #7ee2a0; --good-back: #12331f; --bad: #ffa198; --bad-back: #4b1416; --warn: #f2cc60; --warn-back: #3d2e00;
    --cool: #9cd0ff; --cool-back: #10304f; --odd: #dab8ff; --odd-back: #341b4d; --dull-back: #262c34;
    --bar-held: #3fb950; --bar-broken: #f85149; --bar-open: #d29922; --bar-idle: #3d6a94; --bar-none: #4a525c;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: anywhere;
}
code, pre, .trace { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { font-size: .92em; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 0; }
h1 { font-size: 2rem; } h1 .version { font-weight: 400; color: var(--soft); }
h2 { font-size: 1.4rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
#causes > h2 { margin-top: 1.25rem; }
h3 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
h4 { font-size: 1rem; display: inline; }
h5 { font-size: .8rem; text-transform: uppercase; letter-spacing: .05em; color: var(--soft); margin: 1rem 0 .25rem; }
summary h3, summary h5 { display: inline; }
p { margin: .35rem 0; }
ul, ol { margin: .35rem 0; padding-left: 1.4rem; }
.tool, .tested { margin: 0; color: var(--soft); } .tested b { color: var(--text); }
.note, .tally { color: var(--soft); font-size: .875rem; font-weight: 400; }
.conclusion { font-size: 1.15rem; font-weight: 600; margin: .75rem 0; padding-left: .75rem; border-left: .3rem solid; }
.conclusion a { color: inherit; text-decoration-thickness: 1px; } .conclusion.good { border-color: var(--bar-held); } .conclusion.warn { border-color: var(--bar-open); } .conclusion.bad { border-color: var(--bar-broken); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.incomplete {
  background: var(--bad-back); color: var(--bad); border: 2px solid; border-radius: .4rem; padding: .75rem 1rem; margin: 1rem 0;
}
.incomplete strong { font-size: 1.25rem; letter-spacing: .04em; display: block; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; }
.card h3 { margin: 0; }
.figure { margin: .3rem 0; } .figure b { font-size: 2rem; line-height: 1.2; }
.card dl { display: grid; grid-template-columns: repeat(4, auto); gap: .25rem .5rem; margin: .6rem 0 0; padding-top: .6rem; border-top: 1px solid var(--line); }
.card dl div { display: flex; flex-direction: column-reverse; }
.card dt { font-size: .75rem; color: var(--soft); } .card dd { margin: 0; font-weight: 600; }
.bar { display: block; width: 100%; height: .75rem; border-radius: .2rem; background: var(--bar-none); }
rect.held { fill: var(--bar-held); } rect.broken { fill: var(--bar-broken); } rect.unexercised { fill: var(--bar-idle); } rect.inapplicable { fill: var(--bar-none); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0 .9rem; padding: 0; font-size: .8rem; color: var(--soft); }
.legend li::before { content: ""; display: inline-block; width: .65em; height: .65em; margin-right: .35em; border-radius: .1em; background: var(--bar-none); }
.legend .held::before { background: var(--bar-held); } .legend .broken::before { background: var(--bar-broken); } 
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem 1.1rem; padding: 0; margin: 1rem 0 0; }
.counts a { text-decoration: none; } .counts a:hover .badge { text-decoration: underline; } .counts b { color: var(--text); }
.broken li { margin-bottom: .4rem; }
.badge { display: inline-block; padding: 0 .5em; border-radius: .3em; font-size: .8125rem; font-weight: 600; white-space: nowrap; background: var(--dull-back); color: var(--soft); }
.badge.pass { background: var(--good-back); color: var(--good); }
.badge.fail { background: var(--bad-back); color: var(--bad); }
.badge.warn { background: var(--warn-back); color: var(--warn); }
.badge.untested { background: var(--cool-back); color: var(--cool); } .badge.expected { background: none; color: var(--bad); box-shadow: inset 0 0 0 1px; }
.badge.error, .badge.unfinished { background: var(--odd-back); color: var(--odd); }
.facts { display: grid; gap: .3rem; margin: 0; }
.facts div { display: grid; grid-template-columns: 10rem 1fr; gap: 1rem; } .facts dt { color: var(--soft); } .facts dd { margin: 0; }
summary { cursor: pointer; }
.family { border: 1px solid var(--line); border-left: .3rem solid var(--bar-none); border-radius: .4rem; margin: .25rem 0; padding: 0 .9rem; }
.family:not([open]) { content-visibility: auto; contain-intrinsic-size: auto 2rem; } .family.pass { border-left-color: var(--bar-held); } .family.untested { border-left-color: var(--cool); } .family.fail, .family.expected { border-left-color: var(--bar-broken); } .family.warn { border-left-color: var(--bar-open); } .family.error, .family.unfinished { border-left-color: var(--odd); }
.family > summary { padding: .15rem 0; font-size: .9375rem; } .family > summary .title { color: var(--soft); } .family > .body { padding-bottom: .9rem; } .family .case > summary { padding: .15rem 0; }
.group { border-top: 1px solid var(--line); } .group > summary, .case > summary { padding: .5rem 0; }
.group h3, .group h4 { font-size: 1rem; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; }
thead th { color: var(--soft); font-weight: 600; font-size: .8rem; border-bottom: 1px solid var(--line); }
tbody tr + tr td, tbody tr + tr th { border-top: 1px solid var(--line); }
.requirements { margin-bottom: 1rem; table-layout: fixed; }
.requirements .standing { width: 10rem; } .requirements .word { width: 7.5rem; } .requirements th.judges { width: 30%; }
.requirements tr:target { background: var(--cool-back); }
.id { color: var(--soft); }
.legend.squares { margin: .5rem 0; } .legend .missed::before { background: var(--bar-open); } .legend .unexercised::before { background: var(--bar-idle); } .legend .unjudged::before { background: none; border: 1px solid var(--soft); }
.legend .inapplicable::before { background: var(--bar-none); }
.map { list-style: none; padding: 0; margin: .5rem 0 1.5rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .5rem 1.25rem; }
.map li { display: flex; flex-direction: column; gap: .15rem; font-size: .875rem; } .map a { text-decoration: none; } .map a:hover { text-decoration: underline; }
.waffle { vertical-align: middle; max-width: 100%; } .tally .waffle { margin-right: .35rem; }
.waffle rect { fill: var(--bar-none); } .waffle .held { fill: var(--bar-held); } .waffle .broken { fill: var(--bar-broken); } .waffle .missed { fill: var(--bar-open); } .waffle .unexercised { fill: var(--bar-idle); }
.waffle .unjudged, .waffle .absent { fill: none; stroke: var(--soft); stroke-width: 1; }
.causes { list-style: none; padding: 0; margin: .5rem 0; } .cause, .unchecked { border-top: 1px solid var(--line); border-left: .3rem solid var(--bar-open); padding: 0 .75rem; }
.causes li:last-child .cause { border-bottom: 1px solid var(--line); } .cause.broken { border-left-color: var(--bar-broken); } .unchecked { border-left-color: var(--bar-idle); }
.cause > summary, .unchecked > summary { display: flex; gap: .15rem .6rem; align-items: baseline; padding: .05rem 0; font-size: .9375rem; list-style: none; }
.cause > summary::before, .unchecked > summary::before { content: "▸"; flex: none; } .cause[open] > summary::before, .unchecked[open] > summary::before { content: "▾"; }
.cause > summary > *, .unchecked > summary > * { flex: none; } .cause .says, .unchecked .says { flex: 1; min-width: 0; } .cause:not([open]) .says { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.unchecked > summary .note { flex: 0 1 auto; max-width: 45%; } .cause > .body, .unchecked > .body { padding: .2rem 0 .6rem 1.4rem; }
.side th[scope=row] { font-weight: 400; min-width: 16rem; } .side thead th { min-width: 6rem; } .side td { white-space: nowrap; }
.proofs { list-style: none; padding: 0; } .proofs li { margin: .5rem 0; padding-left: .75rem; border-left: 2px solid var(--line); }
.driver { margin-top: 1.5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.judges, .about { list-style: none; padding: 0; margin: 0; } .about { font-size: .9rem; }
.case { border: 1px solid var(--line); border-left: .3rem solid var(--bar-none); border-radius: .4rem; margin: .5rem 0; padding: 0 .9rem; }
.case { content-visibility: auto; contain-intrinsic-size: auto 2.75rem; } .case[open] { contain-intrinsic-size: auto 60rem; } .case > summary:focus-visible, .family > summary:focus-visible { outline-offset: -2px; }
.case.fail { border-left-color: var(--bar-broken); } .case.warn { border-left-color: var(--bar-open); } .case.pass { border-left-color: var(--bar-held); }
.case.error, .case.unfinished { border-left-color: var(--odd); } .case.untested { border-left-color: var(--cool); } .case.expected { border-left-color: var(--bar-broken); }
.case > summary .title { color: var(--soft); }
.case > .body { padding-bottom: .9rem; }
.outcome > .case { margin: .25rem 0; } .outcome > .case > summary { padding: .15rem 0; font-size: .9375rem; }
.verdict { font-weight: 600; } .verdict.pass, .verdict.not-applicable { font-weight: 400; }
.findings li { margin-bottom: .4rem; }
.keyword { font-size: .8rem; padding: 0 .4em; border-radius: .3em; background: var(--warn-back); color: var(--warn); }
.fail > .keyword { background: var(--bad-back); color: var(--bad); }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .3rem; padding: .5rem .7rem; margin: .3rem 0; font-size: .8125rem; line-height: 1.45; white-space: pre-wrap; max-height: 30rem; overflow: auto; }
.command { display: flex; gap: 1rem; justify-content: space-between; align-items: center; }
button { flex: none; font: inherit; color: var(--link); background: none; border: 1px solid var(--line); border-radius: .3rem; cursor: pointer; }
#filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .9rem; }
#filter[hidden] { display: none; }
#filter input[type="search"] { font: inherit; flex: 1 1 16rem; padding: .25rem .5rem; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .3rem; }
#filter fieldset { border: 0; padding: 0; margin: 0; flex: 1 1 auto; } #filter label { white-space: nowrap; margin-right: .8rem; } #filter output { color: var(--soft); margin-left: auto; }
#filter select { font: inherit; max-width: 14rem; padding: .2rem; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .3rem; }
footer { margin-top: 3rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 3rem; }
  h1 { font-size: 1.5rem; }
  .facts div { grid-template-columns: 1fr; gap: 0; }
  .requirements thead { display: none; }
  .requirements tr { display: block; padding: .5rem 0; border-top: 1px solid var(--line); }
  .requirements td { display: block; border: 0 !important; padding: .1rem 0; width: auto !important; }
  .requirements td:nth-child(1), .requirements td:nth-child(2) { display: inline-block; padding-right: .5rem; }
  .case, .family { padding: 0 .6rem; }
  .cause > summary, .unchecked > summary { flex-wrap: wrap; padding: .3rem 0; } .cause > summary > *, .unchecked > summary > * { flex: 0 1 auto; max-width: calc(100% - 2rem); } .cause .says, .cause:not([open]) .says, .unchecked .says { flex-basis: 100%; white-space: normal; }
  .unchecked > summary .note { max-width: none; } .cause > .body, .unchecked > .body { padding-left: 0; }
}
@media print {
  html { font-size: 9pt; }
  body { max-width: none; padding: 0; }
  nav, #filter, button, input { display: none !important; }
  .card, .incomplete { break-inside: avoid; }
  tr { break-inside: avoid; }
  pre { max-height: none; }
  a { color: inherit; text-decoration: none; }
  .case, .family { content-visibility: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

/** Of the report of a run. */
export const STYLE = `${BASE_STYLE}${TRACE_STYLE}${TIMELINE_STYLE}${MATRIX_STYLE}`;
