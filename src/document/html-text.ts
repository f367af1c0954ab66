import type { ElementContent, Nodes } from 'hast';
import { addLine, addText, noParts, type TextParts } from './cell.ts';

/** Elements whose content stands on lines of its own. */
const BLOCK = new Set([
  'p',
  'div',
  'li',
  'ul',
  'ol',
  'dl',
  'dt',
  'dd',
  'tr',
  'table',
  'pre',
  'section',
  'article',
]);
const SILENT = new Set(['script', 'style', 'template', 'noscript']);
const STRUCK = new Set(['del', 's', 'strike']);

type Step = { readonly node: Nodes } | { readonly line: true };

/** The text of HTML content: what a reader sees, with footnote marks (`<sup>`) and struck-out text apart. */
export function htmlText(nodes: readonly ElementContent[]): TextParts {
  const parts = noParts();
  const waiting: Step[] = [...nodes].reverse().map((node) => ({ node }));
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    if ('line' in step) {
      addLine(parts);
      continue;
    }
    const { node } = step;
    if (node.type === 'text') addText(parts, node.value);
    if (node.type !== 'element' || SILENT.has(node.tagName)) continue;
    if (node.tagName === 'br') addLine(parts);
    else if (node.tagName === 'img') addText(parts, String(node.properties.alt ?? ''));
    else if (STRUCK.has(node.tagName)) parts.struck = true;
    else if (node.tagName === 'sup') parts.footnotes.push(htmlText(node.children).lines.join(' ').trim());
    else {
      const block = BLOCK.has(node.tagName);
      if (block) addLine(parts);
      if (block) waiting.push({ line: true });
      for (let i = node.children.length - 1; i >= 0; i--)
        waiting.push({ node: node.children[i] as ElementContent });
    }
  }
  return parts;
}
