import type { Action } from './action.ts';
import type { Condition } from './condition.ts';
import { rewrittenRule } from './rewrite.ts';
import type { HostFacts, Ruleset } from './ruleset.ts';

/**
 * Whether the rule set leaves a value to the kernel (a range to translate to, a port to find, a forgotten field). The
 * symbolic engine chooses anew at each base chain, so it may have more behaviours than there are (docs/packet-sets.md).
 */
export function leavesChoices(ruleset: Ruleset): boolean {
  const isOne = (action: Action): boolean => isChoice(action, ruleset);
  return ruleset.chains.some((chain) => chain.rules.some((rule) => rule.actions.some(isOne)));
}

function isChoice(action: Action, { host, families }: Ruleset): boolean {
  if (action.kind === 'forget') return true;
  if (action.kind === 'assign') return action.field === 'tcpFlags';
  if (action.kind !== 'translate') return false;
  const { address, port } = action;
  if (port !== undefined && port.lo !== port.hi) return true;
  // Which address a redirection gives is known where the host's are, and in IPv6 where an interface has one.
  if (address?.kind === 'local' && (host === undefined || (families.has(6) && hasSeveral(host)))) return true;
  if (action.what === 'snat' && (port === undefined || address?.kind === 'local')) return true;
  return address?.kind === 'range' && address.lo !== address.hi;
}

function hasSeveral({ addresses }: HostFacts): boolean {
  const names = addresses.filter(({ family }) => family === 6).map((own) => own.interface);
  return new Set(names).size < names.length;
}

/**
 * Whether bits of such a value are asked for. The interpreter asks for each mask without regard to what it knows of the value, and may
 * have more behaviours than there are; the symbolic engine is exact there (docs/packet-sets.md).
 */
export function asksBitsOfChoices(ruleset: Ruleset): boolean {
  if (!leavesChoices(ruleset)) return false;
  let asked = false;
  const look = (one: Condition): Condition => {
    asked ||= one.kind === 'masked' || one.kind === 'address-mask';
    return one;
  };
  for (const { rules } of ruleset.chains) for (const rule of rules) rewrittenRule(rule, look);
  return asked;
}

/**
 * Whether address types on the incoming and on the outgoing interface are about one interface: the symbolic engine takes them for
 * two questions, and so may have more behaviours than there are.
 */
export function asksOneInterfaceTwice(
  { chains }: Ruleset,
  packet: { readonly in: string; readonly out: string },
): boolean {
  if (packet.in !== packet.out) return false;
  const asked = JSON.stringify(chains, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return asked.includes('"limit":"in"') && asked.includes('"limit":"out"');
}
