import type { Condition, OpaqueCondition } from '../../../rule/condition.ts';
import { wayBackReason } from '../../../rule/symmetric-routes.ts';
import type { Rule } from '../../../rule/ruleset.ts';
import type { Place, Table } from '../ast/ast.ts';
import { helpForValue } from '../types/value-help.ts';
import type { MessageType } from '../selector/message-type.ts';
import type { BadValue } from '../types/read-number.ts';
import type { Problems } from '../problems.ts';

/** A protocol, or several, and the family that the conditions of a rule ask for. */
export interface Asked {
  readonly protocols?: ReadonlySet<number>;
  readonly family?: 4 | 6;
  /** Of ICMP messages. */
  readonly message?: MessageType;
}

/** What the rules of a table are read with. */
export interface TableContext {
  readonly table: Table;
  readonly problems: Problems;
  /** Sets that rules change, or whose elements may be left out. */
  readonly uncertain: ReadonlySet<string>;
  /** Those of them whose elements the file may have left out. */
  readonly unlisted: ReadonlySet<string>;
  /** The file is what nft lists, not a script. */
  readonly listing: boolean;
  /** Conditions of named sets, by set and by what is looked up in them. */
  readonly cache: Map<string, Condition>;
  /**
   * Fragments may reach the rules: conntrack puts packets together, but not before ingress, and not where nothing in
   * the ruleset asks for connections (net/netfilter/nf_conntrack_proto.c, nf_ct_netns_get).
   */
  readonly fragments: boolean;
  /** What the rule at hand has asked for so far, where that decides what raw bits are. */
  readonly asked?: Asked;
  /** The hooks from which packets come to the chain at hand. */
  readonly hooks: () => ReadonlySet<string>;
}

/** What the rules of one chain are lowered with. */
export interface RuleContext extends TableContext {
  /** The model's name of a chain of this table. */
  readonly chainId: (name: string) => string;
  /** Makes a chain of its own for rules that one rule stands for; gives its id. */
  readonly helper: (rules: readonly Rule[], place: Place) => string;
}

/**
 * How an open answer is made: a predicate of the text that is being read, with a line in the coverage. With `quiet`
 * there is no line, and the words are added to the text: what is open only of packets that hardly ever come.
 */
export type MakeOpaque = (stateful: boolean, quiet?: string, decided?: Decided) => Condition;

/** Of which packets it is decided, where it is open of others alone. */
type Decided = keyof typeof DECIDED;

const DECIDED = {
  first: 'is decided for the first packets of connections at most: for others',
  followed: 'is decided for the first packets of connections and for what follows one of them: for others',
  ways: 'is decided for the first packets of connections, their replies and what follows: for others',
  same: 'is decided but for errors about packets of other protocols: for these',
} as const;

/** A predicate that postern does not model, with a line in the coverage. */
export function opaque(
  text: string,
  stateful: boolean,
  place: Place,
  context: TableContext,
  decided?: Decided,
): Condition {
  const open = decided === undefined ? 'is not modelled:' : DECIDED[decided];
  const reason = `\`${shorten(text)}\` ${open} what depends on it is reported as possible`;
  context.problems.cover('approximated', place, reason);
  return predicate(text, stateful, place, context);
}

/** The same of whether there is a way back to the packet's source, of which a deployment may say more. */
export function opaqueWayBack(text: string, place: Place, context: TableContext): Condition {
  context.problems.cover('approximated', place, wayBackReason(text), true);
  return { ...predicate(text, false, place, context), wayBack: true };
}

/** The open answers of one statement. */
export function opaqueOf(text: string, place: Place, context: TableContext): MakeOpaque {
  return (stateful, quiet, decided) =>
    quiet === undefined
      ? opaque(text, stateful, place, context, decided)
      : predicate(`${text} (${quiet})`, stateful, place, context);
}

/** A set's name means something in its table only. */
function predicate(text: string, stateful: boolean, place: Place, context: TableContext): OpaqueCondition {
  const { table, problems } = context;
  const named = text.includes('@') ? `${text} (table ${table.family} ${table.name})` : text;
  return { kind: 'opaque', text: named, stateful, span: problems.span(place) };
}

/** A text for a message. */
export function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

/** Says that a value does not fit. */
export function reportBad({ value, expected }: BadValue, { problems }: TableContext): void {
  const text = value.kind === 'symbol' ? value.text : problems.textAt(value);
  problems.error('bad-value', value, `\`${shorten(text)}\` does not fit here`, {
    expected,
    ...(value.kind === 'symbol' && helpForValue(value.text, expected)),
  });
}
