import type { Party, ResolvedHost, ResolvedRow, RowDirection } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { InterfacePattern } from '../../rule/condition.ts';
import { Astray } from '../required/astray.ts';
import { singleAddresses, surelyOwn } from '../addresses/itself.ts';
import { partyAddresses, partyGroups } from '../rows/parties.ts';
import { boundInterfaces, endsOf } from '../rows/row-ends.ts';
import { documentedGroups } from '../rows/targets.ts';
import { saysWhat, trafficsNode } from '../rows/traffic-sets.ts';
import type { FamilyView } from '../view/view.ts';

/** What the rows of one host allow (or forbid) as packet sets, for one family. */
export class DocumentedSets {
  private readonly elsewhere = new Map<string, readonly InterfacePattern[]>();
  private readonly documentedBy = new Map<ResolvedRow, Node>();
  private readonly undecidedBy = new Map<ResolvedRow, Node>();

  /** What rules send to other parties than the rows'. */
  readonly astray: Astray;

  constructor(
    protected readonly view: FamilyView,
    protected readonly host: ResolvedHost,
  ) {
    this.astray = new Astray(view, host);
  }

  /** Whether addresses or groups bind each end that is not the host's own, in this family. */
  private saysWho(row: ResolvedRow): boolean {
    const { own } = endsOf(row);
    const others = [
      ...(own.includes('src') ? [] : [row.source]),
      ...(own.includes('dst') ? [] : [row.destination]),
    ];
    return others.every(
      (party) => (this.addresses(party) ?? partyGroups(this.view.ruleset, party)).length > 0,
    );
  }

  /** Whether both ends are known to have addresses of this family: everybody (`any`) has. */
  hasBoth(row: ResolvedRow): boolean {
    return [row.source, row.destination].every(
      (party) => party.binding === 'any' || (this.addresses(party)?.length ?? 0) > 0,
    );
  }

  /** Whether the row says at which addresses of this family its packets arrive, and not only by which interface, or nothing. */
  saysWhere({ destination }: ResolvedRow): boolean {
    return (this.addresses(destination)?.length ?? 0) > 0;
  }

  /** Everything that the row documents, off the loopback interface or, for a loopback row, on it. */
  documented(row: ResolvedRow): Node {
    let known = this.documentedBy.get(row);
    if (known === undefined) {
      known = this.newDocumented(row);
      this.documentedBy.set(row, known);
    }
    return known;
  }

  private newDocumented(row: ResolvedRow): Node {
    const { view } = this;
    const traffic = trafficsNode(view, [...row.all, ...row.choices.flat()], false);
    let node = view.all(view.familyNode, traffic);
    if (row.direction === 'loopback') return view.diagram.and(node, view.loopback('in'));
    const { own, interfaces } = endsOf(row);
    for (const field of ['src', 'dst'] as const) {
      if (own.includes(field)) continue;
      const party = field === 'src' ? row.source : row.destination;
      const isOnlyGroups = field === 'dst' && row.delivery?.unicast === false;
      const groups = field === 'dst' ? this.groupsOf(row) : NONE;
      const end = view.diagram.or(this.endOf(field, party), this.ofItself(row, field));
      node = view.diagram.and(node, isOnlyGroups ? groups : view.diagram.or(end, groups));
    }
    // What arrives is the host's; where it listens to groups alone, only what goes to these is documented.
    if (own.includes('dst') && row.delivery?.unicast === false)
      node = view.diagram.and(node, this.groupsOf(row));
    // What is forbidden is so on every interface, whomever it is bound to.
    const everywhere = row.level === 'prohibited';
    for (const { field, party } of interfaces)
      node = view.diagram.and(
        node,
        everywhere && party.interfaces.length === 0
          ? view.offLoopback(field)
          : this.documentedInterfaces(field, party, row.direction),
      );
    return node;
  }

