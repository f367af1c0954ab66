import type { Statement } from './ast.ts';
import { readSource } from './build-selector.ts';
import { readRight } from './build-right.ts';
import { readConcat } from './build-value.ts';
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
  const spec = cursor.mark;
  cursor.take('interval');
  let prefix = cursor.take('prefix') !== undefined;
  const withPort = cursor.take('addr') !== undefined && cursor.takeSign('.') !== undefined;
  if (withPort && cursor.take('port') === undefined) return cursor.fail('`port`');
  const needsTo = family !== undefined || cursor.mark > spec;
  const local = what === 'redirect' || what === 'masquerade';
  const to = cursor.take('to') !== undefined;
  // In this place they are no values (src/scanner.l of nftables).
  if (to && ['to', 'prefix', 'addr', 'port'].includes(cursor.word() ?? ''))
    return cursor.fail('an address or `:`');
  if (!to && needsTo) return cursor.fail('`to`');
  if (!to && local && cursor.sign() === ':') return cursor.fail('`to`');
  if (!to && !local && cursor.sign() !== ':' && cursor.peek() === undefined) return cursor.fail('`to`');
  let address = !to && local ? undefined : cursor.sign() === ':' ? undefined : readSource(cursor, readConcat);
  if (cursor.failed) return undefined;
  prefix ||= address?.kind === 'value' && address.value.kind === 'prefix';
  const port = cursor.takeSign(':') === undefined ? undefined : readSource(cursor, readRight);
  skipFlags(cursor);
  // Of these nft's grammar takes flags after flags, and the last ones count (nat_stmt_args).
  if (!local) for (let mark = -1; mark !== cursor.mark; skipFlags(cursor)) mark = cursor.mark;
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
    text,
    ...place,
  };
}

function skipFlags(cursor: Cursor): void {
  const flags = ['random', 'fully-random', 'persistent'];
  if (cursor.take(...flags) === undefined) return;
  while (cursor.takeSign(',') !== undefined)
    if (cursor.take(...flags) === undefined) cursor.fail(`one of ${flags.join(', ')}`);
}
