import type { Rule } from '../../rule/ruleset.ts';
import type { ChainState } from './chain-state.ts';
import type { Problems } from './problems.ts';

/** Where a walk stands in a chain. */
interface Frame {
  readonly chain: ChainState;
  readonly targets: readonly Jump[];
  next: number;
}

interface Jump {
  readonly chain: string;
  readonly rule: Rule;
}

/**
 * Reports jumps that come back to a chain they started from, as far as a built-in chain leads there: those are what
 * the kernel refuses (net/netfilter/nf_tables_api.c, nft_chain_validate; net/ipv4/netfilter/ip_tables.c,
 * mark_source_chains, which alone overlooks a circle behind a rule that no packet passes).
 */
export function reportLoops(chains: readonly ChainState[], problems: Problems): void {
  const byId = new Map(chains.map((chain) => [chain.id, chain]));
  const done = new Set<ChainState>();
  for (const chain of chains) if (chain.builtin !== undefined) walk(chain, byId, done, problems);
}

function walk(
  root: ChainState,
  byId: ReadonlyMap<string, ChainState>,
  done: Set<ChainState>,
  problems: Problems,
): void {
  const onPath = new Set<ChainState>([root]);
  const path: Frame[] = [{ chain: root, targets: jumps(root), next: 0 }];
  while (path.length > 0) {
    const frame = path[path.length - 1] as Frame;
    const jump = frame.targets[frame.next++];
    if (jump === undefined) {
      path.pop();
      onPath.delete(frame.chain);
      done.add(frame.chain);
      continue;
    }
    const target = byId.get(jump.chain);
    if (target === undefined || done.has(target)) continue;
    if (onPath.has(target)) {
      report(jump, target, path, problems);
      return;
    }
    onPath.add(target);
    path.push({ chain: target, targets: jumps(target), next: 0 });
  }
}

function report(jump: Jump, target: ChainState, path: readonly Frame[], problems: Problems): void {
  const names = path.map(({ chain }) => chain.name);
  const circle = [...names.slice(names.indexOf(target.name)), target.name];
  const shown = circle.length > 8 ? [...circle.slice(0, 4), '…', ...circle.slice(-3)] : circle;
  problems.error('loop', jump.rule.origin, `jumps go round in a circle: ${shown.join(' → ')}`, {
    expected: 'chains that end; the kernel refuses such a table',
    help: `reached from the built-in chain ${names[0]}`,
  });
}

/** The jumps of a chain, each target once. */
function jumps(chain: ChainState): readonly Jump[] {
  const found = new Map<string, Jump>();
  for (const rule of chain.rules.all()) {
    for (const action of rule.actions)
      if ((action.kind === 'jump' || action.kind === 'goto') && !found.has(action.chain))
        found.set(action.chain, { chain: action.chain, rule });
  }
  return [...found.values()];
}
