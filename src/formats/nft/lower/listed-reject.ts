import { ALWAYS, type Condition } from '../../../rule/condition.ts';
import type { Rule } from '../ast/ast.ts';
import { opaqueOf, type RuleContext } from './context.ts';
import type { Draft } from './draft.ts';
import { askedOf } from '../selector/raw-headers.ts';

const OF_ONE =
  'firewalld rejects so in one family only, and nft lists the rule without it: in which one is reported as possible';
const OF_BOTH =
  'nft lists rules with `reject with tcp reset` so that are of one family only (`meta nfproto ipv6`), too: this rule, and others like it, are taken as of both families';

/**
 * In tables of both families nft lists `meta nfproto ipv6 tcp dport 22 reject with tcp reset` without the family: it takes it
 * for what an ICMP answer would have asked for (src/netlink_delinearize.c of nftables, stmt_reject_postprocess, up to the
 * versions of today). The same words are also all that nft lists, and reads, of a rule of both families, so a rule is taken for
 * that, and the coverage says that it may be otherwise.
 *
 * firewalld gives a way of rejecting only to rules of one family (firewall/core/rich.py, Rich_Rule.check), so which family
 * such a rule of its table is of is not known.
 */
export function familyListed(rule: Rule, at: number, draft: Draft, context: RuleContext): Condition {
  const [statement, before] = [rule.statements[at], rule.statements[at - 1]];
  const { table, listing, problems } = context;
  if (!listing || table.family === 'ip' || table.family === 'ip6') return ALWAYS;
  if (statement?.kind !== 'reject' || statement.with !== 'tcp') return ALWAYS;
  // What is not a comparison ends what nft takes away (rule_maybe_reset_payload_deps).
  if (before?.kind !== 'match' || askedOf(draft.match).family !== undefined) return ALWAYS;
  if (table.family === 'inet' && table.name === 'firewalld') {
    problems.cover('approximated', statement, OF_ONE);
    return opaqueOf('reject with tcp reset', statement, context)(true, 'in which family is not listed');
  }
  problems.coverFirst('approximated', statement, OF_BOTH);
  return ALWAYS;
}
