import { ADDRESSES_FIRST, DESTINATION_FIRST, type Layout, PORTS_FIRST } from '../packet/layout.ts';
import type { AddressNumbering } from '../packet/numbering.ts';
import type { Ranges } from '../packet/ranges.ts';
import type { Condition } from '../rule/condition.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { repeatedNodes, type Slot } from './repeated-lists.ts';

/** What a rule asks for, as far as it matters for the order of a diagram's fields. */
interface Demand {
  /** How many bounds the addresses have that it names. */
  addresses: number;
  /** Whether it names ports or ICMP types. */
  ports: boolean;
  /** Whether its addresses are few among all. */
  narrow: boolean;
}

/** Where rules cut the values of a field: each bound counts once, and a list that is known need not be read again. */
class Cuts {
  readonly bounds = new Set<number | bigint>();
  private readonly lists = new WeakSet<object>();

  add(values: Ranges<number> | Ranges<bigint>): void {
    if (values.length > 2) {
      if (this.lists.has(values)) return;
      this.lists.add(values);
    }
    for (const bound of values) this.bounds.add(bound);
  }
}

/** A rule set that would make fewer nodes than this can have any order. */
const FEW = 1e6;
/** So many times fewer nodes must be expected before the usual order is left. */
const CLEARLY = 3;

/**
 * The order of fields in which the rules' sets stay small. A diagram cuts the values of its first fields wherever some
 * rule does, and below each piece repeats what rules say of the later fields that ask nothing of the first. So the
 * product of the two counts says how large it can get; to which come long lists that many rules repeat.
 *
 * @param numbering other numbers for addresses, where the diagram is to have them
 */
export function layoutFor(ruleset: Ruleset, numbering?: AddressNumbering): Layout {
  const addresses = new Cuts();
  const ports = new Cuts();
  let [besideAddresses, besidePorts] = [0, 0];
  for (const { rules } of ruleset.chains)
    for (const { match } of rules) {
      const demand = demandOf(match, addresses, ports, numbering);
      if (demand.ports && !demand.narrow) besideAddresses++;
      if (!demand.ports) besidePorts += demand.addresses;
    }
  const addressCuts = addresses.bounds.size;
  const portCuts = ports.bounds.size;
  const crossing = { addresses: addressCuts * besideAddresses, ports: portCuts * besidePorts };
  const costs = (choices: readonly Choice[]): number[] => {
    const repeated = repeatedNodes(
      ruleset,
      choices.map(({ order }) => order),
      numbering,
    );
    return choices.map(({ order }, at) => {
      const merged = order[0] === 'ports' ? crossing.ports : crossing.addresses;
      return Math.max(merged, addressCuts + portCuts) + (repeated[at] as number);
    });
  };
  const [usual] = costs([USUAL]) as [number];
  if (usual <= FEW) return USUAL.layout;
  const others = costs(OTHERS);
  const least = Math.min(...others);
  return usual > CLEARLY * least ? (OTHERS[others.indexOf(least)] as Choice).layout : USUAL.layout;
}

interface Choice {
  readonly layout: Layout;
  readonly order: readonly Slot[];
}

const USUAL: Choice = { layout: ADDRESSES_FIRST, order: ['source', 'destination', 'ports'] };
/** Of those that cost the same the first is taken. */
const OTHERS: readonly Choice[] = [
  { layout: PORTS_FIRST, order: ['ports', 'source', 'destination'] },
  { layout: DESTINATION_FIRST, order: ['destination', 'source', 'ports'] },
];

function demandOf(
  match: Condition,
  addresses: Cuts,
  ports: Cuts,
  numbering: AddressNumbering | undefined,
): Demand {
  const demand: Demand = { addresses: 0, ports: false, narrow: false };
  for (const part of match.kind === 'and' ? match.of : [match]) {
    const address = part.kind === 'not' ? part.of : part;
    if (address.kind === 'address') {
      const { values, family } = address;
      const numbers = numbering?.numbersOf(values, family === 4 ? 4 : 16) ?? values;
      addresses.add(numbers);
      demand.addresses += numbers.length;
      demand.narrow ||= part === address && isNarrow(family, numbers);
    } else if (part.kind === 'set' || part.kind === 'address-mask' || part.kind === 'group')
      demand.narrow = true;
    else if (part.kind === 'field' && PORTS.has(part.field)) {
      ports.add(part.values);
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
