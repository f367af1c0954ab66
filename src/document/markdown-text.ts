import type { PhrasingContent } from 'mdast';
import { addLine, addText, noParts, type TextParts } from './cell.ts';

/**
 * The text of a Markdown cell's content. HTML in it comes as single tags, so that what stands between `<sup>` and
 * `</sup>` (a footnote), `<del>` and `</del>`, or `<script>` and `</script>` is told apart by those.
 */
export function markdownText(nodes: readonly PhrasingContent[]): TextParts {
  const parts = noParts();
  const open: { tag: string; text: string }[] = [];
  const say = (text: string): void => {
    const aside = open.at(-1);
    if (aside === undefined) addText(parts, text);
    else aside.text += text;
  };
  const visit = (node: PhrasingContent): void => {
    if (node.type === 'text' || node.type === 'inlineCode') say(node.value);
    else if (node.type === 'break') addLine(parts);
    else if (node.type === 'footnoteReference') parts.footnotes.push(node.label ?? node.identifier);
    else if (node.type === 'image' || node.type === 'imageReference') say(node.alt ?? '');
    else if (node.type === 'html') visitTag(node.value, parts, open);
    else if (node.type === 'delete') parts.struck = true;
    else for (const child of node.children) visit(child);
  };
  for (const node of nodes) visit(node);
  // A tag that is never closed takes nothing away.
  for (const { text } of open) addText(parts, text);
  return parts;
}

const ASIDE = new Set(['sup', 'del', 's', 'strike', 'script', 'style']);

function visitTag(html: string, parts: TextParts, open: { tag: string; text: string }[]): void {
  const [, slash = '', name = ''] = /^<(\/?)([a-z][a-z0-9]*)/i.exec(html) ?? [];
  const tag = name.toLowerCase();
  if (tag === 'br' || tag === 'p' || tag === 'li' || tag === 'div') addLine(parts);
  if (!ASIDE.has(tag)) return;
  if (slash === '') {
    open.push({ tag, text: '' });
    return;
  }
  if (open.at(-1)?.tag !== tag) return;
  const text = (open.pop()?.text ?? '').trim();
  if (tag === 'sup') parts.footnotes.push(text);
  else if (tag !== 'script' && tag !== 'style') parts.struck = true;
}
