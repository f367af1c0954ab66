import type { Action } from '../../../rule/action.ts';
import { options } from '../getopt.ts';
import { argument, optionOf } from '../matches/module.ts';
import { badTargetArgument, type TargetModule } from './module.ts';

/** A target that ends the rule's way with a verdict, without options. */
function verdict(name: string, action: Action): TargetModule {
  const actions = [action];
  return { kind: 'target', name, options: [], lower: () => actions };
}

/** `-j REJECT` and the names of what it answers with (`iptables -j REJECT -h`, `ip6tables -j REJECT -h`). */
const REJECTIONS: Readonly<Record<4 | 6, readonly string[]>> = {
  4: [
    'icmp-net-unreachable',
    'net-unreach',
    'icmp-host-unreachable',
    'host-unreach',
    'icmp-proto-unreachable',
    'proto-unreach',
    'icmp-port-unreachable',
    'port-unreach',
    'icmp-net-prohibited',
    'net-prohib',
    'icmp-host-prohibited',
    'host-prohib',
    'tcp-reset',
    'tcp-rst',
    'icmp-admin-prohibited',
    'admin-prohib',
  ],
  6: [
    'icmp6-no-route',
    'no-route',
    'icmp6-adm-prohibited',
    'adm-prohibited',
    'icmp6-addr-unreachable',
    'addr-unreach',
    'icmp6-port-unreachable',
    'port-unreach',
    'tcp-reset',
    'icmp6-policy-fail',
    'policy-fail',
    'icmp6-reject-route',
    'reject-route',
  ],
};

const reject: TargetModule = {
  kind: 'target',
  name: 'REJECT',
  options: options('reject-with=1'),
  lower(use, context) {
    const option = optionOf(use, 'reject-with');
    const wanted = option && argument(option).text.toLowerCase();
    const known = REJECTIONS[context.family];
    if (option !== undefined && !known.some((name) => name.startsWith(wanted as string)))
      return badTargetArgument(context, option, argument(option), known.join(', '));
    return [{ kind: 'verdict', verdict: 'reject' }];
  },
};

/** The targets that decide, and NOTRACK. */
export const VERDICT_TARGETS: readonly TargetModule[] = [
  verdict('ACCEPT', { kind: 'verdict', verdict: 'accept' }),
  verdict('DROP', { kind: 'verdict', verdict: 'drop' }),
  verdict('RETURN', { kind: 'return' }),
  reject,
  verdict('NOTRACK', { kind: 'notrack' }),
];
