import type { BaseChain, Chain, NetfilterHook } from '../rule/ruleset.ts';

/** The kernel's priorities, include/uapi/linux/netfilter_ipv4.h. */
export const CONNTRACK_PRIORITY = -200;
const DESTINATION_NAT = -100;
const SOURCE_NAT = 100;

/** A base chain as a packet meets it. */
export interface Stage {
  readonly chain: Chain;
  readonly hook: NetfilterHook;
  readonly nat: boolean;
  readonly tracked: boolean;
}

/** The hooks that a packet passes, by where it goes. */
export const HOOK_PATHS: Readonly<Record<'input' | 'forward' | 'output', readonly NetfilterHook[]>> = {
  input: ['ingress', 'prerouting', 'input'],
  forward: ['ingress', 'prerouting', 'forward', 'postrouting', 'egress'],
  output: ['output', 'postrouting', 'egress'],
};

/** The base chains of one hook and family in the order in which the kernel runs them. */
export function stagesOf(chains: readonly Chain[], hook: NetfilterHook, family: 4 | 6): Stage[] {
  const stages = chains.filter((chain) => chain.base?.hook === hook && chain.families.includes(family));
  stages.sort((a, b) => {
    const [x, y] = [a.base as BaseChain, b.base as BaseChain];
    return runsAt(x) - runsAt(y) || x.priority - y.priority || y.sequence - x.sequence;
  });
  return stages.map((chain) => {
    const base = chain.base as BaseChain;
    const early = hook === 'ingress' || runsAt(base) < CONNTRACK_PRIORITY;
    return {
      chain,
      hook,
      nat: base.type === 'nat',
      tracked: !early || (hook !== 'prerouting' && hook !== 'output'),
    };
  });
}

/** Where a base chain takes effect: nat chains translate at fixed priorities whatever their own. */
function runsAt(base: BaseChain): number {
  if (base.type !== 'nat') return base.priority;
  return base.hook === 'prerouting' || base.hook === 'output' ? DESTINATION_NAT : SOURCE_NAT;
}
