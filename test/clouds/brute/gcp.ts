import { isInside, type Question } from './question.ts';

/*
 * Google Cloud's documented evaluation order, written from its pages alone: slow, plain, and without anything of the product.
 * https://cloud.google.com/firewall/docs/firewalls
 * https://cloud.google.com/firewall/docs/firewall-policies-rule-eval-order
 * https://cloud.google.com/firewall/docs/firewall-policies-rule-details
 */

export interface Firewall {
  readonly priority: number;
  readonly direction: 'INGRESS' | 'EGRESS';
  readonly disabled: boolean;
  readonly allowed?: readonly Layer4[];
  readonly denied?: readonly Layer4[];
  readonly sourceRanges?: readonly string[];
  readonly destinationRanges?: readonly string[];
  readonly sourceTags?: readonly string[];
  readonly sourceServiceAccounts?: readonly string[];
  readonly targetTags?: readonly string[];
  readonly targetServiceAccounts?: readonly string[];
}

export interface Layer4 {
  readonly IPProtocol: string;
  readonly ports?: readonly string[];
}

export interface PolicyRule {
  readonly priority: number;
  readonly direction: 'INGRESS' | 'EGRESS';
  readonly disabled: boolean;
  readonly action: 'allow' | 'deny' | 'goto_next';
  readonly match: {
    readonly srcIpRanges?: readonly string[];
    readonly destIpRanges?: readonly string[];
    readonly srcAddressGroups?: readonly string[];
    readonly destAddressGroups?: readonly string[];
    readonly layer4Configs: readonly { readonly ipProtocol: string; readonly ports?: readonly string[] }[];
  };
  readonly targetServiceAccounts?: readonly string[];
}

export interface Instance {
  readonly address: string;
  readonly tags: readonly string[];
  readonly account: string;
}

/** A network firewall policy. */
export interface NetworkPolicy {
  readonly association: string;
  readonly priority: number | undefined;
  readonly rules: readonly PolicyRule[];
}

export interface Project {
  readonly firewalls: readonly Firewall[];
  /** The organization's policy, and one of a folder in it. */
  readonly hierarchy: readonly (readonly PolicyRule[])[];
  /** Each with its association's name and priority. */
  readonly network: readonly NetworkPolicy[];
  readonly before: boolean;
  /** Undefined where they were not exported: nobody knows who carries a tag. */
  readonly instances: readonly Instance[] | undefined;
  /** Items of the address groups that were exported. */
  readonly addressGroups: Readonly<Record<string, readonly string[]>>;
}

const NAMES: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  esp: 50,
  ah: 51,
  sctp: 132,
  ipip: 4,
};

function isTraffic(q: Question, protocol: string, ports: readonly string[] = []): boolean {
  if (protocol === 'all') return true;
  if ((NAMES[protocol] ?? Number(protocol)) !== q.protocol) return false;
  return (
    ports.length === 0 ||
    ports.some((text) => {
      const [from, to = from] = text.split('-').map(Number) as [number, number?];
      return from <= q.dport && q.dport <= (to as number);
    })
  );
}

const isIn = (address: string, ranges: readonly string[] = []): boolean =>
  ranges.some((range) => isInside(address, range));

/** The peer carries a tag or runs as an account: who does is known with the instances, where one of them does. */
function carries(project: Project, q: Question, names: readonly string[] = []): boolean {
  return names.some((name) => {
    const carrying = carriersOf(project, name);
    if (carrying.length === 0) return q.peerGroups.includes(name);
    return carrying.some(({ address }) => address === q.peer);
  });
}

/** Exported instances with a tag or an account; what none of them has, those of other projects may. */
export function carriersOf({ instances = [] }: Project, name: string): NonNullable<Project['instances']> {
  return instances.filter(({ tags, account }) => tags.includes(name) || account === name);
}

