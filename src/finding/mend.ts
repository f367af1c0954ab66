import {
  BEHIND,
  CLOSES,
  CLOSES_REPLY,
  CLOSES_SOME_REPLIES,
  MAY_CLOSE,
  MAY_PUBLISH,
  NOTHING_FILTERS,
  OPENS_BY_ITSELF,
  OPENS_IN_ANOTHER_TABLE,
  OPENS_LATER,
  OPENS_THEN,
  POLICY_CLOSES,
  POLICY_OPENS,
  TRANSLATES,
  UNTRACKS,
  UNTRACKS_REPLY,
  WOULD_OPEN,
  ZONES,
} from './notes.ts';
import type { Finding } from './report.ts';
import { ruleRecord } from './rules.ts';

type Asked = Pick<Finding, 'rule' | 'code' | 'certainty' | 'hook' | 'evidence'> &
  Partial<Pick<Finding, 'witness'>>;

/** Who lets the packets of a finding through: what is to be done about a policy is another thing than about a rule. */
type Opener = 'rule' | 'default' | 'policy' | 'both' | 'network' | 'network-too' | 'nothing';

const REST = 'accept what is documented, replies too, ';
const NARROW = 'Narrow the accepting rule to what is documented, or remove it if nothing of it is';
const DOCUMENT = 'or document the connection in a baseline of this host.';
const BIND = 'or bind the missing party to its role in the deployment.';
const BY_POLICY = 'No rule accepts these packets, the policy of the chain does: ';
const BY_NETWORK = 'No rule is about these packets, and the network allows what none denies: ';
const LAST = 'deny the rest by a rule of the lowest priority';
const LAST_TOO = `and ${LAST}, as the network allows what none denies`;
const BY_DEFAULT = 'The rule is one that each group has and nobody can remove: ';
const BY_NOBODY = 'Nothing that was given filters these packets: ';

/** What to do about excess, by the finding's rule and by who opens it. */
const BY_OPENER: Readonly<Record<string, Readonly<Record<Opener, string>>>> = {
  'undocumented-opening': {
    rule: `${NARROW}; ${DOCUMENT}`,
    default: `${BY_DEFAULT}allow what is documented, and deny the rest before it; ${DOCUMENT}`,
    policy: `${BY_POLICY}${REST}then let the policy drop the rest; ${DOCUMENT}`,
    both: `${NARROW}; and let the policy of the chain, which accepts these packets too, drop what no rule accepts; ${DOCUMENT}`,
    network: `${BY_NETWORK}allow what is documented, and ${LAST}; ${DOCUMENT}`,
    'network-too': `${NARROW}; ${LAST_TOO}; ${DOCUMENT}`,
    nothing: `${BY_NOBODY}${REST}and drop the rest; ${DOCUMENT}`,
  },
  'wider-than-documented': {
    rule: `Narrow the accepting rule to the documented parties, ${BIND}`,
    default: `${BY_DEFAULT}allow the documented parties, and deny the rest before it; ${BIND}`,
    policy: `${BY_POLICY}accept the documented parties, and replies, then let the policy drop the rest; ${BIND}`,
    both: `Narrow the accepting rule to the documented parties, and let the policy of the chain, which accepts these packets too, drop what no rule accepts; ${BIND}`,
    network: `${BY_NETWORK}allow the documented parties, and ${LAST}; ${BIND}`,
    'network-too': `Narrow the accepting rule to the documented parties, ${LAST_TOO}; ${BIND}`,
    nothing: `${BY_NOBODY}accept the documented parties, and replies, and drop the rest; ${BIND}`,
  },
  'prohibited-open': {
    rule: 'Close it: remove or narrow the accepting rule, or put a rule that drops these packets before it.',
    default: `${BY_DEFAULT}deny these packets before it.`,
    policy: `${BY_POLICY}add a rule that drops them, or ${REST}and let the policy drop the rest.`,
    both: 'Close it: put a rule that drops these packets before the accepting rule; without that rule the policy of the chain would accept them too.',
    network: `${BY_NETWORK}add a rule that denies them.`,
    'network-too':
      'Close it: add a rule that denies these packets before the accepting one; without that rule the network allows them too, as no other denies them.',
    nothing: `${BY_NOBODY}add a rule that drops them.`,
  },
};

