import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import type { Severity } from '../../finding/report.ts';
import type { Node } from '../../packet/diagram.ts';
import { meets, within } from '../../packet/relations.ts';
import { isTranslated } from '../../symbolic/chains/summary.ts';
import type { Documented, Excess } from './excess.ts';
import type { Opened } from './openers.ts';
import { publicSources } from './group-doubt.ts';
import { publishedPackets } from './judged-packets.ts';
import type { RowSets } from '../rows/row-sets.ts';
import type { FlowHook, Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** What an opening beyond the document is called, how much it weighs, and which rows it is near to. */
export class ExcessKinds {
  private readonly portsOfRow = new Map<ResolvedRow, Node>();
  private readonly services: readonly ResolvedRow[];
  private readonly servicePorts: Node;
  private readonly publicSources: Node;
  private published: Node | undefined;

  /** @param rows those that document something */
  constructor(
    private readonly view: FamilyView,
    private readonly sets: RowSets,
    private readonly host: ResolvedHost,
    rows: readonly ResolvedRow[],
  ) {
    // Rows of services on the loopback interface; a row that documents the whole interface names none.
    this.services = rows.filter(
      (row) => row.direction === 'loopback' && row.all.every((one) => one.ports !== undefined),
    );
    this.servicePorts = this.portsOf(this.services);
    this.publicSources = publicSources(view);
  }

  /** The packets that one opener opens beyond the document, by a part of the hook. */
  excess(
    hook: FlowHook,
    part: Part,
    { packets, opener, shared, acceptors }: Opened,
    definite: boolean,
    documented: Documented,
  ): Excess {
    const rule = this.kind(hook, packets, documented);
    const wider =
      rule === 'wider-than-documented' ? documented.rows.filter((row) => this.within(packets, row)) : [];
    const listed =
      rule === 'loopback-service-exposed' ? this.services.filter((row) => this.within(packets, row)) : [];
    return {
      hook,
      packets,
      definite,
      rule,
      severity: this.severity(hook, part, packets),
      row: wider.length === 1 ? wider[0] : undefined,
      listed: listed.length === 1 ? listed[0] : undefined,
      opener,
      shared: shared ?? [],
      acceptors,
      flows: part.flows,
      unsure: definite
        ? []
        : documented.rows.filter((row) => meets(this.view.diagram, this.sets.undecided(row), packets)),
    };
  }

  private kind(hook: FlowHook, packets: Node, documented: Documented): Excess['rule'] {
    const { diagram } = this.view;
    if (hook === 'input' && within(diagram, packets, this.servicePorts)) return 'loopback-service-exposed';
    return within(diagram, packets, documented.ports) ? 'wider-than-documented' : 'undocumented-opening';
  }

  private within(packets: Node, row: ResolvedRow): boolean {
    return within(this.view.diagram, packets, this.portsOf([row]));
  }

  /** The protocols and ports of rows. */
  portsOf(rows: readonly ResolvedRow[]): Node {
    const sets = rows.map((row) => {
      const ports = this.portsOfRow.get(row) ?? this.sets.ports(row);
      this.portsOfRow.set(row, ports);
      return ports;
    });
    return this.view.diagram.orAll(sets);
  }

  /** Inbound from public addresses weighs most, outbound least. What is published at the host's address comes in, wherever it goes from there. */
  private severity(hook: FlowHook, { flows }: Part, packets: Node): Severity {
    if (hook === 'output') return 'low';
    const { diagram } = this.view;
    let inbound = packets;
    if (hook === 'forward') {
      if (!flows.some(isTranslated)) return 'medium';
      this.published ??= publishedPackets(this.view, this.host).packets;
      inbound = diagram.and(packets, this.published);
    }
    return meets(diagram, inbound, this.publicSources) ? 'high' : 'medium';
  }
}
