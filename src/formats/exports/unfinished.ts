import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { ConfigPart } from '../reader.ts';

/** Lists of which every page says that another follows: their ends are missing, and with them rules. */
export function unfinishedLists(parts: readonly ConfigPart[]): Diagnostic[] {
  const lists = new Map<string, { next: Span | undefined; last: boolean }>();
  for (const [name, { next, last }] of parts.flatMap(({ cloud }) => [...(cloud?.pages ?? [])])) {
    const known = lists.get(name);
    lists.set(name, { next: next ?? known?.next, last: last || known?.last === true });
  }
  return [...lists].flatMap(([name, { next, last }]) =>
    next === undefined || last ? [] : [cut(name, next)],
  );
}

function cut(list: string, span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'unfinished-export',
    message: `this page of \`${list.slice(0, 100)}\` says that another follows, and that one was not given`,
    span,
    expected: 'all pages of the export',
    help: 'export without a limit on the number of items or pages, or give the other pages too',
  };
}
