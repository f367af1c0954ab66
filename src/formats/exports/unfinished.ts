import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { ConfigPart, Page, PagesOfList, ShortPage } from '../reader.ts';
import { mayBeOfOneAnswer } from './page-origin.ts';
import { ofAnyKind } from './pages.ts';
import { groupBy } from '../../text/group-by.ts';

/** Lists whose ends are missing, or some of their rows, and with them rules: every page says that another follows, or one that it lacks some. */
export function unfinishedLists(parts: readonly ConfigPart[]): Diagnostic[] {
  const lists = new Map<string, PagesOfList>();
  for (const [name, pages] of parts.flatMap(({ cloud }) => [...(cloud?.pages ?? [])])) {
    const known = lists.get(name);
    lists.set(name, {
      followed: withPages(known?.followed, pages.followed),
      last: withPages(known?.last, pages.last),
      previous: pages.previous ?? known?.previous,
      first: pages.first || known?.first === true,
      short: [...(known?.short ?? []), ...pages.short],
      unreached: pages.unreached ?? known?.unreached,
    });
  }
  return [...lists].flatMap(([name, { followed, last, previous, first, short, unreached }]) => [
    ...cutOff(name, unended(followed, withPages(last, lists.get(ofAnyKind(name))?.last ?? new Map()))),
    ...(previous === undefined || first ? [] : [begun(name, previous)]),
    ...(followed.size === 0 ? lackingRows(short) : last.size > 0 ? lackingPages(short) : []),
    ...(unreached === undefined ? [] : [unreachable(unreached)]),
  ]);
}

type Pages = PagesOfList['followed'];

function withPages(known: Pages = new Map(), more: Pages): Pages {
  return known.size === 0 ? more : more.size === 0 ? known : new Map([...more, ...known]);
}

/**
 * The first page that another follows and that no page ends: one of another account does not. An answer may have what several own, so
 * that its last page need not have any of what the first is about; pages between them do (shared VPCs of AWS).
 */
function unended(followed: Pages, last: Pages): Page | undefined {
  const open = new Map([...followed].filter(([text]) => !last.has(text)));
  let ends = [...last.values()];
  while (ends.length > 0) {
    const ended = [...open].filter(([, { origin }]) =>
      ends.some((end) => mayBeOfOneAnswer(end.origin, origin)),
    );
    for (const [text] of ended) open.delete(text);
    ends = ended.map(([, page]) => page);
  }
  return open.values().next().value;
}

/** Pages that were asked for one by one have all rows together. One that is given twice is not the one that is missing. */
function lackingRows(pages: readonly ShortPage[]): Diagnostic[] {
  return [...groupBy(pages, ({ total }) => String(total)).values()].flatMap(answersOf).flatMap((alike) => {
    const rows = new Set(alike.flatMap((page) => page.rows));
    const [first] = alike as [ShortPage];
    return first.total === rows.size ? [] : [lacking(first.place)];
  });
}

/** Pages that follow each other: those between the first and the last have the rest of the rows. */
function lackingPages(pages: readonly ShortPage[]): Diagnostic[] {
  return [...groupBy(pages, ({ total }) => String(total)).values()].flatMap((alike) => {
    const distinct = new Map(alike.map((page) => [page.rows.join('\n'), page]));
    const given = [...distinct.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    const [first] = alike as [ShortPage];
    return first.total === undefined || given >= first.total ? [] : [lacking(first.place)];
  });
}

/** Pages that say of as many rows that there are, by the answers that they are of: one page may lack a type that others have. */
function answersOf(pages: readonly ShortPage[]): (readonly ShortPage[])[] {
  let answers: (readonly ShortPage[])[] = [];
  for (const page of pages) {
    const isOther = (answer: readonly ShortPage[]): boolean =>
      !answer.some(({ kinds }) => [...kinds].some((kind) => page.kinds.has(kind)));
    const same = answers.filter((answer) => !isOther(answer)).flat();
    answers = [...answers.filter(isOther), [...same, page]];
  }
  return answers;
}

function lacking(span: Span): Diagnostic {
  return unfinished(
    span,
    'this answer has fewer rows than it says that there are',
    'all rows',
    'ask for more at once (`az graph query --first 1000`), or give the other pages (`--skip`) too',
  );
}

function unreachable(span: Span): Diagnostic {
  return unfinished(
    span,
    'this answer says that it lacks some of what there is: a region or a zone could not be reached, or a quota was used up',
    'an answer from all regions and zones',
    'export again once they can be reached, and without a filter',
  );
}

function cutOff(list: string, page: Page | undefined): Diagnostic[] {
  if (page === undefined) return [];
  const problem = unfinished(
    page.place,
    `this page of \`${list.slice(0, 100)}\` says that another follows, and that one was not given`,
    'all pages of the export',
    'export without a limit on the number of items or pages, or give the other pages too',
  );
  return [problem];
}

function begun(list: string, span: Span): Diagnostic {
  return unfinished(
    span,
    `this page of \`${list.slice(0, 100)}\` says that another is before it, and that one was not given`,
    'all pages of the export',
    'export without a limit on the number of items or pages, or give the other pages too',
  );
}

function unfinished(span: Span, message: string, expected: string, help: string): Diagnostic {
  return { severity: 'error', code: 'unfinished-export', message, span, expected, help };
}
