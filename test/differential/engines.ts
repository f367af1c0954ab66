import { outcomes, type Trace } from '../../src/interpreter/index.ts';
import { ALL, Diagram, type Node } from '../../src/packet/diagram.ts';
import { type Layout, LAYOUTS } from '../../src/packet/layout.ts';
import { rangesNode } from '../../src/packet/literals.ts';
import { isMember } from '../../src/packet/membership.ts';
import type { Packet } from '../../src/packet/packet.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { asksOneInterfaceTwice, leavesChoices } from '../../src/rule/left-open.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { Analysis, type Passage } from '../../src/symbolic/analysis.ts';
import { numberingFor } from '../../src/symbolic/layout/numbering-choice.ts';
import type { Scope } from '../../src/symbolic/scope.ts';

/** Every list of addresses is taken for a burden. */
const EVERY_LIST = { long: 1, fewest: 0 };

/** Which ends a packet can come to. */
export interface Ends {
  readonly accept: boolean;
  readonly deny: boolean;
}

/** How much of a packet an analysis takes for granted: its state, flags and fragment (as reports do), or nothing. */
export type Precision = 'fixed' | 'open';

/** The symbolic engine's answers for one rule set; packets of one scope share an analysis. */
export class Symbolic {
  private readonly space: PacketSpace;
  private readonly passages = new Map<string, Passage>();

  constructor(
    private readonly ruleset: Ruleset,
    private readonly precision: Precision,
  ) {
    // Each order of the fields is asked about random rule sets, with other numbers for addresses and without.
    const size = ruleset.chains.reduce((sum, { rules }) => sum + rules.length, 0);
    const layout = LAYOUTS[(size >> 1) % LAYOUTS.length] as Layout;
    const numbering = size % 2 === 0 ? numberingFor(ruleset, EVERY_LIST) : undefined;
    this.space = new PacketSpace(new Diagram({ layout, numbering }));
  }

  /** What the symbolic engine says can happen to the packet. */
  answer(packet: Packet): Ends {
    const { diagram } = this.space;
    const { accept, deny } = this.passage(packet);
    const groups = this.groupsOf(packet);
    return {
      accept: accept.some((flow) => isMember(diagram, diagram.and(flow.set, groups), packet)),
      deny: isMember(diagram, diagram.and(deny, groups), packet),
    };
  }

  /** Packets whose ends are of the packet's groups; here an end is of one at most. */
  private groupsOf({ groups, peerGroups }: Packet): Node {
    const symbolic = this.ruleset.cloud?.symbolic ?? [];
    if (symbolic.length === 0) return ALL;
    const { diagram } = this.space;
    const of = (field: 'ownGroup' | 'peerGroup', names: readonly string[]): Node => {
      const number = symbolic.indexOf(names[0] ?? '') + 1;
      return rangesNode(diagram, field, [number, number], ALL);
    };
    return diagram.and(of('ownGroup', groups), of('peerGroup', peerGroups));
  }

  private passage(packet: Packet): Passage {
    const { family, hook, state, tcpFlags, fragment } = packet;
    const scope: Scope = {
      family,
      hook: hook as Scope['hook'],
      ...(this.precision === 'fixed' ? { state, tcpFlags, fragment } : {}),
    };
    const key = JSON.stringify(scope);
    let passage = this.passages.get(key);
    if (passage === undefined) {
      const analysis = new Analysis(this.space, this.ruleset, scope);
      passage = analysis.pass(analysis.entry());
      this.passages.set(key, passage);
    }
    return passage;
  }
}

/** How the engines' answers about one packet differ; undefined where they do not. */
export function disagreement(ruleset: Ruleset, packet: Packet, symbolic: Symbolic): string | undefined {
  const { verdicts, note, traces } = outcomes(ruleset, packet);
  // A translation may send the packet elsewhere than its hook says; the symbolic engine counts it at that other hook.
  if (note !== undefined || traces.some((trace) => leaves(trace, packet))) return undefined;
  const plain: Ends = {
    accept: verdicts.includes('accept'),
    deny: verdicts.some((verdict) => verdict !== 'accept'),
  };
  const found = symbolic.answer(packet);
  const lacks = (plain.accept && !found.accept) || (plain.deny && !found.deny);
  const extra = (found.accept && !plain.accept) || (found.deny && !plain.deny);
  if (!lacks && !(extra && !leavesChoices(ruleset) && !asksOneInterfaceTwice(ruleset, packet)))
    return undefined;
  return `interpreter ${show(plain)}, symbolic ${show(found)}`;
}

/** Whether a translation sends the packet elsewhere than its hook says, or would if routing did not stop it. */
function leaves({ hook, stopped }: Pick<Trace, 'hook' | 'stopped'>, packet: Packet): boolean {
  return hook !== packet.hook || (packet.hook === 'input' && stopped !== undefined);
}

function show({ accept, deny }: Ends): string {
  return [accept ? 'accept' : '', deny ? 'deny' : ''].filter(Boolean).join('|') || 'nothing';
}