const GIVE =
  'Where a config or the deployment can tell what it depends on (the elements of a set, the addresses of the host by `ip -j addr`, symmetric routes, a parameter, a feature), give it.';
const THEN = ' The same goes for the rules quoted behind it, which would let these packets through then.';
const ADD = 'Add a rule that accepts these packets.';
const ADD_TO_EACH =
  'Add a rule that accepts these packets to each of the layers quoted here, or correct the deployment if the party does not have them.';
const ON_PURPOSE =
  'Where a rule quoted here drops some of them on purpose, as a list of blocked addresses does, leave it in its place, and waive what it drops or correct the deployment; otherwise accept before it exactly what the row needs.';

/** What to do about a finding: one to three sentences, in the imperative. Undefined where its rule is not one of postern's. */
export function mendOf(finding: Asked): string | undefined {
  const { rule, code, certainty, evidence } = finding;
  if (rule === 'half-open') return unlessGiven(certainty, halfOpenMend(finding));
  if (rule === 'masked' && isElsewhere(evidence))
    return `${unlessGiven(certainty, UNREACHED)}${aboutChains(finding)}${aboutReplies(finding)}${aboutState(finding)}`;
  if (code === 'missing' && isSentElsewhere(evidence)) return SENT_ELSEWHERE;
  if (evidence.some(({ note }) => note === MAY_PUBLISH)) return PUBLISH;
  const usual = ruleRecord(rule)?.mend;
  const closed = code === 'missing' ? missingMend(finding) : undefined;
  const disagreeing = DISAGREEING.includes(rule) ? unlessGiven(certainty, usual) : undefined;
  if (rule === 'prohibited-open' && isCloud(finding.hook) && openerOf(finding) === 'rule')
    return CLOSE_IN_CLOUD;
  const mend = closed ?? disagreeing ?? excessMend(finding) ?? usual;
  return mend === undefined
    ? undefined
    : `${mend}${aboutChains(finding)}${aboutReplies(finding)}${aboutState(finding)}${aboutTranslation(finding)}`;
}

const DISAGREEING: readonly string[] = ['masked', 'layers-disagree', 'families-disagree'];

/** What is possible alone may turn out not to be so. */
const unlessGiven = (certainty: Asked['certainty'], mend: string | undefined): string | undefined =>
  certainty === 'possible' && mend !== undefined ? `${GIVE} Otherwise: ${mend}` : mend;

/** What can be open may turn out to be documented, or closed; what is prohibited is closed whatever it depends on. */
function excessMend(finding: Asked): string | undefined {
  const { rule, code, certainty, evidence } = finding;
  const usual = BY_OPENER[rule]?.[openerOf(finding)];
  const isThen = evidence.some(({ note }) => note?.startsWith(OPENS_THEN));
  const mend = usual !== undefined && isThen ? `${usual}${THEN}` : usual;
  return code === 'excessive' ? unlessGiven(certainty, mend) : mend;
}

/** A rule of iptables or nftables that asks for nothing and refuses. */
const REFUSES_ALL =
  /^(\[\d+:\d+\] )?-A \S+ -j \w+( --reject-with \S+)?\s*$|^\s*((counter|log)( [^{}]*)? )?(drop|reject)\b/;

/** The entry of a network ACL that nobody wrote and nobody can remove drops nothing on purpose. */
const LAST_ENTRY = /^acl-\S+ (?:in|e)gress \* deny /;

