import { describe, expect, it } from 'vitest';
import type { Node } from '../../src/packet/diagram.ts';
import type { Action } from '../../src/rule/action.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { PacketSpace } from '../../src/packet/set.ts';
import { Analysis } from '../../src/symbolic/analysis.ts';
import { visible } from '../../src/symbolic/bounds.ts';
import type { Flow } from '../../src/symbolic/chains/summary.ts';
import type { Scope } from '../../src/symbolic/scope.ts';
import { type Stage, stagesOf } from '../../src/symbolic/stages.ts';
import { placeIn } from '../../src/symbolic/translation/place-in.ts';
import { IDENTITY } from '../../src/symbolic/translation/transform.ts';
import {
  ACCEPT,
  address,
  addressType,
  chain,
  dnat,
  field,
  iface,
  inSet,
  jump,
  masked,
  NOTRACK,
  namedSet,
  not,
  opaque,
  rule,
  ruleset,
  set,
  span,
  state,
} from '../support/rules.ts';

const tcp = field('protocol', 6);

const FIRST: Scope = { family: 4, hook: 'input', state: 'new', tcpFlags: 2, fragment: 'none' };
/** Other packets that pass prerouting and its nat chains. */
const OTHERS: readonly Scope[] = [
  { ...FIRST, hook: 'forward' },
  { ...FIRST, hook: 'output' },
  { ...FIRST, state: 'established', tcpFlags: 16, direction: 'original', destinationChanged: 'yes' },
  { ...FIRST, state: 'untracked' },
];

/** Conditions of each kind: what a chain asks says whether its summary serves another scope. */
const CONDITIONS: readonly Condition[] = [
  address('dst', '198.51.100.0/24'),
  address('origDst', '198.51.100.0/24'),
  not(address('src', '10.0.0.0/8')),
  iface('in', 'eth0'),
  iface('out', 'eth0'),
  state('new'),
  not(state('established')),
  field('tcpFlags', 2),
  masked('tcpFlags', 0x12, 0x02),
  field('ctmark', 0),
  masked('ctmark', 1, 0),
  field('mark', 1),
  field('fragment', 0),
  field('origDport', 80),
  { kind: 'translated', what: 'dnat' },
  addressType('dst', ['local']),
  inSet('some', 'dst'),
  opaque('-m string --string x'),
  opaque('-m recent', true),
  { kind: 'opaque', text: '--ctdir ORIGINAL', stateful: true, direction: 'original', span: span() },
  {
    kind: 'opaque',
    text: '--ctorigdst',
    stateful: true,
    began: address('dst', '198.51.100.7'),
    span: span(),
  },
];

const ACTIONS: readonly (readonly Action[])[] = [
  [dnat('10.0.0.5', 80)],
  [dnat('local')],
  [set('mark', 1)],
  [set('ctmark', 1)],
  [set('tcpFlags', 2)],
  [{ kind: 'require', match: state('new') }, dnat('10.0.0.6')],
  [NOTRACK],
];

function rules(condition: Condition, actions: readonly Action[]): Ruleset {
  const called = chain('CALLED', [rule([tcp, condition], ...actions)], { table: 'nat' });
  const calls = [rule([], jump('CALLED', 'nat')), rule([field('dport', 22)], dnat('10.0.0.7'))];
  return ruleset(
    [
      called,
      chain('PREROUTING', calls, { table: 'nat', hook: 'prerouting' }),
      chain('OUTPUT', calls, { table: 'nat', hook: 'output' }),
      ...(['input', 'forward'] as const).map((hook) =>
        chain(hook, [rule(field('mark', 1), ACCEPT), rule(condition, ACCEPT)], { hook, policy: 'drop' }),
      ),
    ],
    { sets: [namedSet('some', 'hash:ip', ['198.51.100.9'])] },
  );
}

/** A rule set of its own: nothing that is known of the other is known of it. */
const copyOf = (original: Ruleset): Ruleset => ({
  ...original,
  chains: original.chains.map((one) => ({ ...one })),
});

const space = new PacketSpace();

