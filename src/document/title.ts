import { looksLikeHeading } from './context.ts';
import type { RawHeading } from './raw-table.ts';
import { collapse } from './raw-table.ts';

/** The document's title: `title` in front matter (YAML or JSON), else the first of the outermost headings, else the first line. */
export function documentTitle(text: string, headings: readonly RawHeading[]): string | undefined {
  const front = frontMatter(text);
  if (front !== undefined) return front;
  const marked = headings.filter(({ level, text: name }) => level <= 6 && name !== '');
  const outermost = Math.min(...marked.map(({ level }) => level));
  const heading = marked.find(({ level }) => level === outermost)?.text;
  if (heading !== undefined) return heading;
  const first = text.trimStart().slice(0, 400).split('\n', 1)[0]?.trim() ?? '';
  return looksLikeHeading(first) ? first : undefined;
}

function frontMatter(text: string): string | undefined {
  const head = text.slice(0, 4000);
  const [, json] =
    /^\s*\{\s*(?:"[^"]{0,80}"\s*:\s*"[^"]{0,200}",\s*){0,5}"title"\s*:\s*"([^"\n]{1,200})"/.exec(head) ?? [];
  const [, yaml] = /^---\n(?:[^\n]{0,300}\n){0,20}?title:\s*["']?([^\n"']{1,200})/.exec(head) ?? [];
  const [, listed] =
    /^## Metadata_Start[^\n]{0,10}\n(?:## [^\n]{0,300}\n){0,20}?## title:\s*([^\n]{1,200})/.exec(head) ?? [];
  const found = collapse(json ?? yaml ?? listed ?? '');
  return found === '' ? undefined : found;
}
