import type { Place, Table } from '../ast/ast.ts';
import type { Cursor } from '../build/cursor.ts';
import type { Scope } from '../build/variables.ts';

/** A command about something in a table, up to its name. */
export interface TableCommand {
  /** `add`, `delete` and the like. */
  readonly verb: string;
  /** `chain`, `rule`, `set`, `ct helper` and the like. */
  readonly kind: string;
  readonly table: Table;
  /** Stands behind the table's name. */
  readonly cursor: Cursor;
  readonly scope: Scope;
  readonly place: Place;
}

/** Nothing follows a name that is taken away. JSON may give more of the thing. */
export function refuseRest(cursor: Cursor): void {
  if (!cursor.done && !cursor.problems.free) cursor.fail('the end of the statement');
}
