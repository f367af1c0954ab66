import type { Party, ResolvedHost, ResolvedRow, RowDirection, Traffic } from '../baseline/model.ts';
import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { DiagramField } from '../packet/layout.ts';
import { PORT_PROTOCOLS } from '../packet/packet.ts';
import { intersection, normalise, pairsOf, type Ranges } from '../packet/ranges.ts';
import type { InterfacePattern } from '../rule/condition.ts';
import { everyAddress, unicast } from './addresses.ts';
import { partyAddresses, unknownSet } from './parties.ts';
import type { FamilyView } from './view.ts';

/** Something that a row needs: every packet of `set` must pass, for some value of the fields of `project`. */
export interface Need {
  readonly set: Node;
  /** Only packets of this set count as passing (off the loopback interface, one of the choice's ports, …). */
  readonly within: Node;
  readonly project: readonly DiagramField[];
}

const EPHEMERAL: Ranges = [1024, 65535];

/** Which end of a row is the host's, and on which interface the other end is reached. */
interface Ends {
  readonly own: readonly ('src' | 'dst')[];
  readonly interfaces: readonly { readonly field: 'in' | 'out'; readonly party: Party }[];
}

function endsOf(row: ResolvedRow): Ends {
  switch (row.direction) {
    case 'in':
      return { own: ['dst'], interfaces: [{ field: 'in', party: row.source }] };
    case 'out':
      return { own: ['src'], interfaces: [{ field: 'out', party: row.destination }] };
    case 'forward':
      return {
        own: [],
        interfaces: [
          { field: 'in', party: row.source },
          { field: 'out', party: row.destination },
        ],
      };
    case 'loopback':
      return { own: ['src', 'dst'], interfaces: [] };
  }
}

/** Translates the rows of one host into packet sets, for one family. */
export class RowSets {
  private readonly elsewhere = new Map<string, readonly InterfacePattern[]>();

  constructor(
    private readonly view: FamilyView,
    private readonly host: ResolvedHost,
  ) {}

  /** Whether the row says anything about this family: an end that is bound to the other family's addresses only does not. */
  concerns(row: ResolvedRow): boolean {
    if (!row.families.includes(this.view.family)) return false;
    return [row.source, row.destination].every((party) => !this.absent(party));
  }

  /** Whether both ends have addresses that the deployment binds, in this family. */
  bound(row: ResolvedRow): boolean {
    return [row.source, row.destination].every((party) => (this.addresses(party)?.length ?? 0) > 0);
  }

  /** Whether it is known who both ends are; what is forbidden to somebody unknown is not thereby forbidden to all. */
  isKnown(row: ResolvedRow): boolean {
    const unbound = [row.source, row.destination].some((party) => party.binding === 'unbound');
    return !unbound && unknownSet(this.view.ruleset, row) === undefined;
  }

  /** What has to pass. */
  needs(row: ResolvedRow): Need[] {
    const needs = row.all.map((traffic) => this.need(row, [traffic]));
    for (const choice of row.choices) if (choice.length > 0) needs.push(this.need(row, choice));
    return needs;
  }

  /** The address and interface fields of which one value is enough. */
  freeFields(row: ResolvedRow): DiagramField[] {
    // A loopback row says nothing of interfaces, as it has but one; what its packets meet on the way does.
    if (row.direction === 'loopback') return ['in', 'out'];
    return [...new Set(this.needs(row).flatMap((need) => need.project))].filter((field) =>
      ['src', 'dst', 'in', 'out'].includes(field),
    );
  }

  /** Everything that the row documents, off the loopback interface or, for a loopback row, on it. */
  documented(row: ResolvedRow): Node {
    const { view } = this;
    const traffic = this.traffics([...row.all, ...row.choices.flat()], false);
    let node = view.all(view.familyNode, traffic);
    if (row.direction === 'loopback') return view.diagram.and(node, view.loopback('in'));
    const { own, interfaces } = endsOf(row);
    for (const field of ['src', 'dst'] as const) {
      if (own.includes(field)) continue;
      const party = field === 'src' ? row.source : row.destination;
      const values = this.addresses(party);
      if (values !== undefined) node = view.diagram.and(node, view.field(field, values));
    }
    for (const { field, party } of interfaces)
      node = view.diagram.and(node, this.documentedInterfaces(field, party, row.direction));
    return node;
  }

  /**
   * What an undetermined row might document, for parties that are bound: towards an unbound one it would be every
   * address on every port, which says nothing.
   */
  undecided(row: ResolvedRow): Node {
    if (row.undecided === undefined || row.undecided.length === 0 || !this.bound(row)) return NONE;
    return this.documented({ ...row, all: row.undecided, choices: [] });
  }

  /** The row's protocols and destination ports alone. */
  ports(row: ResolvedRow): Node {
    return this.traffics([...row.all, ...row.choices.flat()], false);
  }

