import { html, type Html } from './template.ts';

/** A sentence of postern's: what stands between two backticks is a name or a text of the config, and shown as one. */
export function prose(text: string): Html {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
