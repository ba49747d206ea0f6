/** What every page of ours is wrapped in: one file, no requests to anywhere, and a policy that lets nothing else in. */
import { createHash } from 'node:crypto';
import { html, type Markup, trusted } from './escape.ts';

export interface PageParts {
  readonly title: string;
  readonly style: string;
  /** None: no script runs at all. */
  readonly script?: string;
  /** Text in base64 that the script reads from `script.data`, in this order. */
  readonly data?: readonly string[];
  readonly body: Markup;
}

/** The whole document; equal parts give equal bytes. */
export function pageFrame({ title, style, script, data = [], body }: PageParts): string {
  const scripts = script === undefined ? undefined : html`script-src '${digest(script)}'; `;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${digest(style)}'; ${scripts}base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${body}${data.map(
  (text) => html`<script type="text/plain" class="data">${text}</script>
`,
)}${
  script !== undefined &&
  html`<script>${trusted(script)}</script>
`
}</body>
</html>
`.source;
}

/** The policy lets our own style and script in and nothing else, whatever a driver has written into its log. */
function digest(source: string): Markup {
  return trusted(`sha256-${createHash('sha256').update(source).digest('base64')}`);
}
