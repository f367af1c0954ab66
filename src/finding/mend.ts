import { NOTHING_FILTERS, POLICY_OPENS, TRANSLATES } from './notes.ts';
import type { Finding } from './report.ts';
import { ruleRecord } from './rules.ts';

type Asked = Pick<Finding, 'rule' | 'code' | 'certainty' | 'hook' | 'evidence'>;

/** Who lets the packets of a finding through: what is to be done about a policy is another thing than about a rule. */
type Opener = 'rule' | 'policy' | 'both' | 'network' | 'network-too' | 'nothing';

const REST = 'accept what is documented, replies too, ';
const DOCUMENT = 'or document the connection in a baseline of this host.';
const BIND = 'or bind the missing party to its role in the deployment.';
const BY_POLICY = 'No rule accepts these packets, the policy of the chain does: ';
const BY_NETWORK = 'No rule is about these packets, and the network allows what none denies: ';
const LAST = 'deny the rest by a rule of the lowest priority';
const LAST_TOO = `and ${LAST}, as the network allows what none denies`;
const BY_NOBODY = 'Nothing that was given filters these packets: ';

/** What to do about excess, by the finding's rule and by who opens it. */
const BY_OPENER: Readonly<Record<string, Readonly<Record<Opener, string>>>> = {
  'undocumented-opening': {
    rule: `Remove or narrow the accepting rule, ${DOCUMENT}`,
    policy: `${BY_POLICY}${REST}then let the policy drop the rest; ${DOCUMENT}`,
    both: `Remove or narrow the accepting rule, and let the policy of the chain, which accepts these packets too, drop what no rule accepts; ${DOCUMENT}`,
    network: `${BY_NETWORK}allow what is documented, and ${LAST}; ${DOCUMENT}`,
    'network-too': `Remove or narrow the accepting rule, ${LAST_TOO}; ${DOCUMENT}`,
    nothing: `${BY_NOBODY}${REST}and drop the rest; ${DOCUMENT}`,
  },
  'wider-than-documented': {
    rule: `Narrow the accepting rule to the documented parties, ${BIND}`,
    policy: `${BY_POLICY}accept the documented parties, and replies, then let the policy drop the rest; ${BIND}`,
    both: `Narrow the accepting rule to the documented parties, and let the policy of the chain, which accepts these packets too, drop what no rule accepts; ${BIND}`,
    network: `${BY_NETWORK}allow the documented parties, and ${LAST}; ${BIND}`,
    'network-too': `Narrow the accepting rule to the documented parties, ${LAST_TOO}; ${BIND}`,
    nothing: `${BY_NOBODY}accept the documented parties, and replies, and drop the rest; ${BIND}`,
  },
  'prohibited-open': {
    rule: 'Close it: remove or narrow the accepting rule, or put a rule that drops these packets before it.',
    policy: `${BY_POLICY}add a rule that drops them, or ${REST}and let the policy drop the rest.`,
    both: 'Close it: put a rule that drops these packets before the accepting rule; without that rule the policy of the chain would accept them too.',
    network: `${BY_NETWORK}add a rule that denies them.`,
    'network-too':
      'Close it: add a rule that denies these packets before the accepting one; without that rule the network allows them too, as no other denies them.',
    nothing: `${BY_NOBODY}add a rule that drops them.`,
  },
};

const MAYBE_MISSING =
  'Add a rule that accepts these packets without asking for what it depends on, before any rule that may drop them. Where a config tells what it depends on (the elements of a set, the addresses of the host), give that config too.';

/** What to do about a finding: one to three sentences, in the imperative. Undefined where its rule is not one of postern's. */
export function mendOf(finding: Asked): string | undefined {
  if (finding.code === 'missing' && finding.certainty === 'possible') return MAYBE_MISSING;
  return BY_OPENER[finding.rule]?.[openerOf(finding)] ?? ruleRecord(finding.rule)?.mend;
}

/** Of several layers that each let the packets through it is enough to close one. */
function openerOf({ evidence, hook }: Asked): Opener {
  const noted = (start: string) => evidence.filter(({ note }) => note?.startsWith(start));
  const [rules, policies] = [noted('opens'), noted(POLICY_OPENS)];
  // Google's networks alone let something through by themselves, which nobody can change (docs/clouds-gcp.md).
  const inCloud = hook === 'ingress' || hook === 'egress';
  if (policies.length > 0 && rules.length === 0) return inCloud ? 'network' : 'policy';
  if (inCloud && policies.length > 0) return 'network-too';
  if (policies.some(({ file }) => rules.some((rule) => rule.file === file))) return 'both';
  const idle = [...noted(NOTHING_FILTERS), ...noted(TRANSLATES)];
  return idle.length === evidence.length ? 'nothing' : 'rule';
}
