import { parseProtocol } from '../../packet/protocol.ts';
import { allOf, ALWAYS, type Condition } from '../../rule/condition.ts';

/** What a rule says of protocol and ports: fields of IpPermission, SecurityGroupRule and NetworkAclEntry. */
export interface Traffic {
  readonly protocol: string | number;
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Where type and code stand in fields of their own, and not in those of ports. */
  readonly icmp?: { readonly type: number | undefined; readonly code: number | undefined };
}

/** A condition, or why the rule cannot be read; `within`: what it is about for certain. */
export type TrafficCondition =
  | { readonly match: Condition; readonly text: string }
  | { readonly problem: string; readonly within?: Condition };

const NAMES: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmpv6', 58],
]);

/**
 * Protocol and ports as a condition. -1 is every protocol; TCP and UDP have ports, ICMP and ICMPv6 type and code with -1
 * for all; other protocols have no ports that AWS looks at, whatever the rule says. Of TCP, UDP and ICMP every rule and every
 * entry of a list has both numbers: one without has those that a query left out. A rule of ICMPv6 without them is about all types.
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html, FromPort, IpProtocol and ToPort;
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html, PortRange and Icmp;
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html)
 */
export function trafficOf({ protocol, from, to, icmp }: Traffic): TrafficCondition {
  const written = String(protocol).trim().toLowerCase();
  if (written === '-1' || written === 'all') return { match: ALWAYS, text: 'all traffic' };
  const number = NAMES.get(written) ?? (/^\d+$/.test(written) ? Number(written) : parseProtocol(written));
  if (number === undefined || number > 255) return { problem: `\`${written}\` is no protocol` };
  const own: Condition = { kind: 'field', field: 'protocol', values: [number, number] };
  const name = [...NAMES].find(([, value]) => value === number)?.[0] ?? `protocol ${number}`;
  const isIcmp = number === 1 || number === 58;
  if (!isIcmp && number !== 6 && number !== 17) return { match: own, text: name };
  if (!isIcmp) {
    if (from === undefined || to === undefined) return leftOut('ports', name, own);
    return portTraffic(own, name, from, to);
  }
  const { type, code } = icmp ?? typeAndCode(number, from, to);
  // All types have all codes.
  if (type === undefined || (code === undefined && type !== -1)) return leftOut('type and code', name, own);
  return icmpTraffic(own, name, type, code ?? -1);
}

/** Type and code of a group's rule, in the fields of ports; of ICMPv6 these are optional. */
function typeAndCode(
  protocol: number,
  from: number | undefined,
  to: number | undefined,
): NonNullable<Traffic['icmp']> {
  const isWhole = protocol === 58 && from === undefined && to === undefined;
  return isWhole ? { type: -1, code: -1 } : { type: from, code: to };
}

const leftOut = (what: string, name: string, within: Condition): TrafficCondition => ({
  problem: `the export leaves out the ${what} of ${name}`,
  within,
});

function portTraffic(own: Condition, name: string, from: number, to: number): TrafficCondition {
  if (from === -1 && to === -1) return { match: own, text: `${name} all ports` };
  if (from < 0 || to < from) return { problem: `the ports ${from} to ${to} are no range` };
  const ports: Condition = { kind: 'field', field: 'dport', values: [from, to] };
  const text = from === to ? `${name} ${from}` : `${name} ${from}-${to}`;
  return { match: allOf([own, ports]), text };
}

function icmpTraffic(own: Condition, name: string, type: number, code: number): TrafficCondition {
  if (type === -1) return { match: own, text: `${name} all types` };
  if (type > 255 || code > 255) return { problem: `the ICMP type ${type} code ${code} is none` };
  const types: Condition = { kind: 'field', field: 'icmpType', values: [type, type] };
  if (code === -1) return { match: allOf([own, types]), text: `${name} type ${type}` };
  const codes: Condition = { kind: 'field', field: 'icmpCode', values: [code, code] };
  return { match: allOf([own, types, codes]), text: `${name} type ${type} code ${code}` };
}
