import type { Party, ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { intersection, type Ranges } from '../../packet/ranges.ts';
import { everyAddress, loopbackAddress, ofFamily, unicast, without } from '../addresses/addresses.ts';
import { machinesOf, notItself, singleAddresses } from '../addresses/itself.ts';
import { ownLinks } from '../addresses/own-links.ts';
import { partyAddresses, unboundAmong } from './parties.ts';
import { endsOf } from './row-ends.ts';
import { isOfTheLink, ownAddresses, senders, type Target } from './targets.ts';
import type { FamilyView } from '../view/view.ts';

/** Addresses of one end of what a row needs. */
export interface NeededEnd {
  /** All of these; undefined where one of `among` is enough. */
  readonly values: Ranges<number> | Ranges<bigint> | undefined;
  readonly among: Ranges<number> | Ranges<bigint>;
  /** Nobody else can be the peer: the row is about packets of `among` alone. */
  readonly only?: boolean;
}

/** The addresses that an end of a row needs, or those of which one is enough. */
export function neededEnd(
  view: FamilyView,
  host: ResolvedHost,
  row: ResolvedRow,
  field: 'src' | 'dst',
  target: Target,
): NeededEnd {
  const { family, ruleset } = view;
  const isOwn = endsOf(row).own.includes(field);
  // No machine has 127.0.0.1 for others, a group or a reserved address.
  const machines = unicast(family, everyAddress(family));
  if (row.direction === 'loopback') return { values: loopbackAddress(family), among: machines };
  if (target.kind !== 'own' && field === 'dst')
    return { values: target.kind === 'groups' ? target.values : undefined, among: target.values };
  // Which of its addresses a host sends to a group from is its own choice (RFC 6724, section 5).
  if (target.kind !== 'own' && isOwn)
    return { values: undefined, among: senders(family, ownAddresses(ruleset, host, family), target.values) };
  const party = isOwn ? host.own : field === 'src' ? row.source : row.destination;
  const known = neededAddresses(view, party);
  if (isOwn) return { values: known, among: machines };
  const values = known && notItself(view, host, row, field, machinesOf(view, known));
  const within = neighboursAmong(view, row, unboundAmong(party, family));
  return { values, among: others(view, host, within ?? machines), only: within !== undefined };
}

/** Whom a row about the link means by a role that nobody binds: machines of the host's own links, where it is known what these are. */
function neighboursAmong(
  { family, ruleset }: FamilyView,
  row: ResolvedRow,
  within: Ranges<number> | Ranges<bigint> | undefined,
): Ranges<number> | Ranges<bigint> | undefined {
  const links =
    within === undefined || family === 4 || !isOfTheLink(row) ? undefined : ownLinks(ruleset, family);
  if (links === undefined) return within;
  const near = intersection(within as Ranges<bigint>, links);
  return near.length === 0 ? within : near;
}

/** Nobody else has an address of the host's: what passes from it alone lets nobody in. */
function others(
  { family, ruleset }: FamilyView,
  host: ResolvedHost,
  machines: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  return without(family, machines, singleAddresses(ruleset, host, family));
}

function neededAddresses(view: FamilyView, party: Party): Ranges<number> | Ranges<bigint> | undefined {
  const { family, ruleset } = view;
  if (party.binding === 'unbound') return undefined;
  const documented = party.binding === 'any' ? everyAddress(family) : partyAddresses(ruleset, party, family);
  if (documented === undefined) return undefined;
  const needed = ofFamily(party.needed, family);
  const values = reached(view, party, unicast(family, documented));
  return needed === undefined ? values : intersection(values as Ranges<bigint>, needed as Ranges<bigint>);
}

/** What a provider answers with in its own networks is nobody that "any" or the Internet means, though the address may be public. */
function reached(
  { family, ruleset }: FamilyView,
  { binding }: Party,
  values: Ranges<number> | Ranges<bigint>,
): Ranges<number> | Ranges<bigint> {
  const known = ruleset.cloud?.unfiltered;
  if ((binding !== 'internet' && binding !== 'any') || known === undefined) return values;
  return without(family, values, family === 4 ? known.ipv4 : known.ipv6);
}
