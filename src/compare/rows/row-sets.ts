import type { Party, ResolvedRow, Traffic } from '../../baseline/model.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { DiagramField } from '../../packet/layout.ts';
import { ICMP_INVALID, icmpProtocol } from '../../packet/packet.ts';
import { intersection, type Ranges } from '../../packet/ranges.ts';
import { ofFamily } from '../addresses/addresses.ts';
import { byLinks } from '../addresses/by-links.ts';
import { named } from '../addresses/links.ts';
import { DocumentedSets } from '../excess/documented-sets.ts';
import { amongMachines, areOfSeveral, itselfAmong, toThemselves } from '../addresses/itself.ts';
import { neededEnd } from './needed-ends.ts';
import { interfacesOfIp } from '../../rule/ip-interfaces.ts';
import { neededGroups, neededPeers, type Peers, peerOf } from './needed-groups.ts';
import { asPublished } from './published-needs.ts';
import { partyGroups, unboundAmong, unknownBinding } from './parties.ts';
import { endsOf, isOwn } from './row-ends.ts';
import { isNobodys } from '../addresses/special-addresses.ts';
import { type Target, targetsOf } from './targets.ts';
import type { Need, PerhapsServed } from './need.ts';
import { codesApart, namesCodes, sourcePortsNode, trafficsNode } from './traffic-sets.ts';

const NOT_SERVED: PerhapsServed = { served: NONE, calling: NONE };

/** Translates the rows of one host into packet sets, for one family. */
export class RowSets extends DocumentedSets {
  private readonly needsOf = new Map<ResolvedRow, readonly Need[]>();

  /** Whether the row says anything about this family: an end that is bound to the other family's addresses only does not. */
  concerns(row: ResolvedRow): boolean {
    if (!row.families.includes(this.view.family)) return false;
    const { ruleset, family } = this.view;
    if (itselfAmong([this.view], this.host, row) !== undefined) return false;
    if (row.level !== 'prohibited' && targetsOf(ruleset, this.host, row, family).length === 0) return false;
    // Members of a group that nobody gave may have addresses of the family, whatever else the role has.
    const { party: peer } = peerOf(row);
    const hasMembers = partyGroups(ruleset, peer).length > 0;
    return [row.source, row.destination].every(
      (party) => !this.absent(party) || (party === peer && hasMembers),
    );
  }

  /** Whether it is known who both ends are; what is forbidden to somebody unknown is not thereby forbidden to all. */
  isKnown(row: ResolvedRow): boolean {
    const unbound = [row.source, row.destination].some((party) => party.binding === 'unbound');
    return !unbound && unknownBinding(this.view.ruleset, row) === undefined;
  }

  /** Whether nobody needs what of a need cannot pass. */
  isNobodys(row: ResolvedRow, needed: Node, lacking: Node): boolean {
    return isNobodys(this.view, this.host, row, needed, lacking);
  }

  /** What has to pass. */
  needs(row: ResolvedRow): readonly Need[] {
    let known = this.needsOf.get(row);
    if (known === undefined) {
      known = this.newNeeds(row);
      this.needsOf.set(row, known);
    }
    return known;
  }

  /** What may be served of packets that cannot pass; nothing, where none of them may. */
  callingFor(row: ResolvedRow, packets: Node): Node {
    const { diagram } = this.view;
    const all = this.needs(row).filter(({ perhaps }) => diagram.and(perhaps.served, packets) !== NONE);
    return diagram.orAll(all.map(({ perhaps }) => perhaps.calling));
  }

  private newNeeds(row: ResolvedRow): readonly Need[] {
    const { ruleset, family } = this.view;
    const each = [
      ...row.all.flatMap((traffic) => this.partsOf(row, traffic)).map((traffic) => [traffic]),
      ...row.choices.filter(({ length }) => length > 0),
    ];
    return targetsOf(ruleset, this.host, row, family).flatMap((target) =>
      each.flatMap((traffics, i) =>
        neededPeers(this.view, row).map((peers) =>
          byLinks(
            this.view,
            row,
            asPublished(
              this.view,
              this.host,
              row,
              this.need(row, traffics, target, peers, `${target.kind} ${i} ${peers}`),
            ),
          ),
        ),
      ),
    );
  }

  /**
   * The address, group and interface fields of which one value is enough, and ICMP's code where none is named; the port too where all
   * the row asks for is a choice of ports.
   */
  freeFields(row: ResolvedRow): DiagramField[] {
    // A loopback row says nothing of interfaces, as it has but one; what its packets meet on the way does.
    if (row.direction === 'loopback') return ['in', 'out'];
    return [...new Set(this.needs(row).flatMap((need) => need.project))].filter((field) =>
      [
        'src',
        'dst',
        'peerGroup',
        'in',
        'out',
        'icmpCode',
        ...(row.all.length === 0 ? ['dport'] : []),
      ].includes(field),
    );
  }

