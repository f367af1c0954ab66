import { PORT_PROTOCOLS } from '../packet/packet.ts';
import type { Connection } from './circumstances.ts';
import { type Domain, lies } from './domain.ts';
import { rememberedQuestion } from './narrow.ts';
import type { Truth } from './question.ts';
import { hasConnection, isIcmp, type Translation, type Walk } from './walk.ts';

/**
 * Whether the connection's destination or source has been translated (`--ctstate DNAT`, `SNAT`). A translation to
 * what the packet was anyway does not count (`net/netfilter/nf_nat_core.c`, nf_nat_setup_info sets the status bit
 * only where the tuple changes). Without a connection entry nothing is translated.
 */
export function isTranslated(walk: Walk, what: 'dnat' | 'snat'): Truth {
  if (!hasConnection(walk)) return false;
  const { connection } = walk.setting;
  if (connection !== undefined) return connectionIs(connection, what);
  if (!isFirstPacket(walk))
    return rememberedQuestion(walk, 'field', `connection ${what}`, `--ctstate ${what.toUpperCase()}`);
  return hasChanged(walk, what);
}

/**
 * Whether this packet's own addresses are those that its connection began with. Packets of an established connection
 * may be replies or translated, and a related ICMP error belongs to the connection that it reports on.
 */
export function isFirstPacket(walk: Walk): boolean {
  const { packet } = walk.setting;
  return packet.state === 'new' || (packet.state === 'related' && !isIcmp(packet));
}

function connectionIs({ original, reply }: Connection, what: 'dnat' | 'snat'): boolean {
  return what === 'dnat'
    ? reply.src !== original.dst || reply.sport !== original.dport
    : reply.dst !== original.src || reply.dport !== original.sport;
}

/**
 * Nat settles it as it translates (nf_nat_setup_info): where one of several addresses or ports is taken, what later rules ask of that one
 * does not tell which it was.
 */
function hasChanged(walk: Walk, what: 'dnat' | 'snat'): Truth {
  const { differs } = walk.translated[what === 'dnat' ? 'dst' : 'src'];
  if (differs !== 'maybe') return differs === 'yes';
  return rememberedQuestion(walk, 'field', `changed ${what}`, `--ctstate ${what.toUpperCase()}`);
}

/** Whether a translation has made another address or port of what the connection began with. */
export function differsNow(walk: Walk, what: 'dnat' | 'snat'): Translation['differs'] {
  const [now, first, portNow, portFirst] =
    what === 'dnat'
      ? (['dst', 'origDst', 'dport', 'origDport'] as const)
      : (['src', 'origSrc', 'sport', 'origSport'] as const);
  const address = lies(walk.addresses[now] as Domain<bigint>, walk.addresses[first] as Domain<bigint>);
  const hasPorts = PORT_PROTOCOLS.includes(walk.setting.packet.protocol);
  const port = hasPorts ? lies(walk.fields[portNow], walk.fields[portFirst]) : 'inside';
  if (address === 'outside' || port === 'outside') return 'yes';
  return address === 'inside' && port === 'inside' ? 'no' : 'maybe';
}
