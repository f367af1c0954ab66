import type { BaseChain, Chain, NetfilterHook, Ruleset } from '../rule/ruleset.ts';
import { kept, onceOf } from '../text/kept.ts';

/** The kernel's priorities, include/uapi/linux/netfilter_ipv4.h. */
export const CONNTRACK_PRIORITY = -200;
export const DESTINATION_NAT = -100;
/** And that of sources. */
export const SOURCE_NAT = 100;

/** A base chain as a packet meets it. */
export interface Stage {
  readonly chain: Chain;
  readonly hook: NetfilterHook;
  readonly nat: boolean;
  readonly tracked: boolean;
}

/** The hooks that a packet passes, by where it goes. */
const HOOK_PATHS: Readonly<Record<'input' | 'forward' | 'output', readonly NetfilterHook[]>> = {
  input: ['cloud-ingress', 'ingress', 'prerouting', 'input'],
  forward: ['cloud-ingress', 'ingress', 'prerouting', 'forward', 'postrouting', 'egress', 'cloud-egress'],
  output: ['output', 'postrouting', 'egress', 'cloud-egress'],
};

/** A hook on the way of packets, with its base chains. */
export interface Stop {
  readonly hook: NetfilterHook;
  readonly stages: readonly Stage[];
}

/** The way of packets through a rule set, see {@link stagesOf}: every analysis asks for it. */
export function stopsOf(ruleset: Ruleset, hook: keyof typeof HOOK_PATHS, family: 4 | 6): readonly Stop[] {
  return kept(STOPS[family](ruleset), hook, () =>
    HOOK_PATHS[hook].map((one) => ({ hook: one, stages: stagesOf(ruleset.chains, one, family) })),
  );
}

const ofRulesets = (): ((ruleset: Ruleset) => Map<string, readonly Stop[]>) => onceOf(() => new Map());
const STOPS = { 4: ofRulesets(), 6: ofRulesets() } as const;

/**
 * The base chains of one hook and family in the order in which the kernel runs them: by priority, and among equals the
 * last registered first (net/netfilter/core.c, nf_hook_entries_grow). NAT is one function of the hook that is registered with
 * the family's first nat chain (net/netfilter/nf_nat_core.c, nf_nat_register_fn); the hook's nat chains run inside it.
 */
export function stagesOf(chains: readonly Chain[], hook: NetfilterHook, family: 4 | 6): Stage[] {
  const ofFamily = chains.filter((chain) => chain.base !== undefined && chain.families.includes(family));
  const firstNat = ofFamily
    .filter((chain) => chain.base?.type === 'nat')
    .reduce((least, chain) => Math.min(least, (chain.base as BaseChain).sequence), Number.POSITIVE_INFINITY);
  const placed = ofFamily
    .filter((chain) => chain.base?.hook === hook)
    .map((chain) => ({ chain, base: chain.base as BaseChain }));
  placed.sort(({ base: a }, { base: b }) => {
    const registered = (base: BaseChain): number => (base.type === 'nat' ? firstNat : base.sequence);
    const nat = (base: BaseChain): number => Number(base.type === 'nat');
    return (
      runsAt(a) - runsAt(b) ||
      registered(b) - registered(a) ||
      nat(a) - nat(b) ||
      a.priority - b.priority ||
      b.sequence - a.sequence
    );
  });
  return placed.map(({ chain, base }) => {
    const early = hook === 'ingress' || runsAt(base) < CONNTRACK_PRIORITY;
    return {
      chain,
      hook,
      nat: base.type === 'nat',
      tracked: isCloud(hook) || !early || (hook !== 'prerouting' && hook !== 'output'),
    };
  });
}

/** Whether the hook is outside the host, where the host's own connection tracking is not seen. */
export function isCloud(hook: NetfilterHook): boolean {
  return hook === 'cloud-ingress' || hook === 'cloud-egress';
}

/** Where a base chain takes effect: nat chains translate at fixed priorities whatever their own. */
function runsAt(base: BaseChain): number {
  if (base.type !== 'nat') return base.priority;
  return base.hook === 'prerouting' || base.hook === 'output' ? DESTINATION_NAT : SOURCE_NAT;
}
