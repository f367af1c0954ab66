import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { ConfigPart, PagesOfList } from '../reader.ts';

/** Lists whose ends are missing, or some of their rows, and with them rules: every page says that another follows, or one that it lacks some. */
export function unfinishedLists(parts: readonly ConfigPart[]): Diagnostic[] {
  const lists = new Map<string, PagesOfList>();
  for (const [name, pages] of parts.flatMap(({ cloud }) => [...(cloud?.pages ?? [])])) {
    const known = lists.get(name);
    lists.set(name, {
      next: pages.next ?? known?.next,
      last: pages.last || known?.last === true,
      short: pages.short ?? known?.short,
      unreached: pages.unreached ?? known?.unreached,
    });
  }
  return [...lists].flatMap(([name, { next, last, short, unreached }]) => [
    ...(next === undefined || last ? [] : [cut(name, next)]),
    // The last of several pages has a part of the rows.
    ...(short === undefined || next !== undefined ? [] : [lacking(short)]),
    ...(unreached === undefined ? [] : [unreachable(unreached)]),
  ]);
}

function lacking(span: Span): Diagnostic {
  return unfinished(
    span,
    'this answer has fewer rows than it says that there are',
    'all rows',
    'ask for more at once (`az graph query --first 1000`), or for the `id` of each too, so that pages may follow',
  );
}

function unreachable(span: Span): Diagnostic {
  return unfinished(
    span,
    'this answer says that a region or a zone could not be reached: what is there is missing',
    'an answer from all regions and zones',
    'export again once they can be reached',
  );
}

function cut(list: string, span: Span): Diagnostic {
  return unfinished(
    span,
    `this page of \`${list.slice(0, 100)}\` says that another follows, and that one was not given`,
    'all pages of the export',
    'export without a limit on the number of items or pages, or give the other pages too',
  );
}

function unfinished(span: Span, message: string, expected: string, help: string): Diagnostic {
  return { severity: 'error', code: 'unfinished-export', message, span, expected, help };
}
