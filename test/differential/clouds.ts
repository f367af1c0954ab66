import fc from 'fast-check';
import type { Packet } from '../../src/packet/packet.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Chain, Rule, Ruleset } from '../../src/rule/ruleset.ts';
import { chain, not, rule } from '../support/rules.ts';
import { conditionArbitrary } from './conditions.ts';
import { packetArbitrary } from './packets.ts';
import { rulesetArbitrary } from './rulesets.ts';
import { one } from './values.ts';

/** Groups whose members nobody gave. */
const GROUPS = ['sg-a', 'sg-b', 'sg-c'];

const member: fc.Arbitrary<Condition> = fc
  .tuple(one(['own', 'peer'] as const), one(GROUPS), fc.boolean())
  .map(([side, group, other]): Condition => {
    const is: Condition = { kind: 'group', side, group };
    return other ? not(is) : is;
  });

function rules(family: 4 | 6): fc.Arbitrary<Rule[]> {
  const verdict = one(['accept', 'drop', 'accept'] as const);
  const match = fc.array(
    fc.oneof({ weight: 3, arbitrary: member }, { weight: 1, arbitrary: conditionArbitrary(family) }),
    { minLength: 1, maxLength: 2 },
  );
  const single = fc
    .tuple(match, verdict)
    .map(([conditions, then]) => rule(conditions, { kind: 'verdict', verdict: then }));
  return fc.array(single, { maxLength: 4 });
}

/** Layers of a cloud around a host: a group and a list, in both directions. */
function layers(family: 4 | 6): fc.Arbitrary<Chain[]> {
  const policy = one(['accept', 'drop'] as const);
  const kinds = (['cloud-ingress', 'cloud-egress'] as const).flatMap((hook) =>
    [1, 2].map((priority) => ({ hook, priority, table: priority === 1 ? 'network-acl' : 'security-group' })),
  );
  return fc
    .tuple(...kinds.map((kind) => fc.tuple(rules(family), policy, fc.constant(kind))))
    .map((found) =>
      found.map(([body, ends, { hook, priority, table }]) =>
        chain(hook, body, { hook, priority, table, policy: ends }),
      ),
    );
}

/** A host's rule set inside of a cloud, or a cloud's by itself. */
export function cloudRulesetArbitrary(family: 4 | 6): fc.Arbitrary<Ruleset> {
  return fc
    .tuple(rulesetArbitrary(family), layers(family), one([true, true, false]))
    .map(([host, chains, alone]) => ({
      ...host,
      chains: alone ? chains : [...host.chains, ...chains],
      cloud: { symbolic: GROUPS, members: new Map(), ids: new Map(), namedBy: () => [], groups: [] },
    }));
}

/** A packet whose ends are each of one of the groups, or of none. */
export function cloudPacketArbitrary(family: 4 | 6): fc.Arbitrary<Packet> {
  const groups = one([[], ...GROUPS.map((name) => [name])]);
  return fc
    .tuple(packetArbitrary(family), groups, groups)
    .map(([packet, own, peer]) => ({ ...packet, groups: own, peerGroups: peer }));
}
