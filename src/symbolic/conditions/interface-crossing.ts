import type { Condition, InterfaceCondition } from '../../rule/condition.ts';
import type { Ruleset } from '../../rule/ruleset.ts';

/** Fields that are ports, and those of ICMP that stand in their place. */
export const PORTS: ReadonlySet<string> = new Set(['sport', 'dport', 'icmpType']);

/**
 * About how many edges a diagram has that begins with interfaces, because of rules that leave some out: each name that they leave
 * out on one side needs its own copy of all that is left out on the other, and of all ports below that for which rules ask that
 * leave one out too. With the ports first each rule stands for itself. On one side names may be left out without any port: Docker
 * masquerades for each of its networks but towards its own bridge, and publishes ports but to what comes from there.
 */
export function interfaceCrossing({ chains }: Ruleset): number {
  const left = { in: new Set<string>(), out: new Set<string>() };
  const ports = new Set<number | bigint>();
  for (const { rules } of chains)
    for (const { match } of rules) {
      if (match.kind !== 'and') continue;
      const named = match.of.filter(leavesOut);
      if (named.length === 0) continue;
      addPorts(match, ports);
      for (const { of } of named)
        for (const { name, prefix } of of.names) left[of.field].add(prefix ? `${name}+` : name);
    }
  return (left.in.size + 1) * (left.out.size + 1) * ports.size;
}

function leavesOut(part: Condition): part is { readonly kind: 'not'; readonly of: InterfaceCondition } {
  return part.kind === 'not' && part.of.kind === 'interface';
}

/** The bounds of the ports that a condition asks for, in its alternatives too (of later fragments nobody knows the ports). */
function addPorts(part: Condition, ports: Set<number | bigint>): void {
  if (part.kind === 'field' && PORTS.has(part.field)) for (const bound of part.values) ports.add(bound);
  else if (part.kind === 'and' || part.kind === 'or') for (const one of part.of) addPorts(one, ports);
}