/** A rule before that one drops lists of addresses: who opens the row's port ahead of it opens it to these. */
function missingMend({ rule, hook, certainty, evidence }: Asked): string | undefined {
  const closing = evidence.filter(
    ({ note, text }) =>
      !LAST_ENTRY.test(text ?? '') &&
      (note?.startsWith(CLOSES) === true || note?.startsWith(MAY_CLOSE) === true),
  );
  const byPolicy = evidence.some(({ note }) => note?.startsWith(POLICY_CLOSES));
  if (certainty === 'possible') {
    const add = `${GIVE} Otherwise add a rule that accepts these packets without asking for it`;
    return closing.length > 0 ? `${add}. ${ON_PURPOSE}` : `${add}, before any rule that may drop them.`;
  }
  // Who only lists what may pass has no order.
  const layers = evidence.filter(
    ({ note }) => ![CLOSES_REPLY, CLOSES_SOME_REPLIES].some((one) => note === one),
  );
  if (closing.length === 0 && isCloud(hook) && layers.length > 1) return ADD_TO_EACH;
  if (closing.length === 0) return isCloud(hook) && rule === 'closed' ? ADD : undefined;
  // Of one rule alone that refuses everything the rest of the chain is meant to be refused by it: there the usual advice holds.
  const isOfSome =
    rule === 'partly-closed' && !isCloud(hook) && !closing.some(({ text }) => REFUSES_ALL.test(text ?? ''));
  if (closing.length + Number(byPolicy) < 2 && !isOfSome) return undefined;
  const mend = rule === 'closed' ? ADD : ruleRecord(rule)?.mend;
  return mend === undefined ? undefined : `${mend} ${ON_PURPOSE}`;
}

/** Whether nothing but a translation keeps the packets from where they are needed. */
const isSentElsewhere = (evidence: Asked['evidence']): boolean =>
  evidence.length > 0 && evidence.every(({ note }) => note?.startsWith(TRANSLATES));

/** Whether the rules that would open it stand behind the chain that takes the packets. */
function isElsewhere(evidence: Asked['evidence']): boolean {
  const opening = evidence.filter(({ note }) => note?.startsWith(WOULD_OPEN));
  const elsewhere = [OPENS_LATER, OPENS_IN_ANOTHER_TABLE];
  // Behind either may stand what the line does to the replies.
  return opening.length > 0 && opening.every(({ note }) => elsewhere.some((one) => note?.startsWith(one)));
}

/** A reply is established for those alone who keep track of connections. */
function halfOpenMend({ rule, hook, evidence }: Asked): string | undefined {
  const mend = ruleRecord(rule)?.mend;
  const untracking = evidence.filter(({ note }) => note?.startsWith(UNTRACKS));
  const isClosed = evidence.some(({ note }) => note?.includes(CLOSES) || note?.includes(MAY_CLOSE));
  if (untracking.some(({ note }) => note?.endsWith('the reply')) && !isClosed) return UNTRANSLATED;
  if (untracking.length > 0) return UNTRACKED;
  if (evidence.some(({ note }) => note === ZONES)) return ZONED;
  if (isCloud(hook)) return `Let the answers through. ${STATELESS}`;
  const isList = evidence.some(({ text }) => /^acl-/.test(text));
  return isList && mend !== undefined ? `${mend} ${STATELESS}` : mend;
}

/** Boxes at these hooks are of the clouds' layers alone. */
const isCloud = (hook: Asked['hook']): boolean => hook === 'ingress' || hook === 'egress';

const CLOSE_IN_CLOUD =
  'Close it: remove or narrow the accepting rule; or deny these packets before it, where the layer has rules that deny (network ACLs, Azure, Google Cloud).';
const SENT_ELSEWHERE =
  'Except these packets from the rule that translates them: it sends them elsewhere, and no rule behind it brings them back. Or correct the row, if they are meant to go there.';
const PUBLISH =
  'Where a router before the firewall sends packets for that address here, write it under `addresses:` beside the host. Otherwise publish the machine at an address to which packets from there come.';
