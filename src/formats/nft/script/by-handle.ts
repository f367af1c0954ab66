import type { Handled, Place, Table } from '../ast/ast.ts';
import type { Cursor } from '../build/cursor.ts';

type Store = Map<string, Handled>;

/** Where the things of a kind are, and which of what is there are of that kind. */
export function namesake(
  kind: string,
  table: Table,
): readonly [Store, (one: Handled, key: string) => boolean] {
  if (kind === 'chain') return [table.chains, () => true];
  if (kind === 'set' || kind === 'map') return [table.sets, () => true];
  if (kind === 'flowtable') return [table.flowtables, () => true];
  return [table.objects, (_, key) => key.startsWith(`${kind} `)];
}

/** What is looked for, and where. */
interface Search<T extends Handled> {
  readonly verb: string;
  readonly store: Map<string, T>;
  readonly has: (one: Handled, key: string) => boolean;
  readonly numberOf: (one: Handled) => number | undefined;
}

/** `delete chain ip t handle 3`: returns what is taken away. */
export function byHandle<T extends Handled>(
  { verb, store, has, numberOf }: Search<T>,
  cursor: Cursor,
  place: Place,
): T | undefined {
  const text = cursor.word() ?? '';
  cursor.count();
  if (!cursor.done) cursor.fail('the end of the statement');
  if (cursor.failed) return undefined;
  if (verb !== 'delete' && verb !== 'destroy') {
    cursor.problems.error('nft-syntax', place, `\`${verb}\` needs a name here`, { expected: 'a name' });
    return undefined;
  }
  const handles = [...store].filter(([key, one]) => has(one, key) && numberOf(one) !== undefined);
  const found = handles.find(([, one]) => numberOf(one) === Number(text));
  if (found !== undefined) store.delete(found[0]);
  else if (handles.length > 0) {
    if (verb === 'delete')
      cursor.problems.error('no-such-handle', place, `nothing here has the handle ${text}`);
  } else
    cursor.problems.error(
      'handle-unknown',
      place,
      'this names its object by a handle, which only the kernel knows',
      { help: 'give the output of `nft -a list ruleset`, or of `nft list ruleset` after the change' },
    );
  return found?.[1];
}
