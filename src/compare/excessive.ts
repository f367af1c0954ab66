import type { ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { Severity } from '../finding/report.ts';
import { visible } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import { mirrored } from './mirror.ts';
import { doubtfulMembers, publicSources, unfilteredPeers } from './group-doubt.ts';
import { judgedPackets } from './judged-packets.ts';
import { openedBy, type Opened } from './excess-openers.ts';
import { meets, within } from './relations.ts';
import type { RowSets } from './row-sets.ts';
import type { FamilyView, FlowHook, HookView, Part } from './view.ts';

/** Openings beyond the document, that one line of a config makes. */
export interface Excess {
  readonly hook: FlowHook;
  readonly packets: Node;
  readonly definite: boolean;
  readonly rule: 'undocumented-opening' | 'wider-than-documented' | 'loopback-service-exposed';
  readonly severity: Severity;
  /** The documented row that it is wider than, where it is one. */
  readonly row: ResolvedRow | undefined;
  /** The one row that lists the exposed service for the loopback interface. */
  readonly listed: ResolvedRow | undefined;
  /** The rule or policy that accepts; undefined where no chain of the hook filters at all. */
  readonly opener: Opened['opener'];
  readonly flows: readonly Flow[];
  /** Undetermined rows that might document the packets. */
  readonly unsure: readonly ResolvedRow[];
}

/** What a direction of the hook's traffic may be, by the documents. */
interface Documented {
  readonly all: Node;
  /** What rows might document whose ports or features the site has not decided. */
  readonly undecided: Node;
  readonly rows: readonly ResolvedRow[];
  /** The protocols and ports of all rows. */
  readonly ports: Node;
}

const DIRECTION: Readonly<Record<FlowHook, 'in' | 'out' | 'forward'>> = {
  input: 'in',
  output: 'out',
  forward: 'forward',
};

const OPPOSITE: Readonly<Record<FlowHook, 'in' | 'out' | 'forward'>> = {
  input: 'out',
  output: 'in',
  forward: 'forward',
};

/** Compares what a hook lets through with what rows document. */
export class ExcessFinder {
  private readonly rows: readonly ResolvedRow[];
  private readonly portsOfRow = new Map<ResolvedRow, Node>();
  private readonly services: readonly ResolvedRow[];
  private readonly servicePorts: Node;
  private readonly publicSources: Node;

  constructor(
    private readonly view: FamilyView,
    private readonly sets: RowSets,
    private readonly host: ResolvedHost,
  ) {
    this.rows = host.baselines
      .flatMap((baseline) => baseline.rows)
      .filter(
        (row) => row.level !== 'prohibited' && row.status !== 'not-applicable' && row.states.includes('new'),
      )
      .filter((row) => row.families.includes(view.family));
    // Rows of services on the loopback interface; a row that documents the whole interface names none.
    this.services = this.rows.filter(
      (row) => row.direction === 'loopback' && row.all.every((one) => one.ports !== undefined),
    );
    this.servicePorts = this.portsOf(this.services);
    this.publicSources = publicSources(view);
  }

  /**
   * @param prohibited packets that are reported as prohibited, and so not again
   */
  find(hook: FlowHook, prohibited: Node): Excess[] {
    const direction = DIRECTION[hook];
    const judged = judgedPackets(this.view, this.host.baselines, direction);
    if (judged === NONE) return [];
    const view = this.view.hook(hook);
    const found = this.part(view, view.plain, this.documented([direction], undefined), prohibited, judged);
    if (hook !== 'forward') return found;
    // What a translation publishes is documented by rows about the host, or by rows about where it goes.
    for (const flow of view.translated.flows) {
      const part: Part =
        view.translated.flows.length === 1
          ? view.translated
          : { flows: [flow], bounds: this.flowBounds(view, flow) };
      const { diagram } = this.view;
      const moved = judged === ALL ? ALL : visible(diagram, view.analysis.pre(judged, flow.transform));
      const documented = this.documented(['in', 'forward'], flow);
      found.push(...this.part(view, part, documented, prohibited, diagram.or(judged, moved)));
    }
    return found;
  }

  private flowBounds(view: HookView, flow: Flow): Part['bounds'] {
    const { diagram } = this.view;
    const own = visible(diagram, flow.set);
    return { must: diagram.and(own, view.translated.bounds.must), may: own };
  }

  private documented(directions: readonly ResolvedRow['direction'][], flow: Flow | undefined): Documented {
    const { diagram } = this.view;
    const rows = this.rows.filter((row) => directions.includes(row.direction));
    const sets = rows.map((row) => {
      const set = this.sets.documented(row);
      if (flow === undefined || row.direction !== 'forward') return set;
      return diagram.or(set, visible(diagram, this.view.hook('forward').analysis.pre(set, flow.transform)));
    });
    return {
      all: diagram.orAll(sets),
      undecided: diagram.orAll(rows.map((row) => this.sets.undecided(row))),
      rows,
      ports: this.portsOf(rows),
    };
  }

  /** Replies to documented connections that a rule keeps out of conntrack: they arrive as first packets do. */
  private untrackedReplies(view: HookView): Node {
    const { diagram } = this.view;
    const flows = view.passage.accept.filter((flow) => flow.transform.notrack);
    const untracked = visible(diagram, diagram.orAll(flows.map((flow) => flow.set)));
    if (untracked === NONE) return NONE;
    const direction = OPPOSITE[view.hook];
    const rows = this.rows.filter((row) => row.direction === direction);
    return diagram.and(
      untracked,
      diagram.orAll(rows.map((row) => mirrored(this.view, this.sets.documented(row)))),
    );
  }

  private part(view: HookView, part: Part, documented: Documented, prohibited: Node, judged: Node): Excess[] {
    const { diagram } = this.view;
    const beyond = diagram.orAll([
      documented.all,
      prohibited,
      this.onLoopback(view.hook),
      this.untrackedReplies(view),
    ]);
    // Inside what an undetermined row might document an opening is no certain excess.
    const open = diagram.and(judged, diagram.difference(part.bounds.must, beyond));
    const members = doubtfulMembers(this.view, view.hook, open, documented.all);
    const undecided = diagram.or(documented.undecided, members);
    const definite = diagram.difference(open, undecided);
    const doubtful = diagram.and(judged, diagram.difference(part.bounds.may, part.bounds.must));
    const unsure = diagram.difference(doubtful, beyond);
    const possible = diagram.or(unsure, diagram.and(open, undecided));
    return [
      ...this.byOpener(view, part, definite, true, documented),
      ...this.byOpener(view, part, possible, false, documented),
    ];
  }

  /** Loopback traffic is judged only by rows about loopback. */
  private onLoopback(hook: FlowHook): Node {
    const { view } = this;
    const incoming = hook === 'output' ? NONE : view.loopback('in');
    return hook === 'input' ? incoming : view.diagram.or(incoming, view.loopback('out'));
  }

  private byOpener(
    view: HookView,
    part: Part,
    excess: Node,
    definite: boolean,
    documented: Documented,
  ): Excess[] {
    if (excess === NONE) return [];
    const unfiltered = unfilteredPeers(this.view, view.hook);
    return (
      openedBy(this.view, view, part, excess)
        // What the provider lets through whatever the config says is nobody's excess; a rule that opens more is told whole.
        .filter(
          ({ opener, packets }) =>
            !(opener !== undefined && 'implied' in opener && opener.implied !== undefined) &&
            !within(this.view.diagram, packets, unfiltered),
        )
        .map(({ packets, opener }) => this.excess(view, part, packets, definite, opener, documented))
    );
  }

  private excess(
    view: HookView,
    part: Part,
    packets: Node,
    definite: boolean,
    opener: Opened['opener'],
    documented: Documented,
  ): Excess {
    const rule = this.kind(view.hook, packets, documented);
    const wider =
      rule === 'wider-than-documented' ? documented.rows.filter((row) => this.within(packets, row)) : [];
    const listed =
      rule === 'loopback-service-exposed' ? this.services.filter((row) => this.within(packets, row)) : [];
    return {
      hook: view.hook,
      packets,
      definite,
      rule,
      severity: this.severity(view.hook, packets),
      row: wider.length === 1 ? wider[0] : undefined,
      listed: listed.length === 1 ? listed[0] : undefined,
      opener,
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
  private portsOf(rows: readonly ResolvedRow[]): Node {
    const sets = rows.map((row) => {
      const ports = this.portsOfRow.get(row) ?? this.sets.ports(row);
      this.portsOfRow.set(row, ports);
      return ports;
    });
    return this.view.diagram.orAll(sets);
  }

  /** Inbound from public addresses weighs most, outbound least. */
  private severity(hook: FlowHook, packets: Node): Severity {
    if (hook === 'output') return 'low';
    return hook === 'input' && meets(this.view.diagram, packets, this.publicSources) ? 'high' : 'medium';
  }
}
