import type { SecurityRule } from './content.ts';

const ICMP: readonly string[] = ['icmp', 'icmpv6', 'ipv6-icmp', '1', '58'];

/** Whether a protocol, as a rule writes it, is one of types and codes. */
export const isIcmp = (protocol: string): boolean => ICMP.includes(protocol);

/** A rule in one line: `web ingress IPv4 tcp 22 from 10.0.0.0/8`. */
export function labelOf(rule: Omit<SecurityRule, 'span'>, nameOf = (id: string): string => id): string {
  const { group, direction, protocol, leftOut, min, max } = rule;
  const family = leftOut.includes('Ethertype') ? 'IPv4 or IPv6' : `IPv${rule.family}`;
  const icmp = protocol !== undefined && isIcmp(protocol);
  const range = min === max || max === undefined ? `${min}` : icmp ? `${min} code ${max}` : `${min}-${max}`;
  const ports = min === undefined ? '' : icmp ? ` type ${range}` : ` ${range}`;
  const peers = rule.remoteGroup ?? rule.remoteAddresses;
  const remote = rule.prefix ?? (peers === undefined ? 'any' : nameOf(peers));
  const way = direction === 'ingress' ? 'from' : 'to';
  return `${nameOf(group)} ${direction} ${family} ${protocol ?? 'any'}${ports} ${way} ${remote}`;
}

/**
 * Rules with the names of groups in what reports show of them: ids are 36 characters that nobody knows.
 * @param ids ids by names that one group only has
 */
export function withNames(rules: readonly SecurityRule[], ids: ReadonlyMap<string, string>): SecurityRule[] {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  return rules.map((rule) => {
    const span = { ...rule.span, label: labelOf(rule, nameOf) };
    return { ...rule, span };
  });
}
