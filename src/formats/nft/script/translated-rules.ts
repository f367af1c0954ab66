import type { GroupAtom } from '../../../../grammars/nft/atoms.ts';
import type { Rule, Selector, Statement, Table, Value } from '../ast/ast.ts';

/*
 * nft lists the extensions of iptables in the tables of iptables-nft by the translations that libxtables has for people who
 * move to nftables (src/xt.c of nftables, stmt_xt_print; `xlate` in extensions/ of iptables). Some of these leave out
 * what iptables asks, so that the listing is not what the kernel does. Those are opaque here.
 */

const TABLES: readonly string[] = ['filter', 'nat', 'mangle', 'raw', 'security'];
const CHAINS: readonly string[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** Whether the block of a table looks like one that iptables-nft has made: its table's name, and a chain's. */
export function isOfIptables({ family, name }: Table, block: GroupAtom): boolean {
  if ((family !== 'ip' && family !== 'ip6') || !TABLES.includes(name)) return false;
  return block.body.some(([first, second]) => {
    if (first?.kind !== 'word' || first.text !== 'chain' || second?.kind !== 'word') return false;
    return CHAINS.includes(second.text);
  });
}

/** The rule with what is certain of it. */
export function asTranslated(rule: Rule, table: Table): Rule {
  if (rule.statements.every((statement) => certain(statement, table) === statement)) return rule;
  return { ...rule, statements: rule.statements.flatMap((statement) => certain(statement, table)) };
}

function certain(statement: Statement, table: Table): Statement | readonly Statement[] {
  if (statement.kind === 'match') return certainMatch(statement);
  if (statement.kind === 'assign') return certainChange(statement, table);
  // `-m hashlimit --hashlimit-mode dstport` is listed as `tcp dport`, whatever the protocol (libxt_hashlimit.c, hashlimit_mt_xlate).
  if (statement.kind !== 'uncertain' || statement.meter === undefined) return statement;
  const { start, end } = statement;
  const text = `${statement.text} (of any protocol)`;
  return statement.reads?.some(hasPorts) === true ? { kind: 'uncertain', text, start, end } : statement;
}

type Match = Extract<Statement, { kind: 'match' }>;

function certainMatch(match: Match): Statement | readonly Statement[] {
  const { left, right, text, start, end } = match;
  const open: Statement = { kind: 'uncertain', text: `${text} (as translated from iptables)`, start, end };
  // `--ctstate NEW,DNAT` and `! --ctstate DNAT` are `ct status dnat` (libxt_conntrack.c, _conntrack3_mt_xlate).
  if (left.kind === 'ct' && left.key === 'status') return isTranslation(right) ? open : match;
  // `--helper ""`, any helper, is a name that nft does not take (libxt_helper.c, helper_xlate).
  if (left.kind === 'ct' && left.key === 'helper') return isNothing(right) ? open : match;
  // `--src-type` and `--dst-type` together are the former alone (libxt_addrtype.c, addrtype_v1_xlate).
  if (left.kind === 'fib' && left.result === 'type' && left.flags.includes('saddr'))
    return [match, { ...open, text: `${text} (and a type of the destination, perhaps)` }];
  // `! --ports 5` and `--ports 5:9` are pairs of the ports 5 and 9 (libxt_multiport.c, __multiport_xlate_v1).
  return isEitherPort(left, right) ? open : match;
}

const isTranslation = (value: Value): boolean =>
  value.kind === 'symbol' && (value.text === 'snat' || value.text === 'dnat');

const isNothing = (value: Value): boolean => value.kind === 'symbol' && value.text === '';

const isPort = (selector: Selector, field: string): boolean =>
  selector.kind === 'payload' && selector.field === field;

function isEitherPort(left: Selector, right: Value): boolean {
  if (left.kind !== 'concat' || right.kind !== 'set' || left.of.length !== 2) return false;
  const [from, to] = left.of as [Selector, Selector];
  if (!isPort(from, 'sport') || !isPort(to, 'dport')) return false;
  return right.elements.some(({ key }) => key.kind === 'concat' && key.of.some(isEveryPort));
}

const isEveryPort = (value: Value): boolean =>
  value.kind === 'range' &&
  value.lo.kind === 'symbol' &&
  value.hi.kind === 'symbol' &&
  value.lo.text === '0' &&
  value.hi.text === '65535';

const hasPorts = (selector: Selector): boolean =>
  selector.kind === 'concat'
    ? selector.of.some(hasPorts)
    : isPort(selector, 'sport') || isPort(selector, 'dport');

type Assign = Extract<Statement, { kind: 'assign' }>;

function certainChange(statement: Assign, table: Table): Statement {
  const { to, from, text, start, end } = statement;
  const target = (name: string): Statement => ({ kind: 'xt', name, text, start, end });
  // `-j TOS` is `ip6 dscp set …` in tables of IPv4 too, without the last two bits (libxt_TOS.c, tos_xlate).
  if (table.family === 'ip' && to.kind === 'payload' && to.protocol === 'ip6' && to.field === 'dscp')
    return target('TOS');
  // `--save-mark --mask`, `--restore-mark --mask` keep the other bits, and `--set-xmark 5/0xff` is no `xor 5 and …`
  // (libxt_CONNMARK.c, connmark_tg_xlate).
  const other = isMark(to) ? 'ct' : isConnectionMark(to) ? 'meta' : undefined;
  if (other === undefined || from.kind !== 'binary') return statement;
  const crossed = marks(from).some(({ kind }) => kind === other);
  return crossed || (other === 'meta' && mixed(from)) ? target('CONNMARK') : statement;
}

const isMark = (one: Selector): boolean => one.kind === 'meta' && one.key === 'mark';
const isConnectionMark = (one: Selector): boolean => one.kind === 'ct' && one.key === 'mark';

function marks(from: Selector): readonly Selector[] {
  return from.kind === 'binary' ? marks(from.left) : isMark(from) || isConnectionMark(from) ? [from] : [];
}

/** Several operators, or several numbers behind one. */
const mixed = (from: Extract<Selector, { kind: 'binary' }>): boolean =>
  from.left.kind === 'binary' || from.right.kind === 'binary';
