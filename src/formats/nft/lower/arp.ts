import type { Condition } from '../../../rule/condition.ts';
import type { Chain, Rule } from '../../../rule/ruleset.ts';
import type { Place, Table } from '../ast/ast.ts';
import type { Problems } from '../problems.ts';
import { interfaceNamed } from '../selector/leaf.ts';
import { mayStop } from './table-facts.ts';

/** More than all priorities, and further out than the hooks of bridges. */
const BEYOND = 2 ** 36;

/** A packet of IPv4 comes in behind the ARP that asks for the host, and leaves behind the one that it asks with (net/ipv4/arp.c). */
const STANDING = {
  input: { hook: 'prerouting', field: 'in' },
  output: { hook: 'postrouting', field: 'out' },
} as const;

/**
 * Rules about ARP see no packet of IP. But where ARP cannot pass, machines on a link do not find the host, nor it them, unless their
 * addresses are set by hand (`ip neigh`): what they stop whatever address is asked for, may be stopped.
 *
 * @returns the table's chains where they stand to IP's hooks; none where nothing can be stopped
 */
export function lowerArp(
  table: Table,
  lowered: readonly Chain[],
  place: Place,
  problems: Problems,
): readonly Chain[] {
  const stops = mayStop(table) && lowered.some(stopsAny);
  problems.cover(
    stops ? 'approximated' : 'ignored',
    place,
    stops
      ? 'ARP rules join no verdict about IP packets; where they stop ARP whatever address it is about, IPv4 by that interface is reported as possible; those about some addresses are not followed'
      : 'ARP rules join no verdict about IP packets; they stop none, or of some addresses alone, which is not followed',
  );
  if (!stops) return [];
  const text = `table arp ${table.name}`;
  return lowered.flatMap((given): Chain[] => {
    const chain: Chain = { ...given, families: [4], rules: given.rules.map(withoutChanges) };
    const { base, origin } = chain;
    if (base === undefined) return [chain];
    const standing = base.hook === 'input' || base.hook === 'output' ? STANDING[base.hook] : undefined;
    if (standing === undefined) return [];
    const { hook, field } = standing;
    const rules = [...perhaps(interfaceNamed(field, 'lo'), text, origin), ...chain.rules];
    const priority = (field === 'in' ? -BEYOND : BEYOND) + base.priority;
    return [{ ...chain, base: { ...base, hook, priority }, rules }];
  });
}

/** Whether the chain stops ARP whatever addresses it is about. */
function stopsAny({ base, rules }: Chain): boolean {
  if (base?.policy === 'drop') return true;
  const drops = ({ actions }: Rule): boolean =>
    actions.some((action) =>
      action.kind === 'verdict' ? action.verdict !== 'accept' : action.kind === 'unknown',
    );
  return rules.some((rule) => rule.match.kind !== 'never' && drops(rule));
}

/** What a rule changes of an ARP packet, the packets of IP do not get. */
function withoutChanges(rule: Rule): Rule {
  return { ...rule, actions: rule.actions.filter(({ kind }) => !CHANGES.has(kind)) };
}

const CHANGES: ReadonlySet<string> = new Set(['assign', 'forget', 'notrack', 'translate']);

/** Nothing on the loopback interface asks by ARP; for what else, nobody knows whether it has to be asked. */
function perhaps(loopback: Condition, text: string, origin: Chain['origin']): readonly Rule[] {
  return [
    { match: loopback, actions: [{ kind: 'verdict', verdict: 'accept' }], origin },
    {
      match: { kind: 'always' },
      actions: [{ kind: 'unknown', outcomes: ['continue', 'accept'], text }],
      origin,
    },
  ];
}
