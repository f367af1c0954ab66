import { ADDRESSES_FIRST, type Layout, PORTS_FIRST } from '../packet/layout.ts';
import type { Condition } from '../rule/condition.ts';
import type { Ruleset } from '../rule/ruleset.ts';

/** What a rule asks for, as far as it matters for the order of a diagram's fields. */
interface Demand {
  /** How many bounds the addresses have that it names. */
  addresses: number;
  /** Whether it names ports or ICMP types. */
  ports: boolean;
  /** Whether its addresses are few among all. */
  narrow: boolean;
}

/** Where rules cut the values of a field: each bound counts once. */
type Cuts = Set<number | bigint>;

/** A rule set that would make fewer nodes than this can have any order. */
const FEW = 1e6;
/** So many times fewer nodes must be expected before the usual order is left. */
const CLEARLY = 3;

/**
 * The order of fields in which the rules' sets stay small. A diagram cuts the values of its first fields wherever some
 * rule does, and below each piece repeats what rules say of the later fields that ask nothing of the first. So the
 * product of the two counts says how large it can get.
 */
export function layoutFor(ruleset: Ruleset): Layout {
  const addresses: Cuts = new Set();
  const ports: Cuts = new Set();
  let [besideAddresses, besidePorts] = [0, 0];
  for (const { rules } of ruleset.chains)
    for (const { match } of rules) {
      const demand = demandOf(match, addresses, ports);
      if (demand.ports && !demand.narrow) besideAddresses++;
      if (!demand.ports) besidePorts += demand.addresses;
    }
  const addressesFirst = addresses.size * besideAddresses;
  const portsFirst = Math.max(ports.size * besidePorts, addresses.size + ports.size);
  return addressesFirst > FEW && addressesFirst > CLEARLY * portsFirst ? PORTS_FIRST : ADDRESSES_FIRST;
}

function demandOf(match: Condition, addresses: Cuts, ports: Cuts): Demand {
  const demand: Demand = { addresses: 0, ports: false, narrow: false };
  for (const part of match.kind === 'and' ? match.of : [match]) {
    const address = part.kind === 'not' ? part.of : part;
    if (address.kind === 'address') {
      for (const bound of address.values) addresses.add(bound);
      demand.addresses += address.values.length;
      demand.narrow ||= part === address && isNarrow(address.family, address.values);
    } else if (part.kind === 'set' || part.kind === 'address-mask' || part.kind === 'group')
      demand.narrow = true;
    else if (part.kind === 'field' && PORTS.has(part.field)) {
      for (const bound of part.values) ports.add(bound);
      demand.ports = true;
    }
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