  /** One traffic, or a choice of several of which one is enough. */
  private need(row: ResolvedRow, traffics: readonly Traffic[]): Need {
    const { view } = this;
    const choice = traffics.length > 1;
    const project: DiagramField[] = choice ? ['protocol', 'dport', 'icmpType', 'icmpCode'] : ['icmpCode'];
    const traffic = this.traffics(traffics, true);
    let within = view.all(view.familyNode, traffic);
    let set = choice ? view.familyNode : view.project(within, ['icmpCode']);
    const { own, interfaces } = endsOf(row);
    for (const field of ['src', 'dst'] as const) {
      const values =
        row.direction === 'loopback' ? this.loopbackAddress() : this.neededAddresses(row, field, own);
      if (values === undefined) project.push(field);
      else set = view.diagram.and(set, view.field(field, values));
    }
    // Projecting the ports of a choice away must not take the source ports with it.
    if (choice) set = view.diagram.and(set, this.sourcePorts(traffics));
    for (const { field, party } of interfaces) {
      if (party.interfaces.length > 0) set = view.diagram.and(set, view.named(field, party.interfaces));
      else project.push(field);
      within = view.diagram.and(within, view.offLoopback(field));
    }
    return { set, within, project };
  }

  private neededAddresses(
    row: ResolvedRow,
    field: 'src' | 'dst',
    own: readonly string[],
  ): Ranges<number> | Ranges<bigint> | undefined {
    const party = own.includes(field) ? this.host.own : field === 'src' ? row.source : row.destination;
    if (party.binding === 'unbound') return undefined;
    const documented = party.binding === 'any' ? everyAddress(this.view.family) : this.addresses(party);
    if (documented === undefined) return undefined;
    const needed = this.view.family === 4 ? party.needed?.ipv4 : party.needed?.ipv6;
    const values = unicast(this.view.family, documented);
    return needed === undefined ? values : intersection(values as Ranges<bigint>, needed as Ranges<bigint>);
  }

  private loopbackAddress(): Ranges<number> | Ranges<bigint> {
    return this.view.family === 4 ? [0x7f000001, 0x7f000001] : [1n, 1n];
  }

  private addresses(party: Party): Ranges<number> | Ranges<bigint> | undefined {
    return partyAddresses(this.view.ruleset, party, this.view.family);
  }

  private absent(party: Party): boolean {
    return this.addresses(party)?.length === 0;
  }

  /**
   * Where a row's interface is not bound it documents every interface that is not bound elsewhere: to a party that
   * connections of the same direction have on that side. What an administrators' network, say, is bound to for connections from
   * there says nothing about where the host's own connections leave.
   */
  private documentedInterfaces(field: 'in' | 'out', party: Party, direction: RowDirection): Node {
    const { view } = this;
    if (party.interfaces.length > 0) return view.named(field, party.interfaces);
    const elsewhere = this.boundElsewhere(field, direction);
    return view.diagram.difference(
      view.offLoopback(field),
      elsewhere.length === 0 ? NONE : view.named(field, elsewhere),
    );
  }

  private boundElsewhere(field: 'in' | 'out', direction: RowDirection): readonly InterfacePattern[] {
    const key = `${field} ${direction}`;
    let known = this.elsewhere.get(key);
    if (known === undefined) {
      const rows = this.host.baselines
        .flatMap((baseline) => baseline.rows)
        .filter((row) => row.direction === direction);
      known = rows.flatMap((row) =>
        endsOf(row)
          .interfaces.filter((end) => end.field === field)
          .flatMap((end) => end.party.interfaces),
      );
      this.elsewhere.set(key, known);
    }
    return known;
  }

  private traffics(traffics: readonly Traffic[], needed: boolean): Node {
    return this.view.diagram.orAll(traffics.map((traffic) => this.traffic(traffic, needed)));
  }

  private traffic(traffic: Traffic, needed: boolean): Node {
    const { view } = this;
    const parts = [view.field('protocol', [traffic.protocol, traffic.protocol])];
    if (traffic.ports !== undefined) parts.push(view.field('dport', traffic.ports));
    if (traffic.sourcePorts !== undefined) parts.push(view.field('sport', traffic.sourcePorts));
    else if (needed && hasPorts(traffic)) parts.push(view.field('sport', EPHEMERAL));
    if (traffic.icmp !== undefined) {
      const types = traffic.icmp.map(({ type, code }) =>
        view.all(
          view.field('icmpType', [type, type]),
          code === undefined ? ALL : view.field('icmpCode', [code, code]),
        ),
      );
      parts.push(view.diagram.orAll(types));
    }
    return view.all(...parts);
  }

  private sourcePorts(traffics: readonly Traffic[]): Node {
    const ports = traffics.flatMap((traffic) =>
      hasPorts(traffic) ? pairsOf(traffic.sourcePorts ?? EPHEMERAL) : [],
    );
    return ports.length === 0 ? ALL : this.view.field('sport', normalise(ports));
  }
}

const hasPorts = (traffic: Traffic): boolean => PORT_PROTOCOLS.includes(traffic.protocol);
