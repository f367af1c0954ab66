import { formatPlace } from '../../../text/source.ts';
import type { Place, Table } from '../ast/ast.ts';
import { rulesOf } from '../ast/walk.ts';
import type { Problems } from '../problems.ts';

/*
 * What rules or elements name cannot be taken away, not even where a later command of the same script takes them away too or
 * makes the thing anew (net/netfilter/nf_tables_api.c: a `use` count above 0 is EBUSY).
 */

/** Notes that a command takes something away: `set s`, `chain c`, `counter x`, `flowtable f`. */
export function takenAway(table: Table, what: string, place: Place): void {
  table.gone ??= new Map();
  table.gone.set(what, place);
}

/** Tells that something names what a command has taken away; whether one has. */
export function tellStillNamed(table: Table, what: string, by: Place, problems: Problems): boolean {
  const place = table.gone?.get(what);
  if (place === undefined) return false;
  const { start } = problems.span(place);
  if (!problems.errors.some(({ code, span }) => code === 'in-use' && span?.start === start))
    problems.error(
      'in-use',
      place,
      `the ${what.replace(/ (?=[^ ]*$)/, ' `')}\` is still named at ${formatPlace(problems.span(by))}`,
      { help: 'take away what names it before it' },
    );
  return true;
}

/** Tells the first rule or element that names what is made anew and was taken away before. */
export function tellMadeAnew(table: Table, what: string, problems: Problems): void {
  if (table.gone?.has(what) !== true) return;
  const names = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && (isNamed(value, what) || Object.values(value).some(names));
  for (const chain of table.chains.values())
    for (const rule of rulesOf(chain))
      if (rule.statements.some(names)) {
        tellStillNamed(table, what, rule, problems);
        return;
      }
  for (const { elements, verdicts } of table.sets.values()) {
    const element = verdicts ? elements.find(names) : undefined;
    if (element !== undefined) tellStillNamed(table, what, element, problems);
  }
  table.gone.delete(what);
}

/** Whether this part of a statement is the name of a thing. */
function isNamed(part: object, what: string): boolean {
  const { kind, name, chain, changes, refers } = part as Readonly<Record<string, unknown>>;
  if (kind === 'set-ref') return what === `set ${name}`;
  if (kind === 'jump' || kind === 'goto') return what === `chain ${chain}`;
  return refers === what || (changes !== undefined && what === `set ${changes}`);
}
