import type { Rule, Selector, Statement, Value } from './ast.ts';
import { checkOverlap } from './check-overlap.ts';
import { Protocols } from './check-protocol.ts';
import { alike, fits, namedSet, type Types, typesOf } from './check-types.ts';
import {
  type CheckContext,
  checkElements,
  checkTarget,
  checkValue,
  type DataTypes,
  shownTypes,
} from './check-value.ts';
import { expressionType, type ValueType } from './types.ts';

/** What nft's evaluation refuses in a rule (src/evaluate.c of nftables). Stops at the rule's first error. */
export function checkRule(rule: Rule, context: CheckContext): void {
  const protocols = new Protocols(context.table.family, context.problems);
  let ended: Statement | undefined;
  for (const statement of rule.statements) {
    if (ended !== undefined) {
      context.problems.error(
        'after-the-end',
        statement,
        'this is never reached: the statement before it ends the rule',
        {
          expected: 'the end of the rule',
        },
      );
      return;
    }
    if (!checkStatement(statement, protocols, context)) return;
    if (isLast(statement)) ended = statement;
  }
}

function isLast(statement: Statement): boolean {
  if (statement.kind === 'verdict') return statement.verdict.kind !== 'continue';
  if (statement.kind === 'unknown') return /^queue\b/.test(statement.text);
  return statement.kind === 'reject' || statement.kind === 'nat' || statement.kind === 'block';
}

function checkStatement(statement: Statement, protocols: Protocols, context: CheckContext): boolean {
  switch (statement.kind) {
    case 'match':
      return checkMatch(statement, protocols, context);
    case 'vmap':
      return checkVerdictMap(statement, protocols, context);
    case 'verdict':
      return checkTarget(statement.verdict, context);
    case 'assign':
      return checkAssignment(statement, protocols, context);
    case 'nat':
      return checkNat(statement, protocols, context);
    case 'reject':
      return checkReject(statement, protocols, context);
    case 'uncertain':
      return checkReference(statement, context) && checkDynamic(statement, protocols, context);
    case 'note':
      return checkReference(statement, context) && checkRemoval(statement, protocols, context);
    default:
      return true;
  }
}

