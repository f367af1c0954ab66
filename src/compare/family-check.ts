import type { ResolvedHost, ResolvedRow } from '../baseline/model.ts';
import type { Box, Evidence, Finding } from '../finding/report.ts';
import { type Node, NONE } from '../packet/diagram.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { usualPackets } from '../symbolic/bounds.ts';
import { toBoxes } from './boxes.ts';
import { closingLines, decidersOf, openingLines, type StageHits } from './evidence.ts';
import { ExcessFinder, type Excess } from './excessive.ts';
import { type Draft, evidenceOf, finishFinding } from './finding.ts';
import { Judge, type RowJudgement } from './judgement.ts';
import { Layers } from './layers.ts';
import { maskedPackets } from './masked.ts';
import { describePackets } from './describe.ts';
import { Replay } from './replay.ts';
import { RowSets } from './row-sets.ts';
import { translatedText } from './translated.ts';
import { ACK, FamilyView, type FlowHook, SYN } from './view.ts';
import { witnessOf } from './witness.ts';

/** One host in one family: every kind of finding, each about packets that no other finding has. */
export class FamilyCheck {
  readonly view: FamilyView;
  readonly sets: RowSets;
  readonly replay: Replay;
  private readonly judge: Judge;
  private readonly layers: Layers;
  private readonly closing = new Map<string, StageHits[]>();
  private lastBoxes: { packets: Node; hook: FlowHook; boxes: readonly Box[] } = {
    packets: NONE,
    hook: 'input',
    boxes: [],
  };
  private prohibitedPackets: Record<FlowHook, Node> = { input: NONE, forward: NONE, output: NONE };

  constructor(
    readonly host: ResolvedHost,
    readonly ruleset: Ruleset,
    readonly family: 4 | 6,
  ) {
    this.view = new FamilyView(ruleset, family);
    this.sets = new RowSets(this.view, host);
    this.judge = new Judge(this.view, this.sets);
    this.layers = new Layers(this.view);
    this.replay = new Replay(ruleset);
  }

  /** How a required or optional row stands; undefined where it says nothing about the family. */
  judgement(row: ResolvedRow): RowJudgement | undefined {
    return this.judge.judge(row);
  }

  /** What of a prohibited row is open. */
  prohibited(row: ResolvedRow): Finding[] {
    if (!this.sets.concerns(row)) return [];
    const { diagram } = this.view;
    const forbidden = this.sets.documented(row);
    const hooks: FlowHook[] =
      row.direction === 'in' ? ['input', 'forward'] : [row.direction === 'out' ? 'output' : 'forward'];
    return hooks.flatMap((hook) => {
      const view = this.view.hook(hook, row.states[0]);
      const { must, may } =
        row.direction === 'in' && hook === 'forward' ? view.translated.bounds : view.bounds;
      const definite = diagram.and(must, forbidden);
      const possible = diagram.and(diagram.difference(may, must), forbidden);
      this.prohibitedPackets[hook] = diagram.or(this.prohibitedPackets[hook], diagram.or(definite, possible));
      return [...this.opened(row, hook, definite, true), ...this.opened(row, hook, possible, false)];
    });
  }

  private opened(row: ResolvedRow, hook: FlowHook, packets: Node, definite: boolean): Finding[] {
    if (packets === NONE) return [];
    const stages = decidersOf(this.view, this.view.hook(hook, row.states[0]), packets);
    const what = describePackets(this.boxes(packets, hook));
    return this.finish({
      code: 'conflicting',
      rule: 'prohibited-open',
      certainty: definite ? 'definite' : 'possible',
      severity: 'critical',
      row,
      hook,
      packets,
      evidence: openingLines(this.view, stages, packets),
      message: `The document forbids this, and ${definite ? 'it is open' : 'it can be open'}: ${what}.`,
      passes: true,
    });
  }

