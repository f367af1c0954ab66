import fc from 'fast-check';
import type { Packet } from '../../src/packet/packet.ts';
import { address } from '../support/rules.ts';
import { EDGES4, EDGES6, INTERFACES, MACS, MARKS, one, PORTS } from './values.ts';

/** A packet at the edges of what the rule sets mention. */
export function packetArbitrary(family: 4 | 6): fc.Arbitrary<Packet> {
  const edges = family === 4 ? EDGES4 : EDGES6;
  const value = one(edges).map((text) => {
    const condition = address('src', text);
    return condition.kind === 'address' ? BigInt(condition.values[0] as number | bigint) : 0n;
  });
  return fc
    .record({
      hook: one(['input', 'forward', 'output'] as const),
      in: one(INTERFACES),
      out: one(INTERFACES),
      src: value,
      dst: value,
      protocol: one([6, 6, 17, family === 4 ? 1 : 58, 47, 33]),
      sport: one(PORTS),
      dport: one(PORTS),
      icmpType: one([0, 8, 128, 135]),
      icmpCode: one([0, 1]),
      tcpFlags: one([0x02, 0x10, 0x12, 0]),
      state: one(['new', 'established', 'related', 'invalid', 'untracked'] as const),
      mark: one(MARKS),
      ctmark: one(MARKS),
      mac: one(MACS),
      length: one([60, 64, 65]),
      ttl: one([0, 1, 2, 63, 64, 64, 64, 65, 255]),
      tos: one([0, 1, 0x10, 255]),
      pkttype: one(['unicast', 'unicast', 'unicast', 'unicast', 'broadcast', 'multicast'] as const),
      extensionHeaders: one([0, 0, 1, 8, 9]),
      fragment: fc.oneof(
        { weight: 8, arbitrary: fc.constant('none' as const) },
        { weight: 1, arbitrary: one(['first', 'later'] as const) },
      ),
    })
    .map((raw): Packet => {
      const ported = [6, 17, 33].includes(raw.protocol) && raw.fragment !== 'later';
      const icmp = raw.protocol === (family === 4 ? 1 : 58) && raw.fragment !== 'later';
      return {
        ...raw,
        family,
        in: raw.hook === 'output' ? '' : raw.in,
        out: raw.hook === 'input' ? '' : raw.out,
        sport: ported ? raw.sport : 0,
        dport: ported ? raw.dport : 0,
        icmpType: icmp ? raw.icmpType : 0,
        icmpCode: icmp ? raw.icmpCode : 0,
        tcpFlags: raw.protocol === 6 && raw.fragment !== 'later' ? raw.tcpFlags : 0,
        ctmark: raw.state === 'new' ? 0 : raw.ctmark,
        extensionHeaders: family === 4 ? 0 : raw.extensionHeaders,
        groups: [],
        peerGroups: [],
      };
    });
}
