import { html, type Html } from './template.ts';

const ROLES = ['Prepared by', 'Reviewed by', 'Approved by'] as const;

/** Blank, for pens. */
export function signOff(): Html {
  const rows = ROLES.map(
    (role) => html`<tr><th scope="row">${role}</th><td></td><td></td><td></td><td></td></tr>
`,
  );
  return html`<section id="sign-off" aria-labelledby="sign-off-title">
<h2 id="sign-off-title">Sign-off</h2>
<p>I have read this report and its limits. It holds for the files listed under Scope and inputs, and for nothing else.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Signatures"><table class="sign"><thead><tr><th scope="col">Role</th><th scope="col">Name</th><th scope="col">Organisation</th><th scope="col">Date</th><th scope="col">Signature</th></tr></thead>
<tbody>${rows}</tbody></table></div>
</section>`;
}
