import type { Selector, Statement, Value } from '../ast/ast.ts';
import { readSource } from './selector.ts';
import { readRight } from './right.ts';
import { readConcat } from './value.ts';
import type { Cursor } from './cursor.ts';

/**
 * `dnat [ip|ip6] [prefix] to address[:port]`, `snat`, `masquerade [to :port]`, `redirect [to :port]` and their flags
 * (`nft(8)`, NAT STATEMENTS).
 */
export function readNat(cursor: Cursor, start: number, mark: number): Statement | undefined {
  const first = cursor.next();
  const what = (first?.kind === 'word' ? first.text : '') as 'dnat' | 'snat' | 'redirect' | 'masquerade';
  // `snat ip saddr map { … }` begins with a field of a header.
  const field = ['interval', 'prefix', 'addr', 'to'].includes(cursor.word(1) ?? '')
    ? undefined
    : cursor.word(1);
  const family = (field === undefined ? cursor.take('ip', 'ip6') : undefined) as 'ip' | 'ip6' | undefined;
  const local = what === 'redirect' || what === 'masquerade';
  const spec = readSpec(cursor, family !== undefined, local);
  if (spec === undefined) return undefined;
  const { prefix, withPort, to } = spec;
  let address = !to && local ? undefined : cursor.sign() === ':' ? undefined : readSource(cursor, readConcat);
  if (cursor.failed) return undefined;
  const listed = address?.kind === 'value' ? readListed(cursor, address.value) : undefined;
  address = listed?.network ?? address;
  if (cursor.sign() === ':' && !cursor.problems.free) {
    // The shapes of src/parser_bison.y of nftables, nat_stmt_args and redir_stmt_arg.
    if (local && address !== undefined)
      return cursor.fail('the end of the statement: it goes to a port of this host');
    if (withPort) return cursor.fail(`\`.\` between an address and a port behind \`addr . port\``);
    if (prefix) return cursor.fail('no port: prefixes have none');
  }
  const port =
    listed?.port ?? (cursor.takeSign(':') === undefined ? undefined : readSource(cursor, readRight));
  let random = readFlags(cursor);
  // Of these nft's grammar takes flags after flags, and the last ones count (nat_stmt_args).
  for (let again = local ? undefined : random; again !== undefined; again = readFlags(cursor)) random = again;
  if (what === 'masquerade' && address !== undefined) return cursor.fail('`:` and a port');
  // `redirect to 8080` of old scripts, and ports that a map gives: both stand where an address would.
  const localPort = local ? (port ?? address) : undefined;
  if (local) address = undefined;
  const chosen = local ? localPort : port;
  const text = cursor.textSince(mark);
  const place = { start, end: cursor.end };
  const known = chosen === undefined || chosen.kind === 'value';
  return {
    kind: 'nat',
    what,
    ...(family && { family }),
    prefix,
    ...(withPort && { withPort }),
    ...(known ? {} : { portFrom: chosen }),
    ...(address && { address }),
    ...(chosen?.kind === 'value' && { port: chosen.value }),
    ...(random === true && { random }),
    text,
    ...place,
  };
}

/** What stands before the address: `prefix`, `interval`, `addr . port` and `to`. Undefined where one of them is missing, which is told. */
function readSpec(
  cursor: Cursor,
  hasFamily: boolean,
  local: boolean,
): { prefix: boolean; withPort: boolean; to: boolean } | undefined {
  const start = cursor.mark;
  cursor.take('interval');
  const prefix = cursor.take('prefix') !== undefined;
  const withPort = cursor.take('addr') !== undefined;
  if (withPort && (cursor.takeSign('.') === undefined || cursor.take('port') === undefined))
    return cursor.fail('`addr . port`');
  const needsTo = hasFamily || cursor.mark > start;
  const to = cursor.take('to') !== undefined;
  // In this place they are no values (src/scanner.l of nftables).
  if (to && ['to', 'prefix', 'addr', 'port'].includes(cursor.word() ?? ''))
    return cursor.fail('an address or `:`');
  if (!to && needsTo) return cursor.fail('`to`');
  if (hasFamily && cursor.sign() === ':') return cursor.fail('an address');
  if (!to && local && cursor.sign() === ':') return cursor.fail('`to`');
  if (!to && !local && cursor.sign() !== ':' && cursor.peek() === undefined) return cursor.fail('`to`');
  return { prefix, withPort, to };
}

/**
 * `10.1.2.60/30:3000-3010`: so nft lists `10.1.2.60-10.1.2.63:3000-3010`, and takes what stands behind the slash for a
 * traffic class when it reads it. To us it is the class where both numbers are short enough for one, too.
 */
function readListed(
  cursor: Cursor,
  base: Value,
): { readonly network: Selector; readonly port: Selector } | undefined {
  const atom = cursor.sign() === '/' ? cursor.peek(1) : undefined;
  const [, length, from] = (atom?.kind === 'word' && /^(\d{1,3}):(\d+)$/.exec(atom.text)) || [];
  if (atom === undefined || length === undefined || from === undefined) return undefined;
  cursor.next();
  cursor.next();
  const lo = symbol(from, atom.end - from.length, atom.end);
  const last = cursor.sign() === '-' ? cursor.word(1) : undefined;
  if (last !== undefined) for (let part = 0; part < 2; part++) cursor.next();
  const { end } = cursor;
  const port: Value =
    last === undefined
      ? lo
      : { kind: 'range', lo, hi: symbol(last, end - last.length, end), start: lo.start, end };
  const network = {
    kind: 'prefix',
    base,
    length: Number(length),
    start: base.start,
    end: lo.start - 1,
  } as const;
  return { network: source(network), port: source(port) };
}

function symbol(text: string, start: number, end: number): Value {
  return { kind: 'symbol', text, quoted: false, start, end };
}

function source(value: Value): Selector {
  return { kind: 'value', value, start: value.start, end: value.end };
}

/** Whether the source port is random; undefined where no flags stand here. */
function readFlags(cursor: Cursor): boolean | undefined {
  const flags = ['random', 'fully-random', 'persistent'];
  const first = cursor.take(...flags);
  if (first === undefined) return undefined;
  let random = first !== 'persistent';
  while (cursor.takeSign(',') !== undefined) {
    const flag = cursor.take(...flags);
    if (flag === undefined) cursor.fail(`one of ${flags.join(', ')}`);
    else random ||= flag !== 'persistent';
  }
  return random;
}
