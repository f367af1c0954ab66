import type { Statement } from '../ast/ast.ts';
import type { Protocols } from './protocol.ts';
import type { CheckContext } from './value.ts';

/** Whether a statement is of those that packets of a table's family can be given (src/evaluate.c of nftables; the kernel). */
export function checkTableOf(statement: Statement, { table, problems }: CheckContext): boolean {
  const { family } = table;
  const ip = family === 'ip' || family === 'ip6' || family === 'inet';
  const nat = statement.kind === 'nat' && !ip;
  const untracked = family === 'arp' || family === 'netdev';
  const tracked = untracked && 'text' in statement && /^(?:ct|synproxy)\b/.test(statement.text);
  const refused = family === 'arp' && statement.kind === 'reject';
  if (!nat && !tracked && !refused) return true;
  const what = 'text' in statement ? (statement.text.split(' ')[0] as string) : statement.kind;
  problems.error('wrong-family', statement, `\`${what}\` cannot stand in a table of ${family}`, {
    expected: nat ? 'a table of ip, ip6 or inet' : 'a table of another family',
  });
  return false;
}

/** `reject with …` is an answer of the packet's own protocols. */
export function checkReject(
  reject: Extract<Statement, { kind: 'reject' }>,
  protocols: Protocols,
  { table, problems }: CheckContext,
): boolean {
  const { transport } = protocols;
  // In a table of one family it is the table's that counts (src/evaluate.c of nftables, stmt_evaluate_reject_family).
  const network = table.family === 'ip' || table.family === 'ip6' ? table.family : protocols.network;
  const wrongFamily =
    (reject.with === 'icmp' && network === 'ip6') || (reject.with === 'icmpv6' && network === 'ip');
  if (reject.with === 'icmpx' && (table.family === 'ip' || table.family === 'ip6')) {
    problems.error('bad-reject', reject, 'a table of one family has no answer for both', {
      expected: table.family === 'ip' ? '`reject with icmp …`' : '`reject with icmpv6 …`',
    });
    return false;
  }
  // src/evaluate.c of nftables, stmt_evaluate_reject_bridge and stmt_evaluate_reject_inet.
  const frames = table.family === 'bridge' || table.family === 'netdev';
  if (
    (network === 'arp' || network === 'unknown') &&
    (frames || (reject.with === undefined && table.family === 'inet'))
  ) {
    problems.error('bad-reject', reject, 'there is no answer to packets that are neither IPv4 nor IPv6', {
      expected: '`drop`',
    });
    return false;
  }
  const wrongProtocol = reject.with === 'tcp' && transport !== undefined && transport !== 'tcp';
  if (!wrongFamily && !wrongProtocol) return true;
  problems.error('bad-reject', reject, `\`${reject.with}\` is no answer to these packets`, {
    expected: wrongProtocol ? '`tcp reset` for TCP only' : 'an answer of the same family, or `icmpx`',
  });
  return false;
}
