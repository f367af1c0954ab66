import type { ResolvedRow } from '../baseline/model.ts';
import { icmpProtocol } from '../packet/packet.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { remembered } from './remembered.ts';
import { isCloudOnly } from './view.ts';

/**
 * Why a row that is satisfied may be none in truth: but for errors of ICMP conntrack calls packets related through helpers alone, and no
 * rule gives a connection one. Linux does so by itself up to 5.19, where `net.netfilter.nf_conntrack_helper` is set
 * (Documentation/networking/nf_conntrack-sysctl.rst; net/netfilter/nf_conntrack_helper.c, __nf_ct_try_assign_helper). Tried in the kernel.
 */
export function relatedByNothing(row: ResolvedRow, ruleset: Ruleset): string | undefined {
  // Beside `established` it means answers and what belongs to them, if anything; beside `new` what no helper tells passes as that.
  const isAlone = row.states.every((state) => state === 'related');
  if (!isAlone || isCloudOnly(ruleset) || hasHelpers(ruleset)) return undefined;
  const traffic = [...row.all, ...row.choices.flat()];
  const isOther = traffic.some(({ protocol }) =>
    row.families.every((family) => protocol !== icmpProtocol(family)),
  );
  return isOther ? NO_HELPER : undefined;
}

const NO_HELPER =
  'conntrack calls such packets related through helpers alone, and no rule gives a connection one (`-j CT --helper`, `ct helper set`)';

const hasHelpers = remembered((ruleset: Ruleset): boolean =>
  ruleset.chains.some(({ rules }) =>
    rules.some(({ actions }) => actions.some((action) => action.kind === 'note' && action.expects === true)),
  ),
);
