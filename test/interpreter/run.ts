import {
  answering,
  type Circumstances,
  interpret,
  outcomes,
  type Trace,
} from '../../src/interpreter/index.ts';
import type { Packet } from '../../src/packet/packet.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { ACCEPT, chain, rule, ruleset } from '../support/rules.ts';

/** The verdict where no unmodelled match holds, but for those of `answers`. */
export function verdictOf(
  rules: Ruleset,
  packet: Packet,
  answers: Record<string, boolean | string> = {},
  circumstances: Circumstances = {},
): Trace['verdict'] {
  return interpret(rules, packet, answering(answers), circumstances).verdict;
}

/** The verdicts that can be reached, joined: `accept`, `accept drop`, … */
export function reachable(rules: Ruleset, packet: Packet, circumstances: Circumstances = {}): string {
  const { verdicts, note } = outcomes(rules, packet, circumstances);
  return note === undefined ? verdicts.join(' ') : `gave up: ${note}`;
}

/** Whether the packet matches the condition: `yes`, `no` or `unknown`, asked by a drop-all chain with one accept. */
export function matches(
  condition: Condition,
  packet: Packet,
  options: Parameters<typeof ruleset>[1] & { circumstances?: Circumstances } = {},
): 'yes' | 'no' | 'unknown' {
  const hook = packet.hook;
  const rules = ruleset([chain(hook, [rule(condition, ACCEPT)], { hook, policy: 'drop' })], options);
  const found = reachable(rules, packet, options.circumstances);
  return found === 'accept' ? 'yes' : found === 'drop' ? 'no' : 'unknown';
}

/** What the path did, one `chain: did` for each step. */
export function pathOf(
  rules: Ruleset,
  packet: Packet,
  answers: Record<string, boolean | string> = {},
): string[] {
  return interpret(rules, packet, answering(answers)).path.map((s) => `${s.chain.name}: ${s.did}`);
}
