import fc from 'fast-check';
import type { Packet } from '../../src/packet/packet.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Action } from '../../src/rule/action.ts';
import type { Chain, Ruleset } from '../../src/rule/ruleset.ts';

/** A case that prints itself shortly when it fails. */
export interface Case {
  readonly ruleset: Ruleset;
  readonly packets: readonly Packet[];
}

export function readable([ruleset, packets]: [Ruleset, Packet[]]): Case {
  const text = (): string => `${showRuleset(ruleset)}\n${packets.map(showPacket).join('\n')}\n`;
  return Object.assign({ ruleset, packets }, { [fc.toStringMethod]: text });
}

/** One line for each rule. */
export function showRuleset(ruleset: Ruleset): string {
  const chains = ruleset.chains.filter((chain) => chain.rules.length > 0 || chain.base?.policy === 'drop');
  const facts = ruleset.host === undefined ? '' : ' (host facts given)';
  return `\n${[...ruleset.families].join('+')}${facts}\n${chains.map(showChain).join('\n')}`;
}

function showChain(chain: Chain): string {
  const base =
    chain.base === undefined ? '' : ` ${chain.base.hook} ${chain.base.priority} policy ${chain.base.policy}`;
  const rules = chain.rules.map(
    (rule) => `  ${showCondition(rule.match)} => ${rule.actions.map(showAction).join(', ')}`,
  );
  return [`${chain.id}${base}`, ...rules].join('\n');
}

function showCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'always':
    case 'never':
      return condition.kind;
    case 'not':
      return `!(${showCondition(condition.of)})`;
    case 'and':
    case 'or':
      return `(${condition.of.map(showCondition).join(` ${condition.kind} `)})`;
    case 'opaque':
      return `?${condition.stateful ? '!' : ''}${condition.text}`;
    case 'set':
      return `@${condition.set} ${condition.directions.join()}`;
    default:
      return plain({ ...condition, kind: undefined });
  }
}

function showAction(action: Action): string {
  if (action.kind === 'require') return `require ${showCondition(action.match)}`;
  return action.kind === 'verdict'
    ? action.verdict
    : `${action.kind} ${plain({ ...action, kind: undefined })}`;
}

export function showPacket(packet: Packet): string {
  return plain(packet);
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v)).replaceAll(
    '"',
    '',
  );
}
