import type { NamedSet, Place, Selector, Statement } from '../ast/ast.ts';
import type { Protocols } from './protocol.ts';
import { checkSource } from './source.ts';
import { fits, namedSet, type Types, typesOf, unsaidAddress } from './value-types.ts';
import { type CheckContext, checkValue } from './value.ts';
import { TYPES } from '../types/datatypes.ts';
import { tellStillNamed } from '../script/still-named.ts';

/** What a rule adds to sets and takes out of them, and the objects that it names. */

/** Objects and flowtables that a statement names. */
export function checkReference(
  statement: Extract<Statement, { kind: 'note' | 'uncertain' | 'unknown' }>,
  context: CheckContext,
): boolean {
  const { refers } = statement;
  if (refers === undefined) return true;
  const [kind, name] = [refers.slice(0, refers.lastIndexOf(' ')), refers.slice(refers.lastIndexOf(' ') + 1)];
  if (kind === 'set') return namedSet(name, statement, context) !== undefined;
  return checkObjectName(kind, name, statement, context);
}

/** Whether a table has an object or a flowtable of a name. */
export function checkObjectName(
  kind: string,
  name: string,
  place: Place,
  { table, problems }: CheckContext,
): boolean {
  if (kind === 'flowtable' ? table.flowtables.has(name) : table.objects.has(`${kind} ${name}`)) return true;
  if (tellStillNamed(table, `${kind} ${name}`, place, problems)) return false;
  problems.error('no-such-object', place, `there is no ${kind} \`${name}\` in this table`, {
    expected: `a ${kind} that the table defines`,
  });
  return false;
}

/** `add @s { ip saddr }`, and meters, which are sets of their own. */
export function checkDynamic(
  statement: Extract<Statement, { kind: 'uncertain' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { changes, key, data, meter } = statement;
  if (meter !== undefined) return checkMeter(meter, statement, context);
  if (changes === undefined || key === undefined) return true;
  const set = namedSet(changes, statement, context);
  if (set === undefined || !checkKey(key, set, protocols, context)) return false;
  if (!isChangeable(set, statement, context)) return false;
  if (statement.times === true && !set.flags.has('timeout'))
    return wrongSet(
      statement,
      `elements of \`${set.name}\` have no times`,
      '`flags timeout` in the set',
      context,
    );
  if (statement.connections === true && set.flags.has('timeout'))
    return wrongSet(
      statement,
      `elements of \`${set.name}\` run out, and cannot count connections`,
      'a set without timeouts',
      context,
    );
  if (!sameCounts(statement.counts, set))
    return wrongSet(
      statement,
      `\`${set.name}\` says what its elements count and limit, and this is something else`,
      set.counts?.map((word) => `\`${word}\``).join(', ') ?? '',
      context,
    );
  return data === undefined ? isNoMap(set, statement, context) : checkGiven(data, set, protocols, context);
}

/** Rules change sets without intervals that may be changed (net/netfilter/nft_dynset.c, nft_dynset_init). */
function isChangeable({ name, flags }: NamedSet, place: Place, context: CheckContext): boolean {
  if (flags.has('interval'))
    return wrongSet(
      place,
      `\`${name}\` has intervals, and rules cannot change it`,
      'a set without `flags interval`',
      context,
    );
  return (
    !flags.has('constant') ||
    wrongSet(
      place,
      `\`${name}\` is constant, and rules cannot change it`,
      'a set without `constant`',
      context,
    )
  );
}

/** What a rule counts for an element is what the set does, where both say it (net/netfilter/nft_dynset.c, nft_dynset_init). */
function sameCounts(counts: readonly string[] = [], { counts: wanted = [] }: NamedSet): boolean {
  return counts.length === 0 || wanted.length === 0 || counts.join() === wanted.join();
}

function wrongSet(place: Place, message: string, expected: string, { problems }: CheckContext): false {
  problems.error('wrong-set', place, message, { expected });
  return false;
}

function checkMeter(name: string, place: Place, context: CheckContext): boolean {
  if (!context.table.sets.has(name)) return true;
  return wrongSet(place, `there is a set \`${name}\` already`, 'another name for the meter', context);
}

/** What a rule adds or takes out: as many parts as the set has, of its types. */
function checkKey(key: Selector, set: NamedSet, protocols: Protocols, context: CheckContext): boolean {
  if (!protocols.read(key)) return false;
  const types = unsaidAddress(key, protocols.network) ?? typesOf(key, context);
  if (types === undefined || !(isNumberFor(key, types, set) || fits(types, set, key, context))) return false;
  const parts = key.kind === 'concat' ? key.of : [key];
  return parts.every(
    (part, at) => part.kind !== 'value' || checkValue(part.value, [set.keys?.[at]], context),
  );
}

/** Values stand in registers of so many bits (include/net/netfilter/nf_tables.h, NFT_REG32_SIZE). */
const REGISTER = 32;
const registers = (bits: number): number => Math.ceil(bits / REGISTER);

/**
 * A number fits a set of anything that fills as many registers, where nft has to look at bits of a byte for it, or at no header at
 * all; whole bytes of a header as many as the set has, if it has numbers (src/evaluate.c of nftables, __stmt_evaluate_arg).
 */
function isNumberFor(key: Selector, [given, ...more]: Types, { keys }: NamedSet): boolean {
  const [wanted] = keys ?? [];
  if (wanted === undefined || keys?.length !== 1 || given?.name !== 'integer' || more.length > 0)
    return false;
  if (key.kind !== 'payload' || given.bits % 8 !== 0)
    return key.kind !== 'other' || key.raw === undefined
      ? registers(given.bits) >= registers(wanted.bits)
      : false;
  return given.bits === wanted.bits && wanted.longest === undefined && wanted.name !== TYPES.mac.name;
}

/** An element of a map has a value, also where it is taken out (nft_dynset_init). */
function isNoMap({ name, isMap }: NamedSet, place: Place, context: CheckContext): boolean {
  return (
    !isMap ||
    wrongSet(place, `\`${name}\` is a map, and a value is missing`, 'a key, `:` and a value', context)
  );
}

/** What a map is to give: a value or an expression of its type, and no verdict. */
function checkGiven(data: Selector, set: NamedSet, protocols: Protocols, context: CheckContext): boolean {
  if (!set.isMap || set.verdicts)
    return wrongSet(
      data,
      `\`${set.name}\` is no map of values`,
      'a map such as `type ipv4_addr : mark`',
      context,
    );
  return checkSource(data, set.data?.[0], protocols, context);
}

/** `delete @s { ip saddr }` */
export function checkRemoval(
  { refers, key, data, ...place }: Extract<Statement, { kind: 'note' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (key === undefined || refers === undefined) return true;
  const set = namedSet(refers.slice('set '.length), place, context);
  if (set === undefined || !checkKey(key, set, protocols, context)) return false;
  return isChangeable(set, place, context) && (data !== undefined || isNoMap(set, place, context));
}
