import type { FrameworkEvidence, RequirementEvidence } from '../../finding/controls.ts';
import { controlsReport } from '../../finding/controls-report.ts';
import type { Report } from '../../finding/report.ts';
import { html, type Html } from './template.ts';
import { thousands } from './words.ts';

/** Which requirements of which frameworks the report is evidence on. */
export function controls(report: Report): Html {
  const { frameworks } = controlsReport(report.hosts);
  return html`<section id="controls" aria-labelledby="controls-title">
<h2 id="controls-title">Controls</h2>
<p>What this report evidences for or against a requirement, and how directly. A configuration is a part of any requirement and
never all of it: this says what is evidence, and judges nobody.</p>
${frameworks.map(part)}
</section>`;
}

function part(framework: FrameworkEvidence): Html {
  return html`<h3>${framework.title} ${framework.version}</h3>
<table class="stack controls"><thead><tr><th scope="col">Requirement</th><th scope="col">Evidence against</th><th scope="col">Evidence for</th></tr></thead>
<tbody>${framework.requirements.map(row)}</tbody></table>`;
}

function row({ id, asks, against, for: satisfied }: RequirementEvidence): Html {
  const findings = against.map(
    ({ rule, strength, findings: n, waived }) =>
      html`<small><b>${thousands(n)}</b> <code>${rule}</code>, ${strength}${waived > 0 && `, and ${thousands(waived)} waived`}</small>`,
  );
  const rows = satisfied.map(
    ({ state, strength, connections }) =>
      html`<small><b>${thousands(connections)}</b> ${WORDS[state]}, ${strength}</small>`,
  );
  return html`<tr><th scope="row">${id}<small>${asks}</small></th><td>${findings.length > 0 ? findings : html`<span class="none">none found</span>`}</td>
<td>${rows.length > 0 ? rows : html`<span class="none">none</span>`}</td></tr>
`;
}

const WORDS = {
  'needed-open': 'needed connections open',
  'prohibited-closed': 'prohibited connections closed',
} as const;
