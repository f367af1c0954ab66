import { type Condition, type InterfaceCondition, type InterfacePattern, NEVER } from './condition.ts';
import { eachInterface } from './interfaces-named.ts';
import { rewrittenRule } from './rewrite.ts';
import type { Chain, HostFacts } from './ruleset.ts';

/**
 * Of the VLANs that follow from a device's name (`eth0.+`) those that the host has: `ip -j addr` lists every device. Without it there
 * may be any.
 */
export function listedVlans(chains: readonly Chain[], host: HostFacts | undefined): readonly Chain[] {
  if (host === undefined) return chains;
  const { interfaces } = host;
  return chains.map((chain) => {
    if (!chain.rules.some(({ match }) => impliesDevices(match))) return chain;
    const listed = (one: Condition): Condition => (one.kind === 'interface' ? ofThese(one, interfaces) : one);
    return { ...chain, rules: chain.rules.map((rule) => rewrittenRule(rule, listed)) };
  });
}

function impliesDevices(condition: Condition): boolean {
  let found = false;
  eachInterface(condition, ({ names }) => {
    found ||= names.some(({ implied }) => implied === true);
  });
  return found;
}

function ofThese(condition: InterfaceCondition, interfaces: readonly string[]): Condition {
  if (!condition.names.some(({ implied }) => implied === true)) return condition;
  const names = condition.names.flatMap((pattern): InterfacePattern[] =>
    pattern.implied !== true
      ? [pattern]
      : interfaces
          .filter((name) => name.startsWith(pattern.name))
          .map((name) => ({ name, prefix: false, implied: true })),
  );
  return names.length === 0 ? NEVER : { ...condition, names };
}
