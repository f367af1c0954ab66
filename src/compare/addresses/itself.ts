import type { Party, ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { normalise, pairsOf, type Ranges, union } from '../../packet/ranges.ts';
import { kept, onceOf } from '../../text/kept.ts';
import type { GroupMembers, Ruleset } from '../../rule/ruleset.ts';
import { broadcastAddresses } from '../../symbolic/conditions/address-types.ts';
import { ofFamily, without } from './addresses.ts';
import { hostAddresses, isUnnamed, listedAddresses, partyAddresses } from '../rows/parties.ts';
import { trafficsNode } from '../rows/traffic-sets.ts';
import { isCloudOnly } from '../view/clouds.ts';
import type { FamilyView } from '../view/view.ts';

type Values = Ranges<number> | Ranges<bigint>;

/** Addresses that are the host's for certain: a network or range that its role is bound to may have others' too. */
export function singleAddresses(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): Values {
  return kept(SINGLES[family](ruleset), host, () => newSingles(ruleset, host, family));
}

const singlesOf = (): ((ruleset: Ruleset) => Map<ResolvedHost, Values>) => onceOf(() => new Map());
const SINGLES = { 4: singlesOf(), 6: singlesOf() } as const;

function newSingles(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): Values {
  const bound = pairsOf((hostAddresses(ruleset, host.own, family) ?? []) as Ranges<bigint>);
  const singles = normalise(bound.filter(([lo, hi]) => lo === hi));
  // Listed or written one by one: neighbours are no range.
  const lists = [ofFamily(host.own.singles, family) ?? [], listedAddresses(ruleset, family)];
  return lists.reduce<Ranges<bigint>>((all, list) => union(all, list as Ranges<bigint>), singles);
}

/** Of these, what no other machine of the role has: what `ip -j addr` lists, or the one address of the role. */
export function surelyOwn(ruleset: Ruleset, host: ResolvedHost, family: 4 | 6): Values {
  const listed = listedAddresses(ruleset, family);
  if (listed.length > 0) return listed;
  const singles = singleAddresses(ruleset, host, family);
  return singles.length === 2 && singles[0] === singles[1] ? singles : [];
}

/**
 * The addresses of a peer that a row needs, without the host's own: what comes in from these is forged, and what goes to them does not leave
 * (net/ipv4/fib_frontend.c, __fib_validate_source). Between zones nothing goes there or comes from there, unless a rule translates it
 * before it is routed (net/ipv4/route.c, ip_route_input_rcu).
 */
export function notItself(
  view: FamilyView,
  host: ResolvedHost,
  row: ResolvedRow,
  field: 'src' | 'dst',
  values: Values,
): Values {
  const { family } = view;
  if (row.direction !== 'forward' && areOfSeveral(view.ruleset, host)) return values;
  const party = field === 'src' ? row.source : row.destination;
  const own = singleAddresses(view.ruleset, host, family);
  if (row.direction !== 'forward') {
    const needed = ofOthers(host, party, family, values);
    const rest = without(family, needed, own);
    // A peer that has nothing but these may be meant.
    return rest.length === 0 ? needed : rest;
  }
  const rest = without(family, values, own);
  // A role behind the firewall that has nothing but its addresses is published there.
  if (String(rest) === String(values) || (rest.length === 0 && isBehind(host, party))) return values;
  if (field === 'src') return rest;
  const { may } = view.hook('forward').translated.bounds;
  return view.all(may, view.field('dst', own), ofSender(view, row)) === NONE ? rest : values;
}

/** Where no export says that the addresses of the host's role are of several machines, a peer that is bound to some does not need these. */
function ofOthers(
  { own, ownMayBeOthers }: ResolvedHost,
  party: Party,
  family: 4 | 6,
  values: Values,
): Values {
  const isBound = ofFamily(party, family) !== undefined;
  return ownMayBeOthers && isBound ? without(family, values, ofFamily(own, family) ?? []) : values;
}

/**
 * Whether the host's addresses are those of several machines that a cloud guards alike: what one sends to another passes the groups. So are
 * those of its role, where these are all that the machines have.
 */
export function areOfSeveral({ cloud }: Ruleset, { own, ownOfRole }: ResolvedHost): boolean {
  if (cloud?.machines !== 'several') return false;
  if (isUnnamed(own)) return true;
  return ownOfRole === true && ([4, 6] as const).every((family) => namesAll(own, cloud.own, family));
}

/** Whether a party's addresses are all that machines have in a family, or none. */
function namesAll(party: Party, machines: GroupMembers | undefined, family: 4 | 6): boolean {
  const named = ofFamily(party, family) ?? [];
  return named.length === 0 || without(family, ofFamily(machines, family) ?? [], named).length === 0;
}

/** What decides whether what several machines of a cloud send one another is closed, where configs of one of them stand beside. */
export const WHICH_MACHINE =
  'of which of the machines that the exports have the configs beside are, which `instance:` would tell';

/** A longer range is a network that a machine speaks for. */
const MOST_MACHINES = 256n;

/**
 * What several machines of a cloud send one another, where the host's own configs are those of one of them: what these close to the
 * addresses of that one is nobody's, and nobody says which it is.
 */
export function amongMachines(view: FamilyView, host: ResolvedHost): Node {
  if (!areOfSeveral(view.ruleset, host) || isCloudOnly(view.ruleset)) return NONE;
  const own = pairsOf((hostAddresses(view.ruleset, host.own, view.family) ?? []) as Ranges<bigint>);
  const values = normalise(own.filter(([lo, hi]) => BigInt(hi) - BigInt(lo) < MOST_MACHINES)) as Values;
  return view.diagram.and(view.field('src', values), view.field('dst', values));
}

/** What each of the addresses sends to itself; nothing, where they are too many to be told apart. */
export function toThemselves(view: FamilyView, addresses: Values): Node {
  const pairs = pairsOf(addresses as Ranges<bigint>);
  const count = pairs.reduce((sum, [lo, hi]) => sum + BigInt(hi) - BigInt(lo) + 1n, 0n);
  if (count > MOST_MACHINES) return NONE;
  const each = pairs.flatMap(([lo, hi]) => allFrom(lo, hi));
  return view.diagram.orAll(
    each.map((one) => view.all(view.field('src', [one, one]), view.field('dst', [one, one]))),
  );
}

/** The addresses of a range; of IPv4 they are numbers. */
function allFrom(lo: bigint, hi: bigint): bigint[] {
  const all: bigint[] = [];
  for (let at = lo; at <= hi; at++) all.push(at);
  return all;
}

/** What the row's source may send, wherever it goes. */
function ofSender(view: FamilyView, { source, all, choices }: ResolvedRow): Node {
  const sources = partyAddresses(view.ruleset, source, view.family);
  return view.all(
    trafficsNode(view, [...all, ...choices.flat()], false),
    sources === undefined ? ALL : view.field('src', sources),
    source.interfaces.length === 0 ? ALL : view.named('in', source.interfaces),
  );
}

function isBehind({ baselines }: ResolvedHost, { role }: Party): boolean {
  return baselines.some(({ behind = [] }) => behind.some(({ party }) => party.role === role));
}

/** The first end of a row between zones that is the firewall itself, in all families: nothing of it is forwarded. */
export function itselfAmong(
  views: readonly FamilyView[],
  host: ResolvedHost,
  row: ResolvedRow,
): Party | undefined {
  if (row.direction !== 'forward') return undefined;
  return [row.source, row.destination].find((party, at) => {
    const bound = views.flatMap((view) => {
      const values = partyAddresses(view.ruleset, party, view.family) ?? [];
      return values.length === 0 ? [] : [notItself(view, host, row, at === 0 ? 'src' : 'dst', values)];
    });
    return bound.length > 0 && bound.every((rest) => rest.length === 0);
  });
}

/**
 * No machine has the broadcast address of one of the host's networks: a network or range that holds it needs it neither as a source nor
 * as a destination. Who is bound to the address itself means it.
 */
export function machinesOf({ ruleset, family }: FamilyView, values: Values): Values {
  const { host } = ruleset;
  if (family !== 4 || host === undefined) return values;
  const taken = broadcastAddresses(host, 4) as Ranges<number>;
  const written = pairsOf(values as Ranges<number>).filter(([lo, hi]) => lo === hi);
  return union(without(4, values, taken) as Ranges<number>, normalise(written));
}
