import { rulesOf } from '../ast/walk.ts';
import { parseIPv4 } from '../../../packet/address.ts';
import type { NamedSet, Rule, Table, Value } from '../ast/ast.ts';
import { checkBoxes } from './boxes.ts';
import { checkObjectName } from './dynamic.ts';
import { checkCounts } from './flags.ts';
import { checkHooks } from './hooks.ts';
import { checkCatchAll, checkOverlap } from './overlap.ts';
import { checkRule } from './rule.ts';
import { type CheckContext, checkElements, isVerdict } from './value.ts';
import { TYPES } from '../types/datatypes.ts';
import { interfaceOf } from '../selector/lookup.ts';
import type { Problems } from '../problems.ts';
import type { ValueType } from '../types/types.ts';

/**
 * What nft refuses in a ruleset: values that don't fit, sets of another type, intervals that overlap.
 * @param isChecked rules, with those in them, that need no further look
 */
export function checkTables(
  tables: readonly Table[],
  problems: Problems,
  isChecked: (rule: Rule) => boolean = () => false,
): void {
  for (const table of tables) {
    const context = { table, problems };
    for (const set of table.sets.values()) if (!problems.enough) checkSet(set, context);
    checkHooks(table, problems);
    for (const chain of table.chains.values())
      for (const top of chain.rules)
        for (const rule of isChecked(top) ? [] : rulesOf({ rules: [top] })) {
          if (problems.enough) return;
          checkRule(rule, context);
        }
  }
}

/** What nft refuses in a set of a table: elements that don't fit, or overlap. */
export function checkSet(set: NamedSet, context: CheckContext): void {
  const { keys, elements } = set;
  if (keys === undefined || elements.length === 0) return;
  if (!checkCounts(set, elements, context.problems)) return;
  const timed = set.flags.has('timeout') ? undefined : elements.find(({ times }) => times === true);
  if (timed !== undefined) {
    context.problems.error('no-timeout', timed, `\`${set.name}\` has no times, and this element has one`, {
      help: `add \`flags timeout\` to \`${set.name}\``,
    });
    return;
  }
  const interval = set.flags.has('interval');
  if (!interval && !set.isMap && allPlain(set)) return;
  if (!interval && !checkSingle(set, context)) return;
  if (set.isMap && !checkData(set, context)) return;
  const data = !set.isMap ? 'none' : set.verdicts ? 'verdict' : (set.data ?? [undefined]);
  if (!checkElements(elements, keys, data, context, true) || !namesObjects(set, context)) return;
  if (set.isMap && !checkCatchAll(elements, data, context.problems)) return;
  if (keys.length > 1) checkBoxes(elements, keys, data, context.problems, true);
  else if ((interval || set.isMap) && !set.flags.has('auto-merge'))
    checkOverlap(elements, keys[0], data, context.problems);
}

/** What a map of objects gives is there, and stays as long as an element names it (net/netfilter/nf_tables_api.c, nft_add_set_elem). */
function namesObjects({ objects, elements }: NamedSet, context: CheckContext): boolean {
  if (objects === undefined || context.problems.free) return true;
  return elements.every(
    ({ data }) => data?.kind !== 'symbol' || checkObjectName(objects, data.text, data, context),
  );
}

/** Large sets are lists of IPv4 addresses: one look at each is enough. */
function allPlain({ keys, elements }: NamedSet): boolean {
  if (keys?.length !== 1 || keys[0]?.name !== TYPES.ipv4.name) return false;
  return elements.every(
    ({ key, data }) =>
      key.kind === 'symbol' &&
      data === undefined &&
      (key.address !== undefined || parseIPv4(key.text) !== undefined),
  );
}

/** Whether a value is a range or a network, or has one. */
const spans = (value: Value): boolean =>
  value.kind === 'range' || value.kind === 'prefix' || (value.kind === 'concat' && value.of.some(spans));

/** Data that are ranges need `interval` in the map's type. */
function checkData(set: NamedSet, { problems }: CheckContext): boolean {
  if (set.verdicts || set.spans === true || problems.free) return true;
  const element = set.elements.find(({ data }) => data !== undefined && !isVerdict(data) && spans(data));
  if (element === undefined) return true;
  problems.error('no-interval', element, `\`${set.name}\` gives single values, and this is a range`, {
    expected: 'a single value',
    help: 'write `: interval` and the type of the values',
  });
  return false;
}

/** Whether a key is a range of names (`ppp*`), or has one. */
function spansNames(key: Value, types: readonly (ValueType | undefined)[]): boolean {
  if (key.kind === 'concat') return key.of.some((part, at) => spansNames(part, types.slice(at, at + 1)));
  return types[0]?.name === 'ifname' && key.kind === 'symbol' && interfaceOf(key.text).prefix;
}

/** Ranges and prefixes need `flags interval`. */
function checkSingle(set: NamedSet, { problems }: CheckContext): boolean {
  const keys = set.keys ?? [];
  const named = keys.some((type) => type?.name === 'ifname');
  const element = set.elements.find(({ key }) => spans(key) || (named && spansNames(key, keys)));
  if (element === undefined) return true;
  problems.error('no-interval', element, `\`${set.name}\` has no ranges, and this is one`, {
    expected: 'a single value',
    help: `add \`flags interval\` to \`${set.name}\``,
  });
  return false;
}