  /** One traffic, or a choice of several of which one is enough. */
  private need(
    row: ResolvedRow,
    traffics: readonly Traffic[],
    target: Target,
    peers: Peers,
    key: string,
  ): Need {
    const { view } = this;
    const choice = traffics.length > 1;
    const codes: DiagramField[] = traffics.some(namesCodes) ? [] : ['icmpCode'];
    const project: DiagramField[] = choice ? ['protocol', 'dport', 'icmpType', 'icmpCode'] : codes;
    const traffic = this.beginnings(row, trafficsNode(view, traffics, true));
    const toGroups = target.kind !== 'own';
    let existing: Node = ALL;
    let within = view.all(view.familyNode, traffic);
    let set = choice ? view.familyNode : view.project(within, codes);
    const { own, interfaces } = endsOf(row);
    for (const field of ['src', 'dst'] as const) {
      const { values, among, only = false } = neededEnd(view, this.host, row, field, target);
      const isAny = peers === 'members' && field === peerOf(row).field;
      if (values !== undefined && !isAny) set = view.diagram.and(set, view.field(field, values));
      else {
        project.push(field);
        existing = view.diagram.and(existing, view.field(field, among));
        // One is enough, and of those only: no packet to a group comes from elsewhere.
        if (only || (toGroups && (field === 'dst' || own.includes(field))))
          within = view.diagram.and(within, view.field(field, among));
      }
    }
    within = view.diagram.difference(within, this.unfiltered(project.filter((field) => !isOwn(field, own))));
    // Projecting the ports of a choice away must not take the source ports with it.
    if (choice) set = view.diagram.and(set, sourcePortsNode(view, traffics));
    for (const { field, party } of interfaces) {
      if (party.interfaces.length > 0) set = view.diagram.and(set, view.named(field, party.interfaces));
      else {
        project.push(field);
        existing = view.diagram.and(existing, this.existing(field));
      }
      within = view.diagram.and(within, view.offLoopback(field));
    }
    set = view.diagram.difference(set, this.onOneInterface(row));
    const others = view.diagram.difference(set, this.withThemselves(row));
    if (others !== NONE) set = others;
    const unknown = neededGroups(view, row, peers, project);
    set = view.diagram.and(set, unknown.peers);
    const { project: free, fields } = unknown;
    return {
      set,
      within,
      existing,
      project: free,
      unknown: fields,
      key,
      toGroups,
      perhaps: this.perhaps(row),
    };
  }

  private perhaps({ direction }: ResolvedRow): PerhapsServed {
    if (direction !== 'in' && direction !== 'out') return NOT_SERVED;
    const served = amongMachines(this.view, this.host);
    return served === NONE ? NOT_SERVED : { served, calling: NONE };
  }

  /** Of ends with several interfaces what stays on one of them: it does not cross the firewall. */
  private onOneInterface(row: ResolvedRow): Node {
    const { view } = this;
    const [source, destination] = [row.source.interfaces, row.destination.interfaces];
    if (row.direction !== 'forward' || Math.max(source.length, destination.length) < 2) return NONE;
    const isThere = (name: string): boolean => destination.some((one) => !one.prefix && one.name === name);
    const both = source.filter(({ name, prefix }) => !prefix && isThere(name));
    return view.diagram.orAll(both.map((one) => view.all(view.named('in', [one]), view.named('out', [one]))));
  }

  /** What machines send to themselves: it crosses no firewall and no group, whoever else has their role. */
  private withThemselves(row: ResolvedRow): Node {
    const { view, host } = this;
    if (row.direction === 'loopback') return NONE;
    if (row.direction !== 'forward' && !areOfSeveral(view.ruleset, host)) return NONE;
    const { own } = endsOf(row);
    const source = this.addresses(own.includes('src') ? host.own : row.source);
    const destination = this.addresses(own.includes('dst') ? host.own : row.destination);
    if (source === undefined || destination === undefined) return NONE;
    return toThemselves(view, intersection(source as Ranges<bigint>, destination as Ranges<bigint>));
  }

  /** Packets by an interface that the host has, as far as anybody said. */
  existing(field: 'in' | 'out'): Node {
    const { view } = this;
    const { host } = view.ruleset;
    const names = (host === undefined ? [] : interfacesOfIp(host)).filter((name) => name !== 'lo');
    if (names.length > 0) return named(view, field, names);
    // A listing of parts alone: those are not their whole.
    return view.diagram.difference(ALL, named(view, field, [...(host?.ports ?? [])]));
  }

  /** What the row needs of a traffic apart: where a part of it begins connections, no other that begins none. */
  private partsOf(row: ResolvedRow, traffic: Traffic): readonly Traffic[] {
    const parts = codesApart(traffic);
    if (parts.length < 2) return parts;
    const beginning = parts.filter(
      (part) => this.begins(row, trafficsNode(this.view, [part], true)) !== NONE,
    );
    return beginning.length > 0 ? beginning : parts;
  }

  /**
   * Nobody needs ICMP messages that belong to no connection and begin none: what a row that names no state needs of ICMP are the
   * messages that conntrack takes for beginnings and those that it leaves alone. A row that names others alone needs those.
   */
  private beginnings(row: ResolvedRow, traffic: Node): Node {
    const rest = this.begins(row, traffic);
    return rest === NONE ? traffic : rest;
  }

  private begins(row: ResolvedRow, traffic: Node): Node {
    if (row.states.length !== 1 || row.states[0] !== 'new') return traffic;
    const { view } = this;
    const { family } = view;
    const number = icmpProtocol(family);
    const others = view.all(
      view.field('protocol', [number, number]),
      view.field('icmpType', ICMP_INVALID[family]),
    );
    return view.diagram.difference(traffic, others);
  }

  /** Where some address of the peer is enough, one that a cloud never filters is none: it would do whatever rules say. */
  private unfiltered(project: readonly DiagramField[]): Node {
    const { view } = this;
    const values = ofFamily(view.ruleset.cloud?.unfiltered, view.family);
    if (values === undefined || values.length === 0) return NONE;
    const fields = (['src', 'dst'] as const).filter((field) => project.includes(field));
    return view.diagram.orAll(fields.map((field) => view.field(field, values)));
  }

  private absent(party: Party): boolean {
    return (unboundAmong(party, this.view.family) ?? this.addresses(party))?.length === 0;
  }
}