/** What becomes of the packets of a scope. */
function told(of: Ruleset, scope: Scope) {
  const analysis = new Analysis(space, of, scope, scope.direction === 'original');
  const { accept, deny } = analysis.pass(analysis.entry());
  const seen = (flow: Flow): [string, Node] => [flow.transform.key, visible(space.diagram, flow.set)];
  return [accept.map(seen), visible(space.diagram, deny)];
}

describe('what analyses of several scopes have in common', () => {
  it.each(CONDITIONS.map((one) => [JSON.stringify(one).slice(0, 80), one] as const))(
    'is what each would say by itself: %s',
    (_, condition) => {
      for (const actions of ACTIONS) {
        const original = rules(condition, actions);
        told(original, FIRST);
        for (const scope of OTHERS) expect(told(original, scope)).toEqual(told(copyOf(original), scope));
      }
    },
  );

  it('is nothing that routing has told of a destination: what is forwarded has none of the host', () => {
    const local = rule(addressType('dst', ['local']), ACCEPT);
    const original = ruleset([
      chain('PREROUTING', [rule(tcp, dnat('10.0.0.5'))], { table: 'nat', hook: 'prerouting' }),
      ...(['input', 'forward'] as const).map((hook) => chain(hook, [local], { hook, policy: 'drop' })),
    ]);
    const accepted = (['input', 'forward'] as const).map((hook) => {
      const analysis = new Analysis(space, original, { ...FIRST, hook });
      return analysis.pass(analysis.entry()).accept.length > 0;
    });
    expect(accepted).toEqual([true, false]);
  });

  it('is told once: a chain that asks for no state is summarized for new packets and for what follows them', () => {
    const original = rules(address('dst', '198.51.100.0/24'), [dnat('10.0.0.5')]);
    const [first, other] = [
      new Analysis(space, original, FIRST),
      new Analysis(space, original, OTHERS[0] as Scope),
    ];
    const base = original.chains[1] as Ruleset['chains'][number];
    const stage = stagesOf(original.chains, 'prerouting', 4).find(({ nat }) => nat) as Stage;
    const place = placeIn(stage, IDENTITY);
    expect(stage.chain).toBe(base);
    expect(first.chains.base(base, place)).toBe(other.chains.base(base, place));
  });
});

describe('a cloud’s chains', () => {
  const behindCloud = (condition: Condition): Ruleset =>
    ruleset(
      [
        chain('groups', [rule(state('established'), ACCEPT), rule([tcp, condition], ACCEPT)], {
          hook: 'cloud-ingress',
          policy: 'drop',
        }),
        chain('outward', [rule(condition, ACCEPT)], { hook: 'cloud-egress', policy: 'drop' }),
        ...(['input', 'forward', 'output'] as const).map((hook) =>
          chain(hook, [rule(condition, ACCEPT)], { hook, policy: 'drop' }),
        ),
      ],
      { sets: [namedSet('some', 'hash:ip', ['198.51.100.9'])] },
    );

  it.each(
    [...CONDITIONS, { kind: 'group', side: 'peer', group: 'sg-1' } as const].map(
      (one) => [JSON.stringify(one).slice(0, 80), one] as const,
    ),
  )('let pass to the host what each would say by itself, and what it forwards: %s', (_, condition) => {
    const original = behindCloud(condition);
    told(original, FIRST);
    for (const scope of OTHERS) expect(told(original, scope)).toEqual(told(copyOf(original), scope));
  });

  it('are summarized once for what comes to the host and what it forwards, for each state', () => {
    const original = behindCloud(address('src', '198.51.100.0/24'));
    const base = original.chains[0] as Ruleset['chains'][number];
    const stage = stagesOf(original.chains, 'cloud-ingress', 4).find(
      ({ chain: one }) => one === base,
    ) as Stage;
    const [first, forward, , later] = [FIRST, ...OTHERS].map((scope) =>
      new Analysis(space, original, scope).chains.base(base, placeIn(stage, IDENTITY)),
    );
    expect(forward).toBe(first);
    expect(later).not.toBe(first);
  });
});