function checkMatch(
  match: Extract<Statement, { kind: 'match' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { left, right, op, mask } = match;
  if (!protocols.read(left)) return false;
  const types = typesOf(left, context);
  if (types === undefined) return left.kind === 'value';
  if (right.kind === 'set') {
    if (!checkElements(right.elements, types, 'none', context)) return false;
  } else if (right.kind === 'set-ref') {
    const set = namedSet(right.name, right, context);
    if (set === undefined || !fits(types, set, right, context)) return false;
  } else if (types.length > 1) {
    context.problems.error('not-a-set', right, 'several fields at once can only be looked up in a set', {
      expected: `a set of ${shownTypes(types)} in braces, or the name of one`,
    });
    return false;
  } else if (!checkValue(right, types, context)) return false;
  else if (mask !== undefined && !checkValue(mask, types, context)) return false;
  else if ((right.kind === 'range' || right.kind === 'prefix') && /^[<>]/.test(op)) {
    context.problems.error('bad-value', right, 'less and greater need one value', { expected: 'one value' });
    return false;
  } else if (match.none === true && !isOneMask(right, mask, types)) return noNegation(match, context);
  if (op === '==' || op === 'implicit') protocols.learn(left, right);
  return true;
}

/** `! established` asks for bits, one by one or several. */
function isOneMask(right: Value, mask: Value | undefined, types: Types): boolean {
  return (
    types[0] === undefined || (types[0].bitmask === true && mask !== undefined && right.kind === 'symbol')
  );
}

function noNegation({ right }: Extract<Statement, { kind: 'match' }>, { problems }: CheckContext): false {
  problems.error('bad-value', right, 'only bits can be asked for with `!`', { expected: '`!=`' });
  return false;
}

function checkVerdictMap(
  { key, data }: Extract<Statement, { kind: 'vmap' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (!protocols.read(key)) return false;
  const types = typesOf(key, context);
  if (types === undefined) return false;
  if (data.kind === 'set') {
    if (!checkElements(data.elements, types, 'verdict', context)) return false;
    return types.length > 1 || checkOverlap(data.elements, types[0], true, context.problems);
  }
  return data.kind === 'set-ref' && checkMapRef(data, types, 'verdict', context);
}

function checkMapRef(
  data: Extract<Value, { kind: 'set-ref' }>,
  keys: Types,
  wanted: DataTypes,
  context: CheckContext,
): boolean {
  const set = namedSet(data.name, data, context);
  if (set === undefined || !fits(keys, set, data, context)) return false;
  const ok = set.isMap && (wanted !== 'verdict' || set.verdicts);
  if (!ok)
    context.problems.error('no-map', data, `\`${data.name}\` is no map of verdicts`, {
      expected: 'a map with `: verdict` in its type',
    });
  return ok;
}

function checkAssignment(
  { to, from }: Extract<Statement, { kind: 'assign' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (!protocols.read(to)) return false;
  const types = typesOf(to, context);
  return types !== undefined && checkSource(from, types[0], protocols, context);
}

/** What is assigned or translated to: a value, an expression of the same type, or a map. */
function checkSource(
  from: Selector,
  type: ValueType | undefined,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (from.kind === 'value') return checkValue(from.value, [type], context);
  if (from.kind === 'map' && from.data.kind === 'set') {
    if (!protocols.read(from)) return false;
    const keys = typesOf(from.key, context);
    return keys !== undefined && checkElements(from.data.elements, keys, [type], context);
  }
  if (!protocols.read(from)) return false;
  const types = typesOf(from, context);
  if (types === undefined) return false;
  const [given] = types;
  if (type === undefined || given === undefined || alike(type, given) || given.name === 'integer')
    return true;
  context.problems.error('type-mismatch', from, `this gives a value of the type ${given.name}`, {
    expected: `a value of the type ${type.name}`,
  });
  return false;
}

function checkNat(
  nat: Extract<Statement, { kind: 'nat' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { table, problems } = context;
  const local = nat.what === 'masquerade' || nat.what === 'redirect';
  const family =
    nat.family ?? (table.family === 'ip' || table.family === 'ip6' ? table.family : protocols.network);
  if (!local && nat.address !== undefined && family !== 'ip' && family !== 'ip6') {
    problems.error('nat-family', nat, `which family \`${nat.what}\` translates is not said`, {
      expected: `\`${nat.what} ip to …\` or \`${nat.what} ip6 to …\` in a table of the family ${table.family}`,
    });
    return false;
  }
  const { network } = protocols;
  if (nat.family !== undefined && network !== undefined && network !== nat.family) {
    problems.error('nat-family', nat, `the rule is about ${network} packets, and this is for ${nat.family}`, {
      expected: `\`${nat.what} ${network === 'ip' ? 'ip ' : 'ip6 '}to …\``,
    });
    return false;
  }
  if (nat.address !== undefined && !checkNatAddress(nat.address, family, protocols, context)) return false;
  if ((nat.port !== undefined || nat.portFrom !== undefined) && protocols.transport === undefined) {
    problems.error('no-transport', nat.port ?? nat, 'a port needs a protocol that has ports in front of it', {
      expected: 'a match such as `tcp dport 80` or `meta l4proto tcp` before the translation',
    });
    return false;
  }
  return nat.port === undefined || checkValue(nat.port, [expressionType('tcp dport')], context);
}

function checkNatAddress(
  address: Selector,
  family: string | undefined,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const type = expressionType(family === 'ip6' ? 'ip6 daddr' : 'ip daddr');
  if (address.kind === 'value' && address.value.kind !== 'concat')
    return checkValue(address.value, [type], context);
  if (!protocols.read(address)) return false;
  if (address.kind !== 'map') return true;
  return typesOf(address, context) !== undefined;
}

function checkReject(
  reject: Extract<Statement, { kind: 'reject' }>,
  protocols: Protocols,
  { problems }: CheckContext,
): boolean {
  const { network, transport } = protocols;
  const wrongFamily =
    (reject.with === 'icmp' && network === 'ip6') || (reject.with === 'icmpv6' && network === 'ip');
  const wrongProtocol = reject.with === 'tcp' && transport !== undefined && transport !== 'tcp';
  if (!wrongFamily && !wrongProtocol) return true;
  problems.error('bad-reject', reject, `\`${reject.with}\` is no answer to these packets`, {
    expected: wrongProtocol ? '`tcp reset` for TCP only' : 'an answer of the same family, or `icmpx`',
  });
  return false;
}

/** Objects and flowtables that a statement names. */
function checkReference(
  statement: Extract<Statement, { kind: 'note' | 'uncertain' }>,
  context: CheckContext,
): boolean {
  const { table, problems } = context;
  const { refers } = statement;
  if (refers === undefined) return true;
  const [kind, name] = [refers.slice(0, refers.lastIndexOf(' ')), refers.slice(refers.lastIndexOf(' ') + 1)];
  if (kind === 'set') return namedSet(name, statement, context) !== undefined;
  if (kind === 'flowtable' ? table.flowtables.has(name) : table.objects.has(refers)) return true;
  problems.error('no-such-object', statement, `there is no ${kind} \`${name}\` in this table`, {
    expected: `a ${kind} that the table defines`,
  });
  return false;
}

/** `add @s { ip saddr }` */
function checkDynamic(
  statement: Extract<Statement, { kind: 'uncertain' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { changes, key } = statement;
  if (changes === undefined || key === undefined) return true;
  const set = namedSet(changes, statement, context);
  if (set === undefined || !protocols.read(key)) return false;
  const types = typesOf(key, context);
  return types !== undefined && fits(types, set, key, context);
}

/** `delete @s { ip saddr }` */
function checkRemoval(
  { refers, key, ...place }: Extract<Statement, { kind: 'note' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (key === undefined || refers === undefined) return true;
  const set = namedSet(refers.slice('set '.length), place, context);
  if (set === undefined || !protocols.read(key)) return false;
  const types = typesOf(key, context);
  return types !== undefined && fits(types, set, key, context);
}
