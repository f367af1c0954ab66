import type { Selector, Sent, Statement } from '../ast/ast.ts';
import type { Protocols } from './protocol.ts';
import { checkSource } from './source.ts';
import type { CheckContext } from './value.ts';
import { expressionType } from '../types/types.ts';

const TABLES: Readonly<Record<Sent['what'], readonly string[]>> = {
  dup: ['ip', 'ip6', 'netdev'],
  fwd: ['netdev'],
  tproxy: ['ip', 'ip6', 'inet'],
};

const isRange = (to: Selector | undefined): boolean =>
  to?.kind === 'value' && (to.value.kind === 'range' || to.value.kind === 'prefix');

/** What `dup`, `fwd` and `tproxy` send to (src/evaluate.c of nftables, stmt_evaluate_dup, _fwd and _tproxy). */
export function checkSent(
  statement: Statement & { readonly sent?: Sent },
  protocols: Protocols,
  context: CheckContext,
): boolean {
  const { sent } = statement;
  if (sent === undefined) return true;
  const { table, problems } = context;
  const { what, address, port, device } = sent;
  const wrong = (message: string, expected: string): false => {
    problems.error('wrong-target', statement, message, { expected });
    return false;
  };
  if (!TABLES[what].includes(table.family))
    return wrong(
      `\`${what}\` cannot stand in a table of ${table.family}`,
      `a table of ${TABLES[what].join(', ')}`,
    );
  if (table.family === 'netdev' && what === 'fwd' && sent.family !== undefined && address !== undefined)
    return checkSource(address, expressionType(`${sent.family} daddr`), protocols, context);
  if (table.family === 'netdev')
    return (
      what !== 'dup' ||
      device === undefined ||
      wrong('a copy goes to one device here', '`dup to` and a device')
    );
  const own = table.family === 'inet' ? undefined : table.family;
  const family = sent.family ?? own;
  const rule = protocols.network ?? own;
  if (sent.family !== undefined && rule !== undefined && rule !== sent.family)
    return wrong(
      `the rule is about ${rule} packets, and this is for ${sent.family}`,
      `\`${what} ${rule} to …\``,
    );
  if (what === 'tproxy' && family === undefined && (address !== undefined || rule !== undefined))
    return wrong(
      'the family is not said',
      rule === undefined ? '`tproxy ip to …` or `tproxy ip6 to …`' : `\`tproxy ${rule} to …\``,
    );
  if (what === 'tproxy' && [address, port].some(isRange))
    return wrong('a proxy has one address and one port', 'no range');
  if (what === 'tproxy' && !protocols.hasTransport)
    return wrong('this needs a protocol that has ports in front of it', 'a match such as `meta l4proto tcp`');
  const type = expressionType(family === 'ip6' ? 'ip6 daddr' : 'ip daddr');
  if (address !== undefined && !checkSource(address, type, protocols, context)) return false;
  return port === undefined || checkSource(port, expressionType('tcp dport'), protocols, context);
}