const UNREACHED =
  'Narrow the earlier rule, or accept the packets before it: the accepting rule stands where packets come only behind that one, so that it cannot be moved before it.';
const UNTRANSLATED =
  'A rule keeps the replies out of connection tracking, so that nothing takes back what was translated of the first packet: except them from that rule.';
const UNTRACKED =
  'Rules keep packets of this connection out of connection tracking, so that what follows is not established: except it from these rules, or accept its packets in both directions whatever their state is.';
const ZONED =
  'Connection tracking looks up replies in the zone that rules give them, and knows no connection of theirs in another one: give the packets of both directions the same zone, or give one for the original direction alone (`--zone-orig`, `ct original zone set`).';
const STATELESS =
  'A list that keeps no state (a network ACL, a stateless group) needs rules for the answers themselves, which go to the ports that clients choose (1024-65535); no entry before these may deny them.';

const STATES = ['established', 'related', 'invalid', 'untracked'] as const;

/** Who opens the first of several base chains finds the packets closed by the next. */
function aboutChains({ evidence }: Asked): string {
  return evidence.some(({ note }) => note?.includes(BEHIND) === true && !note.startsWith(WOULD_OPEN))
    ? ' An accept ends its base chain alone: accept the packets in each of those whose lines are quoted here.'
    : '';
}

/** Who opens what is closed, and nothing else, finds it half open then. */
function aboutReplies({ evidence, hook }: Asked): string {
  const has = (text: string): boolean => evidence.some(({ note }) => note?.includes(text));
  const isSome = has(CLOSES_SOME_REPLIES);
  if (!isSome && !has(CLOSES_REPLY)) return '';
  const lets = isSome ? 'Some of the replies do not get back yet' : 'Nothing lets the replies back yet';
  if (isCloud(hook)) return ` ${lets}. ${STATELESS}`;
  return has(UNTRACKS_REPLY)
    ? ` ${lets}, and rules keep them out of connection tracking: except them from these rules and accept established packets in the other direction, or accept the replies whatever their state is.`
    : ` ${lets}: accept established packets in the other direction, too${isSome ? ', before any rule that drops them' : ''}.`;
}

/** What is needed in a state alone is no longer documented where a rule lets it begin connections too. */
function aboutState({ code, rule, hook, witness }: Asked): string {
  // Rules of a cloud know no states.
  if (isCloud(hook)) return '';
  const state = STATES.find((one) => one === witness?.state);
  const closed = code === 'missing' || DISAGREEING.includes(rule);
  return closed && state !== undefined
    ? ` The packets are of the connection state ${state}: accept them in that alone.`
    : '';
}

/** Boxes have packets as they arrive. */
function aboutTranslation({ evidence, rule }: Asked): string {
  const isMoved = rule !== 'masked' && evidence.some(({ note }) => note?.startsWith(TRANSLATES));
  return isMoved
    ? ' Rules behind the translation see these packets as it leaves them, with another destination or port.'
    : '';
}

/** Of several layers that each let the packets through it is enough to close one. */
function openerOf({ evidence, hook }: Asked): Opener {
  const noted = (start: string) => evidence.filter(({ note }) => note?.startsWith(start));
  const [rules, policies] = [noted('opens'), noted(POLICY_OPENS)];
  // Google's networks alone let something through by themselves, which nobody can change (docs/clouds-gcp.md).
  const inCloud = isCloud(hook);
  if (policies.length > 0 && rules.length === 0) return inCloud ? 'network' : 'policy';
  if (inCloud && policies.length > 0) return 'network-too';
  if (policies.some(({ file }) => rules.some((rule) => rule.file === file))) return 'both';
  const idle = [...noted(NOTHING_FILTERS), ...noted(TRANSLATES)];
  if (idle.length === evidence.length) return 'nothing';
  // Who can narrow one layer's own rule need not deny anything.
  return rules.length > 0 && rules.every(({ note }) => note === OPENS_BY_ITSELF) ? 'default' : 'rule';
}
