import type { Report } from '../../finding/report.ts';
import { controls } from './controls.ts';
import { cover } from './cover.ts';
import { coverage } from './coverage.ts';
import { diagram } from './diagram.ts';
import { findingSections } from './findings.ts';
import { inventory } from './inventory.ts';
import { limits } from './limits.ts';
import { matrix } from './matrix.ts';
import { numberedFindings } from './numbered.ts';
import { policy } from './policy.ts';
import { relationsOf } from './relations.ts';
import { SCRIPT } from './script.ts';
import { signOff } from './sign-off.ts';
import { STYLE } from './style.ts';
import { summary } from './summary.ts';
import { html, type Html } from './template.ts';
import { waivers } from './waivers.ts';

/** The sections in their order, by id, as the table of contents names them. */
const CONTENTS: readonly (readonly [id: string, name: string])[] = [
  ['cover', 'Scope and inputs'],
  ['summary', 'Executive summary'],
  ['limits', 'Limits'],
  ['matrix', 'Role to role'],
  ['coverage', 'Port coverage'],
  ['findings', 'Findings'],
  ['excessive', 'Excessive openings'],
  ['conflicts', 'Conflicts'],
  ['waivers', 'Waivers'],
  ['controls', 'Controls'],
  ['inventory', 'Rule inventory'],
  ['sign-off', 'Sign-off'],
];

/**
 * The report as one page for who signs it (docs/report-html.md): no network, no inline style, readable without scripts and
 * on paper. A detailed report (`check({ …, detail: true })`) fills it; without, the parts that need detail say so.
 */
export function renderHtml(report: Report): string {
  return [...htmlChunks(report)].join('');
}

/** The text of {@link renderHtml} in pieces, a section each. */
export function* htmlChunks(report: Report): Generator<string> {
  const findings = numberedFindings(report);
  const relations = relationsOf(report);
  yield head(report).text;
  yield cover(report).text;
  yield summary(report, findings).text;
  yield limits(report).text;
  yield matrix(relations, relations && diagram(relations)).text;
  yield coverage(report, findings).text;
  for (const section of findingSections(report, findings)) yield section.text;
  yield waivers(report, findings).text;
  yield controls(report).text;
  yield inventory(report).text;
  yield signOff().text;
  yield foot(report).text;
}

function head(report: Report): Html {
  const scope = scopeOf(report);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(STYLE.text, SCRIPT.text)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${report.tool.name} ${report.tool.version}">
<title>Firewall compliance report: ${scope}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>Firewall compliance report</h1>
<p>${scope}</p>
<nav aria-label="Contents"><ol>${CONTENTS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ol></nav>
</header>
<main id="content" tabindex="-1">
`;
}

/** Hosts by name where they are few, else how many. */
function scopeOf({ hosts }: Report): string {
  return hosts.length <= 4 ? hosts.map(({ name }) => name).join(', ') : `${hosts.length} hosts`;
}

function foot({ tool }: Report): Html {
  return html`
</main>
<footer><p>Made by ${tool.name} ${tool.version}. The same inputs give the same bytes; there is no time of making in this file.</p></footer>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