/** "0.0.0.0/0" where a rule names nobody. */
function matchesFirewall(project: Project, carried: readonly string[], q: Question, rule: Firewall): boolean {
  if (rule.disabled || rule.direction !== q.direction.toUpperCase()) return false;
  const targets = [...(rule.targetTags ?? []), ...(rule.targetServiceAccounts ?? [])];
  if (targets.length > 0 && !targets.some((name) => carried.includes(name))) return false;
  const layer4 = rule.allowed ?? rule.denied ?? [];
  if (!layer4.some(({ IPProtocol, ports }) => isTraffic(q, IPProtocol, ports))) return false;
  if (q.direction === 'egress') return isIn(q.peer, rule.destinationRanges ?? ['0.0.0.0/0']);
  if (rule.destinationRanges !== undefined && !isIn(q.own, rule.destinationRanges)) return false;
  const names = [...(rule.sourceTags ?? []), ...(rule.sourceServiceAccounts ?? [])];
  const ranges = rule.sourceRanges ?? (names.length === 0 ? ['0.0.0.0/0'] : []);
  return isIn(q.peer, ranges) || carries(project, q, names);
}

function matchesPolicy(project: Project, carried: readonly string[], q: Question, rule: PolicyRule): boolean {
  if (rule.disabled || rule.direction !== q.direction.toUpperCase()) return false;
  const targets = rule.targetServiceAccounts ?? [];
  if (targets.length > 0 && !targets.some((name) => carried.includes(name))) return false;
  const { match } = rule;
  if (!match.layer4Configs.some(({ ipProtocol, ports }) => isTraffic(q, ipProtocol, ports))) return false;
  const [ranges = [], groups = []] =
    q.direction === 'ingress'
      ? [match.srcIpRanges, match.srcAddressGroups]
      : [match.destIpRanges, match.destAddressGroups];
  if (ranges.length + groups.length === 0) return true;
  return (
    isIn(q.peer, ranges) ||
    groups.some((name) => {
      const items = project.addressGroups[name];
      return items === undefined ? q.peerGroups.includes(name) : isIn(q.peer, items);
    })
  );
}

/** The highest priority that matches; a denial before an allowance of the same. */
function askFirewalls(project: Project, carried: readonly string[], q: Question): boolean | undefined {
  const matching = project.firewalls.filter((rule) => matchesFirewall(project, carried, q, rule));
  const best = Math.min(...matching.map(({ priority }) => priority));
  const deciding = matching.filter(({ priority }) => priority === best);
  return deciding.length === 0 ? undefined : deciding.every(({ allowed }) => allowed !== undefined);
}

function askPolicy(
  project: Project,
  carried: readonly string[],
  q: Question,
  rules: readonly PolicyRule[],
): boolean | undefined {
  const ordered = [...rules].sort((a, b) => a.priority - b.priority);
  const first = ordered.find((rule) => matchesPolicy(project, carried, q, rule));
  return first === undefined || first.action === 'goto_next' ? undefined : first.action === 'allow';
}

/**
 * "Firewall Policies are evaluated from highest to lowest priority where 1 is the highest priority … The default value is 1000. If
 * two associations have the same priority then lexicographical order on association names is applied." (REST, firewallPolicies)
 */
function inOrder(policies: readonly NetworkPolicy[]): NetworkPolicy[] {
  return [...policies].sort(
    (a, b) => (a.priority ?? 1000) - (b.priority ?? 1000) || (a.association < b.association ? -1 : 1),
  );
}

/** Whether the packet passes at an instance that carries these tags and accounts, and whether Google looks at it. */
export function askGcp(
  project: Project,
  carried: readonly string[],
  q: Question,
): { readonly passes: boolean; readonly traceOnly: boolean } {
  const metadata = q.direction === 'egress' && ['169.254.169.254', 'fd20:ce::254'].includes(q.peer);
  if (metadata || q.established) return { passes: true, traceOnly: metadata };
  const classic = (): boolean | undefined => askFirewalls(project, carried, q);
  const network = (): boolean | undefined => {
    for (const { rules } of inOrder(project.network)) {
      const answer = askPolicy(project, carried, q, rules);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  const steps = [
    ...project.hierarchy.map((rules) => () => askPolicy(project, carried, q, rules)),
    ...(project.before ? [network, classic] : [classic, network]),
  ];
  for (const step of steps) {
    const answer = step();
    if (answer !== undefined) return { passes: answer, traceOnly: false };
  }
  return { passes: q.direction === 'egress', traceOnly: false };
}