  /** What a row needs and what is closed, split into masked, disputed by layers, and simply missing. */
  missing(row: ResolvedRow, packets: Node, definite: boolean, whole: boolean): Finding[] {
    if (packets === NONE) return [];
    const hook = this.closedHook(row, packets);
    const hookView = this.view.hook(hook, row.states[0]);
    const closing = decidersOf(this.view, hookView, packets);
    const { diagram } = this.view;
    const masked = maskedPackets(this.view, hookView, packets, closing);
    const findings: Finding[] = [];
    const base = {
      row,
      hook,
      certainty: definite ? ('definite' as const) : ('possible' as const),
      severity: 'high' as const,
      passes: false,
    };
    if (masked.packets !== NONE)
      findings.push(
        ...this.finish({
          ...base,
          code: 'conflicting',
          rule: 'masked',
          packets: masked.packets,
          evidence: [
            ...closingLines(this.view, closing, masked.packets),
            ...openingLines(this.view, masked.opening, masked.packets).map((line) => ({
              ...line,
              note: 'would open',
            })),
          ],
          message: `A rule that would let ${this.text(masked.packets, hook)} through stands behind one that ${definite ? 'takes' : 'can take'} these packets.`,
        }),
      );
    // Where one interface or address is enough, the masked rule would have opened it for all of them.
    const free = this.sets.freeFields(row);
    let rest = diagram.difference(packets, this.view.project(masked.packets, free));
    const dispute = rest === NONE ? undefined : this.layers.dispute(hook, rest);
    if (dispute !== undefined) {
      findings.push(...this.disputed(base, dispute.packets, closing, dispute.opening));
      rest = diagram.difference(rest, this.view.project(dispute.packets, free));
    }
    if (rest !== NONE) findings.push(...this.closed(base, rest, closing, whole && rest === packets));
    return findings;
  }

  private disputed(
    base: DraftBase,
    packets: Node,
    closing: readonly StageHits[],
    opening: readonly StageHits[],
  ): Finding[] {
    return this.finish({
      ...base,
      code: 'conflicting',
      rule: 'layers-disagree',
      packets,
      evidence: [...openingLines(this.view, opening, packets), ...closingLines(this.view, closing, packets)],
      message: `One layer of the host opens ${this.text(packets, base.hook)}, and another closes it.`,
    });
  }

  private closed(base: DraftBase, packets: Node, closing: readonly StageHits[], whole: boolean): Finding[] {
    const what = this.text(packets, base.hook);
    const verb = base.certainty === 'definite' ? 'cannot pass' : 'may not pass';
    return this.finish({
      ...base,
      code: 'missing',
      rule: whole ? 'closed' : 'partly-closed',
      packets,
      evidence: closingLines(this.view, closing, packets),
      message: whole ? `Needed, and ${verb}: ${what}.` : `Needed too, and ${verb}: ${what}.`,
    });
  }

  /** The hook at which a row's first packets are judged. */
  hookOf(row: ResolvedRow): FlowHook {
    if (row.direction === 'forward') return 'forward';
    return row.direction === 'out' ? 'output' : 'input';
  }

  /** Where the packets stop: a loopback connection may leave and still not come in. */
  private closedHook(row: ResolvedRow, packets: Node): FlowHook {
    if (row.direction === 'out') return 'output';
    if (row.direction === 'forward') return 'forward';
    if (row.direction === 'in') return 'input';
    const arriving = this.view.project(this.view.hook('input', row.states[0]).bounds.must, ['in']);
    return this.view.diagram.difference(packets, arriving) === NONE ? 'output' : 'input';
  }

  /** A finding about packets that pass or do not, with its witness replayed. */
  finish(draft: DraftBase & PartialDraft): Finding[] {
    const { passes, packets, states, unconfirmed, witnessCertainty, openQuestions, ...rest } = draft;
    const shows = witnessCertainty ?? rest.certainty;
    const state = states?.state ?? rest.row?.states[0] ?? 'new';
    const flags = states?.tcpFlags ?? (state === 'new' ? SYN : ACK);
    const onLoopback = rest.row?.direction === 'loopback';
    const candidates = this.candidates(rest.hook, packets, state, passes, shows === 'definite', onLoopback);
    const witness = witnessOf(this.view, candidates, rest.hook, state, flags);
    // A finding without a packet would be a finding without proof.
    if (witness === undefined) throw new Error(`no packet shows the finding ${rest.rule} at ${rest.hook}`);
    const replayed = unconfirmed === true ? [] : this.replay.confirm(witness.packet, shows, passes);
    const dependsOn = [...replayed, ...(openQuestions ?? [])];
    const finding: Draft = {
      ...rest,
      family: this.family,
      packets: this.boxes(packets, rest.hook),
      witness,
      dependsOn,
    };
    return [finishFinding(this.host.name, finding)];
  }

  /** The finding's packets with the fields that boxes do not have, as they must be for the finding to show. */
  private candidates(
    hook: FlowHook,
    packets: Node,
    state: ResolvedRow['states'][number],
    passes: boolean,
    definite: boolean,
    onLoopback: boolean,
  ): Node {
    const { diagram } = this.view;
    const { analysis, passage } = this.view.hook(hook, state);
    let entering = diagram.and(analysis.entry(), packets);
    if (onLoopback) entering = diagram.and(entering, this.view.loopback(hook === 'output' ? 'out' : 'in'));
    const usual = diagram.and(entering, usualPackets(diagram));
    if (definite) return usual === NONE ? entering : usual;
    const accepted = diagram.orAll(passage.accept.map((flow) => flow.set));
    const wanted = diagram.and(entering, passes ? accepted : passage.deny);
    const common = diagram.and(wanted, usualPackets(diagram));
    return common === NONE ? wanted : common;
  }

