import type { ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import { ALL, type Node, NONE } from '../packet/diagram.ts';
import type { Severity } from '../finding/report.ts';
import { visible } from '../symbolic/bounds.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { Hit } from '../symbolic/walk.ts';
import { PUBLIC4, PUBLIC6 } from './addresses.ts';
import { mirrored } from './mirror.ts';
import { judgedPackets } from './judged-packets.ts';
import { openersOf } from './excess-openers.ts';
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
  readonly opener: Hit | undefined;
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
    const definite = diagram.difference(open, documented.undecided);
    const doubtful = diagram.and(judged, diagram.difference(part.bounds.may, part.bounds.must));
    const unsure = diagram.difference(doubtful, beyond);
    const possible = diagram.or(unsure, diagram.and(open, documented.undecided));
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
    const { diagram } = this.view;
    const found: Excess[] = [];
    let rest = excess;
    const add = (packets: Node, opener: Hit | undefined): void => {
      if (packets === NONE) return;
      rest = diagram.difference(rest, packets);
      found.push(this.excess(view, part, packets, definite, opener, documented));
    };
    for (const { hits } of openersOf(this.view, view, part, excess))
      for (const hit of hits) add(diagram.and(rest, visible(diagram, hit.set)), hit);
    add(rest, undefined);
    return found;
  }

  private excess(
    view: HookView,
    part: Part,
    packets: Node,
    definite: boolean,
    opener: Hit | undefined,
    documented: Documented,
  ): Excess {
    const rule = this.kind(view.hook, packets, documented);
    const wider =
      rule === 'wider-than-documented' ? documented.rows.filter((row) => this.within(packets, row)) : [];
    const listed =
      rule === 'loopback-service-exposed' ? this.services().filter((row) => this.within(packets, row)) : [];
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
        : documented.rows.filter((row) => this.view.diagram.and(this.sets.undecided(row), packets) !== NONE),
    };
  }

  private kind(hook: FlowHook, packets: Node, documented: Documented): Excess['rule'] {
    const { diagram } = this.view;
    const loopback = this.services();
    const ports = (rows: readonly ResolvedRow[]): Node =>
      diagram.orAll(rows.map((row) => this.sets.ports(row)));
    if (hook === 'input' && diagram.difference(packets, ports(loopback)) === NONE)
      return 'loopback-service-exposed';
    return diagram.difference(packets, ports(documented.rows)) === NONE
      ? 'wider-than-documented'
      : 'undocumented-opening';
  }

  /** Rows of services on the loopback interface; a row that documents the whole interface names none. */
  private services(): ResolvedRow[] {
    return this.rows.filter(
      (row) => row.direction === 'loopback' && row.all.every((one) => one.ports !== undefined),
    );
  }

  private within(packets: Node, row: ResolvedRow): boolean {
    return this.view.diagram.difference(packets, this.sets.ports(row)) === NONE;
  }

  /** Inbound from public addresses weighs most, outbound least. */
  private severity(hook: FlowHook, packets: Node): Severity {
    if (hook === 'output') return 'low';
    const values = this.view.family === 4 ? PUBLIC4 : PUBLIC6;
    const open = this.view.diagram.and(packets, this.view.field('src', values)) !== NONE;
    return hook === 'input' && open ? 'high' : 'medium';
  }
}
