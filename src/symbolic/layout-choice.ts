import { ADDRESSES_FIRST, type Layout, PORTS_FIRST } from '../packet/layout.ts';
import type { Condition } from '../rule/condition.ts';
import type { Ruleset } from '../rule/ruleset.ts';

/** What a rule asks for, as far as it matters for the order of a diagram's fields. */
interface Demand {
  /** Bounds of the addresses that it names. */
  addresses: number;
  /** Bounds of the ports and ICMP types that it names. */
  ports: number;
  /** Whether its addresses are few among all. */
  narrow: boolean;
}

/** A rule set that would make fewer nodes than this can have any order. */
const FEW = 1e7;
/** So many times fewer nodes must be expected before the usual order is left. */
const CLEARLY = 16;

/**
 * The order of fields in which the rules' sets stay small. A diagram cuts the values of its first fields wherever some
 * rule does, and below each piece repeats what rules say of the later fields that ask nothing of the first. So the
 * product of the two counts says how large it can get.
 */
export function layoutFor(ruleset: Ruleset): Layout {
  let [cuts, repeated, portCuts, portRepeated] = [0, 0, 0, 0];
  for (const { rules } of ruleset.chains)
    for (const { match } of rules) {
      const { addresses, ports, narrow } = demandOf(match);
      cuts += addresses;
      portCuts += ports;
      if (ports > 0 && !narrow) repeated++;
      if (ports === 0) portRepeated += addresses;
    }
  const addressesFirst = cuts * repeated;
  const portsFirst = Math.max(portCuts * portRepeated, cuts + portCuts);
  return addressesFirst > FEW && addressesFirst > CLEARLY * portsFirst ? PORTS_FIRST : ADDRESSES_FIRST;
}

function demandOf(match: Condition): Demand {
  const demand = { addresses: 0, ports: 0, narrow: false };
  for (const part of match.kind === 'and' ? match.of : [match]) {
    if (part.kind === 'address') {
      demand.addresses += part.values.length;
      demand.narrow ||= isNarrow(part.family, part.values);
    } else if (part.kind === 'not' && part.of.kind === 'address') demand.addresses += part.of.values.length;
    else if (part.kind === 'set' || part.kind === 'address-mask' || part.kind === 'group')
      demand.narrow = true;
    else if (part.kind === 'field' && PORTS.has(part.field)) demand.ports += part.values.length;
  }
  return demand;
}

const PORTS: ReadonlySet<string> = new Set(['sport', 'dport', 'icmpType']);

/** Whether the values are fewer than half of all addresses. */
function isNarrow(family: 4 | 6, values: readonly (number | bigint)[]): boolean {
  let count = 0;
  for (let i = 0; i < values.length; i += 2) count += Number(values[i + 1]) - Number(values[i]) + 1;
  return count < 2 ** (family === 4 ? 31 : 127);
}
