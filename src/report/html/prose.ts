import { html, type Html } from './template.ts';

/** A constant sentence of postern's own, with code between backticks. Never for a text that has others' words in it. */
export function prose(text: string): Html {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
