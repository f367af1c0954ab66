/**
 * The numeric header fields that conditions constrain, with their widths in bits. Addresses and interface
 * names are conditions of their own (see rule/condition.ts).
 *
 * `state` is an index into CONNECTION_STATES, `pkttype` into PACKET_TYPES, `fragment` into FRAGMENTS.
 * `sport`/`dport` exist only in packets of PORT_PROTOCOLS that are not later fragments: a condition on a port is
 * false for every other packet (and its negation true). The same holds for `icmpType`/`icmpCode` (protocol 1 in
 * IPv4, 58 in IPv6) and `tcpFlags` (protocol 6).
 * `origDport`/`origSport` are the ports of the connection's first packet before translation (`--ctorigdstport`).
 */
export const NUMERIC_FIELDS = {
  protocol: 8,
  sport: 16,
  dport: 16,
  origSport: 16,
  origDport: 16,
  icmpType: 8,
  icmpCode: 8,
  tcpFlags: 8,
  state: 3,
  mark: 32,
  ctmark: 32,
  mac: 48,
  length: 16,
  ttl: 8,
  tos: 8,
  pkttype: 2,
  fragment: 2,
  extensionHeaders: 8,
} as const;

export type NumericField = keyof typeof NUMERIC_FIELDS;

/** Address fields: of the packet as it is now, and of the connection's first packet before translation. */
export type AddressField = 'src' | 'dst' | 'origSrc' | 'origDst';
