import { DiagramLimit, type Node } from '../../../src/packet/diagram.ts';
import { isMember } from '../../../src/packet/membership.ts';
import type { Packet } from '../../../src/packet/packet.ts';
import { PacketSpace } from '../../../src/packet/set.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import { Analysis } from '../../../src/symbolic/analysis.ts';
import type { KernelAnswer } from '../judge.ts';
import type { RoutePlan } from '../topology.ts';
import type { Comparison } from './compare.ts';

type Hook = 'input' | 'forward' | 'output';

/** The symbolic engine's sets of one rule set, made when a packet first asks for them. */
export class SymbolicJudge {
  private readonly space = new PacketSpace();
  private readonly sets = new Map<string, { readonly accept: Node; readonly deny: Node } | string>();

  constructor(private readonly ruleset: Ruleset) {}

  /** Whether the packet can pass, and whether it can be stopped; a text where the sets outgrow their bounds. */
  ask(packet: Packet): { readonly accept: boolean; readonly deny: boolean } | string {
    const sets = this.setsFor(packet);
    if (typeof sets === 'string') return sets;
    const { diagram } = this.space;
    return { accept: isMember(diagram, sets.accept, packet), deny: isMember(diagram, sets.deny, packet) };
  }

  private setsFor({ family, hook, state }: Packet) {
    const key = `${family} ${hook} ${state}`;
    let sets = this.sets.get(key);
    if (sets === undefined) {
      sets = this.compute({ family, hook: hook as Hook, state });
      this.sets.set(key, sets);
    }
    return sets;
  }

  private compute(scope: { family: 4 | 6; hook: Hook; state: Packet['state'] }) {
    try {
      const analysis = new Analysis(this.space, this.ruleset, scope);
      const { accept, deny } = analysis.pass(analysis.entry());
      return { accept: this.space.diagram.orAll(accept.map((flow) => flow.set)), deny };
    } catch (error) {
      if (error instanceof DiagramLimit) return error.message;
      throw error;
    }
  }
}

/**
 * A packet that translation sends elsewhere is in the sets of the hook that it goes to, not in those of the hook that
 * its own destination would have meant; one that may be translated or not is in both.
 */
function askWherever(symbolic: SymbolicJudge, packet: Packet, plan: RoutePlan, certain: boolean) {
  const found = symbolic.ask(packet);
  if (typeof found === 'string' || packet.hook === 'output') return found;
  if (certain && (found.accept || found.deny)) return found;
  const elsewhere =
    packet.hook === 'input'
      ? symbolic.ask({ ...packet, hook: 'forward', out: plan[packet.in] ?? '' })
      : symbolic.ask({ ...packet, hook: 'input', out: '' });
  if (typeof elsewhere === 'string') return elsewhere;
  return { accept: found.accept || elsewhere.accept, deny: found.deny || elsewhere.deny };
}

/** Compares the kernel's answer with membership in the symbolic engine's sets, and these with the interpreter's answer. */
export function compareWithSymbolic(
  symbolic: SymbolicJudge,
  packet: Packet,
  kernel: KernelAnswer,
  interpreted: Comparison,
  plan: RoutePlan,
): Comparison {
  const sure = interpreted.kind === 'agree' && interpreted.certain;
  const found = askWherever(symbolic, packet, plan, sure);
  if (typeof found === 'string') return { kind: 'undecided', why: `symbolic engine: ${found}` };
  const passes = kernel.verdict === 'accept';
  if (!(passes ? found.accept : found.deny)) {
    const sets = [found.accept ? 'accepted' : '', found.deny ? 'denied' : ''].filter(Boolean).join(' and ');
    return { kind: 'differ', why: `kernel ${kernel.verdict}, symbolic engine has it ${sets || 'nowhere'}` };
  }
  const certain = found.accept !== found.deny;
  if (!certain && sure)
    return {
      kind: 'undecided',
      why: 'symbolic engine: accepted and denied, while the interpreter is certain',
    };
  return { kind: 'agree', certain };
}
