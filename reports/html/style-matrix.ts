/** How the pictures of the self-test look. */
export const MATRIX_STYLE = `
.part { margin: 1rem 0; }
.matrix { width: auto; font-size: .75rem; }
.matrix td, .matrix th { border: 1px solid var(--line); padding: 0 .3rem; text-align: center; min-width: 1.6rem; }
.matrix th[scope=row] { text-align: left; position: sticky; left: 0; background: var(--page); font-weight: 400; white-space: nowrap; max-width: 18rem; overflow: hidden; text-overflow: ellipsis; }
.matrix thead th { vertical-align: bottom; height: 9rem; } .matrix thead span { writing-mode: vertical-rl; white-space: nowrap; } .matrix thead td { border: 0; }
.matrix .yes { background: var(--good-back); color: var(--text); } .matrix .no { background: var(--bad-back); color: var(--bad); font-weight: 700; }
.matrix .many { background: color-mix(in srgb, var(--bar-held) 35%, var(--page)); } .matrix .most { background: color-mix(in srgb, var(--bar-held) 60%, var(--page)); font-weight: 700; }
.bars { margin: .5rem 0; } .bars div { display: grid; grid-template-columns: 6.5rem 1fr; gap: 1rem; margin-bottom: .4rem; } .bars dt { font-weight: 600; white-space: nowrap; } .bars dd { margin: 0; } .bars .bar { background: none; } .bars .legend { margin: .15rem 0; }
@media (max-width: 40rem) { .matrix th[scope=row] { max-width: 10rem; } }
`;
