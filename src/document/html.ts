import type { Element, Nodes, Parents, Root as HastRoot } from 'hast';
import type { Root as MdastRoot } from 'mdast';
import rehypeParse from 'rehype-parse';
import rehypeRaw from 'rehype-raw';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import { type Result, success } from '../text/diagnostic.ts';
import type { SourceFile } from '../text/source.ts';
import { Displaced, readHtmlTable } from './html-table.ts';
import { htmlText } from './html-text.ts';
import type { RawDocument, RawHeading, RawTable } from './raw-table.ts';
import type { RestoredText } from './restore.ts';

/** The tables and headings of an HTML page, as a browser would build it (WHATWG HTML, 13.2). */
export function readHtml(file: SourceFile): Result<RawDocument> {
  const tree = unified().use(rehypeParse).parse(file.text);
  return success(collect(tree, file, { text: file.text, original: (offset) => offset }));
}

/** The tables and headings that a Markdown text has in HTML. */
export function htmlInMarkdown(
  root: MdastRoot,
  restored: RestoredText,
  file: SourceFile,
): Result<RawDocument> {
  const tree = unified()
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(() => placeTexts)
    .use(rehypeRaw)
    .runSync(root, restored.text) as HastRoot;
  return success(collect(tree, file, restored));
}

/**
 * Gives the line breaks that stand between what Markdown made a place: behind what is before them. A browser's parser joins
 * texts that follow each other, and one without a place would take it from all of them.
 */
function placeTexts(tree: HastRoot): void {
  const waiting: Parents[] = [tree];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    let behind = parent.position?.start;
    for (const child of parent.children) {
      if (child.type === 'text' && child.position === undefined && behind !== undefined)
        child.position = { start: behind, end: behind };
      behind = child.position?.end ?? behind;
      if ('children' in child) waiting.push(child);
    }
  }
}

const HEADING = /^h([1-6])$/;

function collect(tree: HastRoot, file: SourceFile, restored: RestoredText): RawDocument {
  const tables: RawTable[] = [];
  const headings: RawHeading[] = [];
  const displaced = new Displaced();
  let title: string | undefined;
  const waiting: { node: Nodes; within: boolean }[] = [{ node: tree, within: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, within } = next;
    if (!within) displaced.note(node);
    if (!('children' in node)) continue;
    // Elements that Markdown made begin with no tag in the source; pipe tables and headings are read from Markdown.
    const tagged = node.type === 'element' && fromTag(node, restored);
    if (tagged && node.tagName === 'title') title ??= oneLine(node);
    const level = tagged ? HEADING.exec(node.tagName)?.[1] : undefined;
    if (tagged && level !== undefined) headings.push(headingOf(node, Number(level), restored));
    const isTable = tagged && node.tagName === 'table';
    if (isTable) tables.push(readHtmlTable(node, file, restored));
    for (let i = node.children.length - 1; i >= 0; i--)
      waiting.push({ node: node.children[i] as Nodes, within: within || isTable });
  }
  const checked = tables.map((table) => displaced.check(table, restored));
  return { ...(title === undefined || title === '' ? {} : { title }), tables: checked, headings };
}

function fromTag(node: Element, restored: RestoredText): boolean {
  const start = node.position?.start.offset;
  return start !== undefined && restored.text[start] === '<';
}

const oneLine = (node: Element): string =>
  htmlText(node.children).lines.join(' ').replace(/\s+/g, ' ').trim();

function headingOf(node: Element, level: number, restored: RestoredText): RawHeading {
  return {
    level,
    text: oneLine(node),
    start: restored.original(node.position?.start.offset ?? 0),
    end: restored.original(node.position?.end.offset ?? node.position?.start.offset ?? 0),
  };
}
