import fc from 'fast-check';
import { formatAddress, parsePrefix } from '../../src/packet/address.ts';
import type { Question } from './brute/question.ts';

/** What the boundaries of questions are taken from. */
export interface Boundaries {
  readonly networks: readonly string[];
  readonly networks6: readonly string[];
  readonly ports: readonly number[];
  readonly protocols: readonly number[];
}

/** A question about an instance's address; the peer may be of some of the groups. */
export type MakeQuestion = (own: string, groups: readonly string[]) => Question;

/** First and last addresses of networks, and those before and after them. */
function edges(networks: readonly string[]): string[] {
  const found = networks.flatMap((text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) throw new Error(`${text} is no network`);
    const most = (1n << (prefix.family === 4 ? 32n : 128n)) - 1n;
    return [prefix.lo - 1n, prefix.lo, prefix.lo + 1n, prefix.lo + 2n, prefix.hi, prefix.hi + 1n]
      .filter((one) => one >= 0n && one <= most)
      .map((one) => formatAddress(prefix.family, one));
  });
  return [...new Set(found)];
}

/** Packets at the boundaries of networks, ports and types, in both directions and states. */
export function boundaryQuestions({
  networks,
  networks6,
  ports,
  protocols,
}: Boundaries): fc.Arbitrary<MakeQuestion> {
  const near = ports
    .flatMap((port) => [port - 1, port, port + 1])
    .filter((port) => port >= 0 && port <= 65535);
  return fc
    .record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      four: fc.constantFrom(...edges(networks)),
      six: fc.constantFrom(...edges(networks6)),
      of: fc.array(fc.nat(), { maxLength: 2 }),
      protocol: fc.constantFrom(...protocols, -1),
      sport: fc.constantFrom(...near),
      dport: fc.constantFrom(...near),
      icmpType: fc.constantFrom(0, 3, 8, 9, 128, 255),
      icmpCode: fc.constantFrom(0, 1, 4, 255),
      established: fc.boolean(),
    })
    .map(({ four, six, of, protocol, ...rest }) => (own, groups) => {
      const six6 = own.includes(':');
      const members = groups.length === 0 ? [] : of.map((n) => groups[n % groups.length] as string);
      return {
        ...rest,
        own,
        peer: six6 ? six : four,
        peerGroups: [...new Set(members)],
        protocol: protocol === -1 ? (six6 ? 58 : 1) : protocol,
      };
    });
}