  /** Everything that the closed directions let through beyond the documents. */
  excess(): Finding[] {
    const finder = new ExcessFinder(this.view, this.sets, this.host);
    return (['input', 'forward', 'output'] as const).flatMap((hook) =>
      finder.find(hook, this.prohibitedPackets[hook]).flatMap((excess) => this.excessive(excess)),
    );
  }

  private excessive(excess: Excess): Finding[] {
    const { hook, packets, definite, opener } = excess;
    const translated = translatedText(excess.flows, this.family);
    return this.finish({
      code: 'excessive',
      rule: excess.rule,
      certainty: definite ? 'definite' : 'possible',
      severity: excess.severity,
      ...(excess.row === undefined ? {} : { row: excess.row }),
      ...(excess.listed === undefined ? {} : { document: excess.listed.document }),
      hook,
      packets,
      evidence: this.openerLines(excess),
      openQuestions: excess.unsure.map(
        (row) => `what the site decides about row ${row.id} (${row.reason ?? row.status})`,
      ),
      ...(translated === undefined ? {} : { translated }),
      message: `${definite ? 'Open' : 'Can be open'}, and no row documents it: ${this.text(packets, hook)}.${opener === undefined ? ' No chain of this hook filters it.' : ''}`,
      passes: true,
    });
  }

  private openerLines({ opener, hook, packets, flows }: Excess): Evidence[] {
    const isTranslated = flows.some((flow) => flow.transform.destination !== undefined);
    if (isTranslated)
      return openingLines(this.view, decidersOf(this.view, this.view.hook(hook), packets), packets);
    if (opener === undefined) return this.someChain(hook);
    const note = opener.rule === undefined ? 'policy opens' : 'opens';
    return [evidenceOf((opener.rule ?? opener.chain).origin, note)];
  }

  /** Where nothing filters a hook there is no line to show but where a rule would stand. */
  private someChain(hook: FlowHook): Evidence[] {
    const chains = this.ruleset.chains.filter((chain) => chain.families.includes(this.family));
    const nearest = chains.find((chain) => chain.table === 'filter') ?? chains[0];
    return nearest === undefined ? [] : [evidenceOf(nearest.origin, `no chain filters ${hook} here`)];
  }

  /** The lines that deny packets of a set at a hook. */
  closingEvidence(hook: FlowHook, state: ResolvedRow['states'][number], packets: Node): Evidence[] {
    const key = `${hook} ${state} ${packets}`;
    const stages = this.closing.get(key) ?? decidersOf(this.view, this.view.hook(hook, state), packets);
    this.closing.set(key, stages);
    return closingLines(this.view, stages, packets);
  }

  /** The lines that let packets of a set through. */
  openingEvidence(hook: FlowHook, packets: Node): Evidence[] {
    return openingLines(this.view, decidersOf(this.view, this.view.hook(hook), packets), packets);
  }

  /** The boxes of a set; its message and its finding ask for them one after the other. */
  private boxes(packets: Node, hook: FlowHook): readonly Box[] {
    if (this.lastBoxes.packets !== packets || this.lastBoxes.hook !== hook)
      this.lastBoxes = { packets, hook, boxes: toBoxes(this.view.space.of(packets), this.family, hook) };
    return this.lastBoxes.boxes;
  }

  /** The packets of a set in a few words. */
  text(packets: Node, hook: FlowHook): string {
    return describePackets(this.boxes(packets, hook));
  }
}

interface DraftBase {
  readonly row?: ResolvedRow;
  readonly hook: FlowHook;
  readonly certainty: Draft['certainty'];
  readonly severity: Draft['severity'];
  /** Whether the finding is that the packets pass, or that they do not. */
  readonly passes: boolean;
}

interface PartialDraft
  extends Pick<Draft, 'code' | 'rule' | 'evidence' | 'message' | 'document' | 'translated'> {
  readonly packets: Node;
  /** Where the witness shows something else than the finding: a half-open connection's first packet passes. */
  readonly witnessCertainty?: Draft['certainty'];
  /** What the site has not decided and the finding depends on. */
  readonly openQuestions?: readonly string[];
  /** The finding is about documents, and its witness passes or not. */
  readonly unconfirmed?: boolean;
  /** The packets' state and flags where they are no first packets. */
  readonly states?: { readonly state: ResolvedRow['states'][number]; readonly tcpFlags: number };
}
