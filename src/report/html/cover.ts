import type { Report, ReportBaseline, ReportInput } from '../../finding/report.ts';
import { html, type Html, type Value } from './template.ts';
import { count, digest } from './words.ts';

/** Rows of a list of files that stand open; the others are one click, or one printed page, away. */
const OPEN_ROWS = 40;

/** The first page: what was looked at, with what, and how each part can be told from any other. */
export function cover(report: Report): Html {
  return html`<section id="cover" aria-labelledby="cover-title">
<h2 id="cover-title">Scope and inputs</h2>
<dl class="facts">
${fact('Checked', `${count(report.hosts.length, 'host')} with ${count(report.inputs.length, 'config')} against ${count(report.baselines.length, 'baseline')}`)}
${fact('Tool', `${report.tool.name} ${report.tool.version}`)}
${fact('As of', report.asOf ?? 'no day was given')}
${fact('Deployment', fileOf(report.deployment, 'none: roles are not bound to addresses'))}
${fact('Waivers', fileOf(report.waiverFile, 'no waiver file was given'))}
${fact('Known findings', fileOf(report.known, 'none were given'))}
${fact('Earlier report', report.previous === undefined ? 'none was given' : earlier(report.previous))}
</dl>
<p>This is a comparison of configuration files with documented connections. Nothing was sent over a network and no host
was asked. It holds for the files below, told by their SHA-256, and for nothing else.</p>
${baselineTable(report.baselines)}
${inputTables(report.inputs)}
</section>`;
}

function fact(term: string, value: Value): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>
`;
}

function fileOf(file: { readonly path: string; readonly sha256: string } | undefined, none: string): Value {
  return file === undefined ? none : html`<span class="path">${file.path}</span> ${digest(file.sha256)}`;
}

function earlier(previous: { readonly path?: string; readonly sha256: string }): Html {
  return html`<span class="path">${previous.path ?? 'earlier report'}</span> ${digest(previous.sha256)}`;
}

function baselineTable(baselines: readonly ReportBaseline[]): Html {
  const rows = baselines.map(
    ({ id, title, document, sha256 }) => html`<tr><th scope="row">${title}<br><code>${id}</code></th>
<td>${documentText(document)}</td><td>${digest(sha256)}</td></tr>
`,
  );
  return html`<h3>Baselines</h3>
<table class="stack named"><thead><tr><th scope="col">Baseline</th><th scope="col">Document</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

/** What a baseline says of its document: plain values, key by key. */
function documentText(document: ReportBaseline['document']): Html[] {
  return Object.entries(document).map(
    ([key, value]) =>
      html`<span class="pair"><b>${key}</b> ${key === 'sha256' ? digest(plain(value)) : plain(value)}</span> `,
  );
}

const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);

function inputTables(inputs: readonly ReportInput[]): Html {
  const open = inputs.slice(0, OPEN_ROWS);
  const more = inputs.slice(OPEN_ROWS);
  return html`<h3>Configs</h3>
${inputTable(open)}
${more.length > 0 && html`<details><summary>${count(more.length, 'more config')}</summary>${inputTable(more)}</details>`}`;
}

function inputTable(inputs: readonly ReportInput[]): Html {
  const rows = inputs.map(
    ({
      path,
      format,
      sha256,
      captured,
    }) => html`<tr><th scope="row" class="path">${path}</th><td>${format}</td>
<td>${captureText(captured)}</td><td>${digest(sha256)}</td></tr>
`,
  );
  return html`<table class="stack files"><thead><tr><th scope="col">File</th><th scope="col">Read as</th><th scope="col">Captured</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function captureText(captured: ReportInput['captured']): string {
  const parts = [
    captured?.at && `at ${captured.at}`,
    captured?.by && `by ${captured.by}`,
    captured?.from && `from ${captured.from}`,
  ].filter(Boolean);
  return parts.length === 0 ? 'not said' : parts.join(' ');
}
