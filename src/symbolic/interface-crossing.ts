import type { Condition, InterfaceCondition } from '../rule/condition.ts';
import type { Ruleset } from '../rule/ruleset.ts';

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
      const named = match.of.flatMap((part) => leftOut(part));
      if (named.length === 0) continue;
      for (const bound of match.of.flatMap((part) => portsOf(part))) ports.add(bound);
      for (const { field, names } of named)
        for (const { name, prefix } of names) left[field].add(prefix ? `${name}+` : name);
    }
  return (left.in.size + 1) * (left.out.size + 1) * ports.size;
}

function leftOut(part: Condition): InterfaceCondition[] {
  return part.kind === 'not' && part.of.kind === 'interface' ? [part.of] : [];
}

/** The bounds of the ports that a condition asks for, in its alternatives too (of later fragments nobody knows the ports). */
function portsOf(part: Condition): readonly (number | bigint)[] {
  if (part.kind === 'field') return PORTS.has(part.field) ? part.values : [];
  return part.kind === 'and' || part.kind === 'or' ? part.of.flatMap((one) => portsOf(one)) : [];
}
