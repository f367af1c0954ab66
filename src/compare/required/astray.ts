import type { Party, ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import { addressMaximum } from '../../packet/address.ts';
import { complement, intersection, normalise, pairsOf, type Ranges, union } from '../../packet/ranges.ts';
import { type Bounds, plainPackets, visible } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { kept } from '../../text/kept.ts';
import { LOOPBACK } from '../addresses/addresses.ts';
import { hostAddresses, listedAddresses, partyAddresses } from '../rows/parties.ts';
import type { HookView } from '../view/hook-view.ts';
import { staysHere, wholeAsTheyArrive } from '../rows/translated-parts.ts';
import type { FamilyView } from '../view/view.ts';

/** A longer range is a network: a machine of the row's own may have another address there. */
const MOST_MACHINES = 16;

/** What decides whether packets that a rule sends to another role's machine are what a row is about. */
export const SERVED_ELSEWHERE =
  'whether a row is served by the machine of another role, or by the host itself, where a rule sends its packets';

/**
 * Packets to a row's destination that rules send to a machine of another role: that machine may serve in its place, or the
 * row's reaches nobody and opens what it does not speak of. The documents don't tell, so that neither is certain. What is sent
 * to an address that the deployment gives no other role is believed to be for the row's destination: machines are bound by the addresses at
 * which they are known, and rules translate these to the ones that they have.
 */
export class Astray {
  private readonly known = new Map<Party, Ranges<bigint>>();
  private readonly unmarked = new WeakMap<readonly Flow[], readonly Flow[]>();
  private own: Ranges<bigint> | undefined;
  /** What flows send to some addresses, and what of them comes back: rows ask it of the same thousands of flows. */
  private readonly sent = new WeakMap<readonly Flow[], Map<Ranges<bigint>, Node>>();
  private readonly staying = new WeakMap<readonly Flow[], Node>();
  private parties: readonly Party[] | undefined;

  constructor(
    private readonly view: FamilyView,
    private readonly host: ResolvedHost,
  ) {}

  /** What surely passes to the row's destination, of what passes. */
  reaching(row: ResolvedRow, hook: HookView, { must, may }: Bounds): Bounds {
    return { must: this.view.diagram.difference(must, this.sentAway(row, hook, hook.translated.flows)), may };
  }

  /** What flows send to another role's machine, as it arrives, of what a row needs: what rules do to marked packets is no matter then. */
  sentAway(row: ResolvedRow, hook: HookView, flows: readonly Flow[]): Node {
    return visible(this.view.diagram, this.goneAway(row, hook, flows));
  }

  /** The same with the fields that boxes do not have: a rule may ask for them (`-m ttl`, `-m tos`). */
  goneAway(row: ResolvedRow, hook: HookView, flows: readonly Flow[]): Node {
    const plain = this.plain(flows);
    // Mostly nothing is translated, and then nobody need know which addresses others have.
    if (plain.length === 0) return NONE;
    const sent = this.sentTo(this.others(row), hook, plain);
    if (row.direction !== 'out') return sent;
    // What the host sends and a rule gives back to it (REDIRECT at output) leaves by no interface; a proxy there may send it on.
    const back = kept(this.staying, plain, () =>
      wholeAsTheyArrive(this.view, hook, plain.filter(staysHere), ALL),
    );
    return this.view.diagram.orAll([sent, back, this.sentTo(this.here(), hook, plain)]);
  }

  /** The flows of packets as connections begin that a document needs. */
  private plain(flows: readonly Flow[]): readonly Flow[] {
    return kept(this.unmarked, flows, () => {
      const { diagram } = this.view;
      const begun = plainPackets(diagram);
      return flows
        .map((flow) => ({ ...flow, set: diagram.and(flow.set, begun) }))
        .filter(({ set }) => set !== NONE);
    });
  }

  /** What flows send to another role's machine; of what comes back to the host nobody else gets more than the row documents. */
  sentToOthers(row: ResolvedRow, hook: HookView, flows: readonly Flow[]): Node {
    if (flows.length === 0) return NONE;
    return visible(this.view.diagram, this.sentTo(this.others(row), hook, flows));
  }

  private sentTo(addresses: Ranges<bigint>, hook: HookView, flows: readonly Flow[]): Node {
    if (addresses.length === 0) return NONE;
    return kept(
      kept(this.sent, flows, () => new Map<Ranges<bigint>, Node>()),
      addresses,
      () => {
        const away = flows.filter((flow) => sendsTo(flow, addresses));
        if (away.length === 0) return NONE;
        return wholeAsTheyArrive(this.view, hook, away, this.view.field('dst', this.inFamily(addresses)));
      },
    );
  }

  /** Addresses at which a row's packets do not reach its destination; undefined where there are none. */
  elsewhere(row: ResolvedRow): Ranges<number> | Ranges<bigint> | undefined {
    const others = this.others(row);
    // What is sent to the host itself is not forwarded; with its addresses by `ip -j addr` that is known without.
    const isUntold = row.direction === 'forward' && this.view.ruleset.host === undefined;
    const away = row.direction === 'out' || isUntold ? union(others, this.here()) : others;
    return away.length === 0 ? undefined : this.inFamily(away);
  }

  private inFamily(others: Ranges<bigint>): Ranges<number> | Ranges<bigint> {
    return this.view.family === 4 ? (others.map(Number) as Ranges<number>) : others;
  }

  /** Addresses of other roles' machines; none where nothing says which the row's destination has. */
  private others({ destination, direction }: ResolvedRow): Ranges<bigint> {
    if (direction !== 'forward' && direction !== 'out') return [];
    return kept(this.known, destination, () => this.newOthers(destination));
  }

  private newOthers(destination: Party): Ranges<bigint> {
    if (destination.binding !== 'bound' || this.addresses(destination).length === 0) return [];
    const machines = this.bound().flatMap((party) =>
      party.role === destination.role ? [] : pairsOf(this.addresses(party)),
    );
    return this.but(destination, normalise(machines.filter(([lo, hi]) => hi - lo < MOST_MACHINES)));
  }

  /**
   * Where what the host sends comes back to it: on the loopback interface, and at its addresses, also where the row's destination is the
   * Internet, which has every address that no other role has, or a role that the host has a part in.
   */
  private here(): Ranges<bigint> {
    this.own ??= this.newHere();
    return this.own;
  }

  private newHere(): Ranges<bigint> {
    const { family, ruleset } = this.view;
    const own = hostAddresses(ruleset, this.host.own, family) ?? [];
    // The deployment may name some of those that the host has.
    const listed = listedAddresses(ruleset, family);
    return union(wide(LOOPBACK[family]), union(wide(own), wide(listed)));
  }

  private but(destination: Party, addresses: Ranges<bigint>): Ranges<bigint> {
    const others = complement(this.addresses(destination), 0n, addressMaximum(this.view.family));
    return intersection(addresses, others);
  }

  /** Every role that is bound to something. */
  private bound(): readonly Party[] {
    const { baselines, others = [], role: own } = this.host;
    this.parties ??= baselines
      .flatMap(({ rows, behind = [] }) => [
        ...rows.flatMap(({ source, destination }) => [source, destination]),
        ...behind.map(({ party }) => party),
      ])
      .concat(others.filter(({ role }) => role !== own))
      .filter(({ binding }) => binding === 'bound');
    return this.parties;
  }

  private addresses(party: Party): Ranges<bigint> {
    return wide(partyAddresses(this.view.ruleset, party, this.view.family) ?? []);
  }
}

/** Addresses of either family, as those of IPv6 are written. */
const wide = (values: Ranges<number> | Ranges<bigint>): Ranges<bigint> =>
  (values as readonly (number | bigint)[]).map(BigInt);

/**
 * Whether a flow sends packets to these addresses alone; of a prefix each packet tells. What of several machines some are the row's own
 * is believed to be meant for these.
 */
function sendsTo({ transform: { destination } }: Flow, others: Ranges<bigint>): boolean {
  const address = destination?.address;
  if (address === undefined || address.kind === 'local') return false;
  if (address.kind === 'prefix') return true;
  const [lo, hi] = intersection(others, [address.lo, address.hi]);
  return lo === address.lo && hi === address.hi;
}
