import { type Condition, type InterfaceCondition, type InterfacePattern, NEVER } from './condition.ts';
import { eachInterface } from './interfaces-named.ts';
import { rewrittenRule } from './rewrite.ts';
import type { Chain, HostFacts } from './ruleset.ts';

/**
 * In place of the VLANs that follow from a device's name (`eth0.+`) those devices of the host that are called so, and those that stand
 * above it as `ip -j addr` says: it lists every device. Without it there may be any.
 */
export function listedVlans(chains: readonly Chain[], host: HostFacts | undefined): readonly Chain[] {
  if (host === undefined) return chains;
  return chains.map((chain) => {
    if (!chain.rules.some(({ match }) => impliesDevices(match))) return chain;
    const listed = (one: Condition): Condition => (one.kind === 'interface' ? ofThese(one, host) : one);
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

function ofThese(condition: InterfaceCondition, host: HostFacts): Condition {
  if (!condition.names.some(({ implied }) => implied === true)) return condition;
  const names = condition.names.flatMap((pattern): InterfacePattern[] =>
    pattern.implied !== true
      ? [pattern]
      : host.interfaces
          .filter(
            (name) =>
              name.startsWith(pattern.name) ||
              standsAbove(name, pattern.name.slice(0, -1), pattern.tagged === true, host),
          )
          .map((name) => ({ name, prefix: false, implied: true })),
  );
  return names.length === 0 ? NEVER : { ...condition, names };
}

/** A VLAN may be of a bond, and the bond be the bridge's port. */
function standsAbove(name: string, device: string, tagged: boolean, { below }: HostFacts): boolean {
  const steps = [{ at: name, enough: !tagged }];
  const seen = new Set<string>();
  for (const { at, enough } of steps)
    for (const lower of below?.get(at) ?? []) {
      const found = enough || !lower.port;
      if (lower.name === device && found) return name !== device;
      const key = `${lower.name} ${found}`;
      if (!seen.has(key)) steps.push({ at: lower.name, enough: found });
      seen.add(key);
    }
  return false;
}