  /**
   * The host's own addresses, where the row's other party has them too: the Internet, which has every address, or machines of the
   * host's role, all of which one set of rules may name. What comes in from its own address the kernel takes for forged
   * (net/ipv4/fib_frontend.c, __fib_validate_source), so that nobody gets in by it, and what goes there does not leave
   * (net/ipv4/route.c, ip_route_output_key_hash_rcu).
   */
  private ofItself(row: ResolvedRow, field: 'src' | 'dst'): Node {
    const { view, host } = this;
    if (row.level === 'prohibited') return NONE;
    if (row.direction !== 'forward' && row.source.role === row.destination.role)
      return view.field(field, singleAddresses(view.ruleset, host, view.family));
    if (field === 'dst' || row.source.binding !== 'internet') return NONE;
    return view.field(field, surelyOwn(view.ruleset, host, view.family));
  }

  private groupsOf(row: ResolvedRow): Node {
    const groups = documentedGroups(row, this.view.family);
    return groups.length === 0 ? NONE : this.view.field('dst', groups);
  }

  /** Packets with an end that the party is bound to; everything where nothing binds it. */
  private endOf(field: 'src' | 'dst', party: Party): Node {
    const { view } = this;
    const values = this.addresses(party);
    const groups = partyGroups(view.ruleset, party);
    if (groups.length === 0) return values === undefined ? ALL : view.field(field, values);
    const members = view.field('peerGroup', groups);
    return values === undefined ? members : view.diagram.or(members, view.field(field, values));
  }

  /**
   * What an undetermined row might document. Where ports are what is unknown, only for parties that are bound: towards an unbound
   * one it would be every address on every port, which says nothing.
   */
  undecided(row: ResolvedRow): Node {
    if (row.undecided === undefined || row.undecided.length === 0) return NONE;
    let known = this.undecidedBy.get(row);
    if (known === undefined) {
      const traffics = this.saysWho(row) ? row.undecided : row.undecided.filter(saysWhat);
      known = traffics.length === 0 ? NONE : this.newDocumented({ ...row, all: traffics, choices: [] });
      this.undecidedBy.set(row, known);
    }
    return known;
  }

  /** What the row would document if the site had decided otherwise (a feature that is off); nothing, where it applies. */
  dormant(row: ResolvedRow): Node {
    if (row.dormant === undefined) return NONE;
    return this.newDocumented({ ...row, all: row.dormant, choices: [] });
  }

  /** What the row would document if each of its parties were what `changed` makes of it. */
  changed(row: ResolvedRow, change: (party: Party) => Party): Node {
    return this.newDocumented({
      ...row,
      source: change(row.source),
      destination: change(row.destination),
    });
  }

  /** The row's protocols and destination ports alone. */
  ports(row: ResolvedRow): Node {
    return trafficsNode(this.view, [...row.all, ...row.choices.flat()], false);
  }

  protected addresses(party: Party): Ranges<number> | Ranges<bigint> | undefined {
    return partyAddresses(this.view.ruleset, party, this.view.family);
  }

  /**
   * Where a row's interface is not bound it documents every interface that is not bound elsewhere: to a party that
   * connections of the same direction have on that side. What an administrators' network, say, is bound to for connections from
   * there says nothing about where the host's own connections leave. "Any" is everybody, whoever else is behind an interface, and each
   * link has its neighbours (RFC 4861, 2.1).
   */
  private documentedInterfaces(field: 'in' | 'out', party: Party, direction: RowDirection): Node {
    const { view } = this;
    if (party.interfaces.length > 0) return view.named(field, party.interfaces);
    const elsewhere = party.everywhere === true ? [] : this.boundElsewhere(field, direction);
    return view.diagram.difference(
      view.offLoopback(field),
      elsewhere.length === 0 ? NONE : view.named(field, elsewhere),
    );
  }

  /** Interfaces that are another party's, and so not this one's, which is bound to none. */
  boundElsewhere(field: 'in' | 'out', direction: RowDirection): readonly InterfacePattern[] {
    const key = `${field} ${direction}`;
    let known = this.elsewhere.get(key);
    if (known === undefined) {
      known = boundInterfaces(this.host, field, direction);
      this.elsewhere.set(key, known);
    }
    return known;
  }
}
