import type { ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import type { Box, Evidence, Finding } from '../../finding/report.ts';
import { ALL, type Node, NONE } from '../../packet/diagram.ts';
import type { ConnectionState, Packet } from '../../packet/packet.ts';
import type { Ranges } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { shownBoxes } from './boxes.ts';
import { describePackets, knownGroups } from './describe.ts';
import { closingLines, decidersOf, openingLines, type StageHits } from './evidence.ts';
import { type Draft, finishFinding } from './finding.ts';
import { type DraftBase, type DraftRest, isGiven, stateOf } from './draft.ts';
import type { Astray } from '../required/astray.ts';
import { Replay, UNKNOWN } from './replay.ts';
import { hostAddresses } from '../rows/parties.ts';
import { shareOfSourcePorts } from './source-ports.ts';
import { TRANSLATED } from '../rows/translated-parts.ts';
import { sentWhereNobodyKnows, TAKES_OWN, TRANSLATED_TO_HOST } from '../required/unknown-ways.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { Carried } from '../loopback/carried.ts';
import type { FamilyView } from '../view/view.ts';
import { WitnessFinder } from './witness-finder.ts';

/** Makes findings of packet sets: boxes, a witness that the interpreter confirms, and evidence. */
export class FindingMaker {
  readonly replay: Replay;
  private readonly witnesses: WitnessFinder;
  private lastBoxes: { packets: Node; hook: FlowHook; boxes: readonly Box[] } = {
    packets: NONE,
    hook: 'input',
    boxes: [],
  };

  constructor(
    private readonly host: ResolvedHost,
    private readonly view: FamilyView,
    ruleset: Ruleset,
    private readonly astray: Astray,
  ) {
    this.replay = new Replay(ruleset);
    const own = hostAddresses(ruleset, host.own, view.family);
    this.witnesses = new WitnessFinder(view, astray, own);
  }

  /** A finding about packets that pass or do not, with its witness replayed. */
  finish(draft: DraftBase & DraftRest): Finding[] {
    const { certainty, hook } = draft;
    const witness = this.witnesses.find(draft);
    const shows = draft.witnessCertainty ?? certainty;
    const replayed =
      draft.unconfirmed === true
        ? UNKNOWN
        : this.replay.confirm(witness.packet, shows, draft.passes, this.elsewhere(draft));
    const rare = shows === 'possible' ? witness.matters.filter((text) => !isGiven(draft, text)) : [];
    const open = draft.openQuestions ?? [];
    const asked = [...replayed.dependsOn, ...rare, ...open];
    const doubts =
      asked.length === 0 && shows === 'possible'
        ? this.untold(draft, witness.packet, replayed.passes)
        : asked;
    const finding: Draft = {
      code: draft.code,
      rule: draft.rule,
      certainty,
      severity: draft.severity,
      row: draft.row,
      family: this.view.family,
      hook: this.view.shownHook(hook),
      packets: this.boxes(draft.packets, hook),
      witness,
      translated: draft.translated,
      evidence: draft.evidence,
      dependsOn: [...new Set(doubts)],
      message: draft.message,
      document: draft.document,
    };
    return [finishFinding(this.host.name, finding)];
  }

  /** Where what a row needs does not reach the row's destination. */
  private elsewhere({ row, passes }: DraftBase): Ranges<number> | Ranges<bigint> | undefined {
    return row === undefined || passes ? undefined : this.astray.elsewhere(row);
  }

  /** What a possible finding depends on whose witness has one verdict only, so that no match decides. */
  private untold(draft: DraftBase & DraftRest, packet: Packet, passes: boolean): readonly string[] {
    const { diagram } = this.view;
    const unknown = sentWhereNobodyKnows(this.view, this.view.hook(draft.hook, stateOf(draft)));
    if (passes && diagram.and(draft.packets, unknown) !== NONE)
      return [draft.hook === 'forward' ? TAKES_OWN : TRANSLATED_TO_HOST];
    // What passes by each of several ways is possible by each of them.
    if (passes && this.translates(draft)) return [TRANSLATED];
    if ((this.view.ruleset.cloud?.symbolic.length ?? 0) > 0) return [MEMBERS];
    return draft.unconfirmed === true ? [] : this.replay.chosenAnew(packet);
  }

  /** Whether any rule gives packets that come to the hook another destination. */
  private translates(draft: DraftBase): boolean {
    const state = stateOf(draft);
    const hooks: readonly FlowHook[] = this.view.isCloudOnly ? [] : [draft.hook, 'forward'];
    return hooks.some((hook) => this.view.hook(hook, state).translated.flows.length > 0);
  }

  /** The lines that deny packets of a set at a hook. */
  closingEvidence(hook: FlowHook, state: ConnectionState, packets: Node, carried?: Carried): Evidence[] {
    return closingLines(this.view, this.decidingLines(hook, state, packets, carried), packets);
  }

  /** The lines that let packets of a set through. */
  openingEvidence(hook: FlowHook, state: ConnectionState, packets: Node, carried?: Carried): Evidence[] {
    return openingLines(this.view, this.decidingLines(hook, state, packets, carried), packets);
  }

  private decidingLines(
    hook: FlowHook,
    state: ConnectionState,
    packets: Node,
    carried: Carried | undefined,
  ): StageHits[] {
    const some = this.view.diagram.and(packets, carried?.values ?? ALL);
    return decidersOf(this.view, carried?.hook ?? this.view.hook(hook, state), some, { linesOnly: true });
  }

  /** The packets of a set in a few words. */
  text(packets: Node, hook: FlowHook): string {
    return describePackets(this.boxes(packets, hook), knownGroups(this.view.ruleset));
  }

  /** See {@link shareOfSourcePorts}. */
  share(packets: Node, hook: FlowHook, row: ResolvedRow): string {
    return shareOfSourcePorts(this.boxes(packets, hook), row);
  }

  /** The boxes of a set; its message and its finding ask for them one after the other. */
  boxes(packets: Node, hook: FlowHook): readonly Box[] {
    if (this.lastBoxes.packets !== packets || this.lastBoxes.hook !== hook)
      this.lastBoxes = { packets, hook, boxes: shownBoxes(this.view, this.view.space.of(packets), hook) };
    return this.lastBoxes.boxes;
  }
}

/** What decides whether a packet with an address of a row's comes from the groups that rules name. */
export const MEMBERS = 'who the members are of groups that nobody gave';
