import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import type { Finding, Translated } from '../../finding/report.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { isImplied } from './opened-parts.ts';
import { openedBy } from './openers.ts';
import type { FindingMaker } from '../finding/maker.ts';
import { areToItself, withItself, withoutOthers } from './judged-packets.ts';
import { forbiddenAndSentOn } from './sent-on.ts';
import { unfilteredPeers } from './group-doubt.ts';
import { listGroups, machineGroups, PUBLIC_MEMBERS } from '../rows/parties.ts';
import type { RowSets } from '../rows/row-sets.ts';
import { asTheyArrive, CHOSEN, staysHere, translatedParts } from '../rows/translated-parts.ts';
import { translatedText } from '../finding/translated.ts';
import type { FlowHook, HookView, Part } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';

/** Packets that a row forbids and that pass, of one part of a hook. */
interface Forbidden {
  readonly definite: Node;
  readonly possible: Node;
}

/** Open packets that a row forbids. */
interface Open {
  readonly row: ResolvedRow;
  readonly hook: FlowHook;
  readonly state: ConnectionState;
  readonly packets: Node;
  readonly definite: boolean;
  readonly translated?: Translated;
  /** Packets that surely pass: what else decides whether the row forbids them. */
  readonly open?: string;
}

/** What of prohibited rows is open in one family. */
export class Prohibitions {
  private readonly told: Record<FlowHook, Node> = { input: NONE, forward: NONE, output: NONE };

  constructor(
    private readonly view: FamilyView,
    private readonly sets: RowSets,
    private readonly make: FindingMaker,
    private readonly host: ResolvedHost,
  ) {}

  /** Packets that are reported as prohibited, and so not again as excess. */
  packets(hook: FlowHook): Node {
    return this.told[hook];
  }

  /**
   * What is forbidden is so by the port at which it arrives and by the one to which a rule translates it: a service that nobody
   * may reach is reached through any port that leads to it, and a port that nobody may open is open wherever it leads.
   */
  findings(row: ResolvedRow, hook: FlowHook): Finding[] {
    const { diagram } = this.view;
    const found: Finding[] = [];
    // What is open in one state of the row, or by one way, is not reported again for another.
    let told: Node = NONE;
    for (const state of row.states) {
      const view = this.view.hook(hook, state);
      const documented = this.sets.documented(row);
      const sentOn = hook === 'input' ? forbiddenAndSentOn(this.view, documented, state) : NONE;
      for (const part of this.parts(row, view)) {
        const all = this.forbidden(row, view, part);
        const members = this.doubtful(row, view, all.definite);
        const sure = diagram.difference(all.definite, members);
        const definite = this.withoutProvider(row, view, part, sure);
        const possible = this.withoutProvider(row, view, part, diagram.or(all.possible, members));
        const translated = translatedText(part.flows, this.view.family);
        const rest = diagram.difference(possible, diagram.or(told, sentOn));
        const fresh = [diagram.difference(definite, told), rest] as const;
        told = diagram.orAll([told, definite, possible]);
        // What surely passes and may be sent somewhere forbidden depends on where the translation sends it.
        const surely = diagram.and(fresh[1], view.bounds.must);
        const doubted = diagram.and(surely, members);
        const open = { row, hook, state, ...(translated === undefined ? {} : { translated }) };
        found.push(
          ...this.opened({ ...open, packets: fresh[0], definite: true }),
          ...this.opened({ ...open, packets: doubted, definite: false, open: PUBLIC_MEMBERS }),
          ...this.opened({
            ...open,
            packets: diagram.difference(surely, doubted),
            definite: false,
            open: CHOSEN,
          }),
          ...this.opened({ ...open, packets: diagram.difference(fresh[1], surely), definite: false }),
        );
      }
    }
    this.told[hook] = diagram.or(this.told[hook], told);
    return found;
  }

  /** Inbound rows are about what goes to the host, and about what a rule sends on from there. */
  private parts(row: ResolvedRow, view: HookView): readonly Part[] {
    const moved = view.translated.flows.length === 0 ? [] : translatedParts(this.view, view);
    if (view.hook === 'forward' && row.direction === 'in') return moved;
    // What a process sends and a rule brings back does not leave.
    const leaving = view.hook === 'output' ? moved.filter(({ flows }) => !flows.every(staysHere)) : moved;
    return [view.plain, ...leaving];
  }

  /** What the row forbids. Machines of somebody's own networks are not the Internet, whatever addresses they have. */
  private documented(row: ResolvedRow, { hook }: HookView): Node {
    const { diagram, ruleset } = this.view;
    // What a rule sends on leaves the host; over `lo` it would reach nobody.
    const sent = hook === 'forward' ? this.view.offLoopback('out') : ALL;
    const all = diagram.and(this.sets.documented(row), sent);
    const { binding } = hook === 'output' ? row.destination : row.source;
    const machines = binding === 'internet' ? machineGroups(ruleset) : [];
    return machines.length === 0 ? all : diagram.difference(all, this.view.field('peerGroup', machines));
  }

  private forbidden(row: ResolvedRow, view: HookView, part: Part): Forbidden {
    const { diagram } = this.view;
    const forbidden = this.documented(row, view);
    const { must, may } = part.bounds;
    const surely =
      view.hook === 'forward' && row.direction === 'in' ? must : diagram.and(view.bounds.must, may);
    const arriving = diagram.and(surely, forbidden);
    const perhaps = diagram.and(may, forbidden);
    if (part === view.plain) return { definite: arriving, possible: diagram.difference(perhaps, arriving) };
    const there = asTheyArrive(this.view, view, part.flows, forbidden);
    // A rule that asks for chance sends the same packets to several places: only what goes nowhere else surely gets there.
    const elsewhere =
      there === NONE ? NONE : asTheyArrive(this.view, view, view.translated.flows, diagram.not(forbidden));
    const definite = diagram.or(arriving, diagram.difference(diagram.and(must, there), elsewhere));
    return { definite, possible: diagram.difference(diagram.or(perhaps, diagram.and(may, there)), definite) };
  }

  /**
   * Packets of the set that are forbidden only if members of lists and tags that nobody gave have public addresses: where these alone may
   * enter, that it is the Internet is possible.
   */
  private doubtful(row: ResolvedRow, { hook }: HookView, definite: Node): Node {
    const { diagram, ruleset } = this.view;
    const { binding } = hook === 'output' ? row.destination : row.source;
    const groups = binding === 'internet' ? listGroups(ruleset) : [];
    if (groups.length === 0) return NONE;
    const anybody = diagram.and(definite, this.view.field('peerGroup', [0, 0]));
    return diagram.difference(
      diagram.and(definite, this.view.field('peerGroup', groups)),
      this.view.project(anybody, ['peerGroup']),
    );
  }

  /**
   * Without what the provider lets through whatever the config says, unless a rule that opens more does too: no rule could close it,
   * and "any" and the Internet do not mean it. A row that forbids just these addresses is taken at its word.
   */
  private withoutProvider(
    { source, destination }: ResolvedRow,
    view: HookView,
    part: Part,
    packets: Node,
  ): Node {
    const { diagram } = this.view;
    const { binding } = view.hook === 'output' ? destination : source;
    if (binding !== 'any' && binding !== 'internet') return packets;
    const theirs = unfilteredPeers(this.view, view.hook);
    if (diagram.and(packets, theirs) === NONE) return packets;
    const others = openedBy(this.view, view, part, packets).filter(
      ({ opener, packets: by }) => !isImplied(opener) && diagram.difference(by, theirs) !== NONE,
    );
    return diagram.orAll(others.map(({ packets: by }) => by));
  }

  private opened({ row, hook, state, packets: all, definite, translated, open }: Open): Finding[] {
    if (all === NONE) return [];
    if (areToItself(this.view, all, withItself(this.view, this.host, hook))) return [];
    const packets = withoutOthers(this.view, this.host, hook, all);
    if (packets === NONE) return [];
    return this.make.finish({
      code: 'conflicting',
      rule: 'prohibited-open',
      certainty: definite ? 'definite' : 'possible',
      severity: 'critical',
      row,
      hook,
      state,
      packets,
      ...(translated === undefined ? {} : { translated }),
      ...(open === undefined ? {} : { witnessCertainty: 'definite', openQuestions: [open] }),
      evidence: this.make.openingEvidence(hook, state, packets),
      message: `The document forbids this, and it ${definite ? 'is' : 'can be'} open: ${this.make.text(packets, hook)}${wordsOf(translated)}.`,
      passes: true,
    });
  }
}

function wordsOf(translated: Translated | undefined): string {
  if (translated === undefined) return '';
  const { destination, port } = translated;
  const words = [
    ...(destination === undefined ? [] : [destination]),
    ...(port === undefined ? [] : [`port ${port}`]),
  ];
  return words.length === 0 ? '' : `, translated to ${words.join(' ')}`;
}
