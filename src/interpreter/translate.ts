import { PORT_PROTOCOLS } from '../packet/packet.ts';
import type { TranslateAction } from '../rule/action.ts';
import type { HostAddress, HostFacts } from '../rule/ruleset.ts';
import { localAddresses } from './address-type.ts';
import type { Tuple } from './circumstances.ts';
import { type AddressDomain, type Domain, equal, everyAddress, known, onlyValue } from './domain.ts';
import { visibleNames } from './interfaces.ts';
import { whichInterface } from './narrow.ts';
import type { Pending } from './question.ts';
import { differsNow } from './translation-state.ts';
import { bytesChange, hasConnection, type Walk } from './walk.ts';

/**
 * Translates the packet, as the connection's first packet is translated. `drop` where there is no address to
 * translate to, the question where it depends on which interface it is.
 */
export function translate(walk: Walk, action: TranslateAction): 'done' | 'drop' | Pending {
  const side = action.what === 'dnat' ? 'dst' : 'src';
  const port = action.what === 'dnat' ? 'dport' : 'sport';
  const address = newAddress(walk, action, side);
  if (address === 'drop' || 'question' in address) return address;
  const { domain, toHost } = address;
  const newPort = newPortOf(walk, action, port);
  const changed =
    !equal(domain as Domain<bigint>, walk.addresses[side] as Domain<bigint>) ||
    !equal(newPort, walk.fields[port]);
  walk.addresses[side] = domain;
  walk.fields[port] = newPort;
  const differs = differsNow(walk, action.what);
  walk.translated[side] = { done: true, toHost, changed, differs, addressed: action.address !== undefined };
  if (changed) bytesChange(walk);
  return 'done';
}

interface NewAddress {
  readonly domain: AddressDomain;
  readonly toHost: boolean;
}

function newAddress(walk: Walk, action: TranslateAction, side: 'src' | 'dst'): NewAddress | 'drop' | Pending {
  const now = walk.addresses[side];
  const { address } = action;
  if (address === undefined) return { domain: now, toHost: false };
  if (address.kind === 'local') return localAddress(walk, side);
  if (address.kind === 'range') return { domain: inFamily(walk, address.lo, address.hi), toHost: false };
  const rest = (walk.setting.packet.family === 4 ? 0xffffffffn : (1n << 128n) - 1n) & ~address.mask;
  const only = onlyValue(now as Domain<bigint>);
  // A destination is translated once, so its former address is known; a whole network stands for one that is not.
  if (only === undefined)
    return { domain: inFamily(walk, address.value, address.value | rest), toHost: false };
  const to = (BigInt(only) & rest) | address.value;
  return { domain: inFamily(walk, to, to), toHost: false };
}

/**
 * The host's own address: for a redirection of outgoing packets the loopback address, else one of the incoming
 * interface's (`net/netfilter/nf_nat_redirect.c`), for masquerading one of the outgoing interface's
 * (`net/netfilter/nf_nat_masquerade.c`). An interface without one makes the kernel drop the packet.
 */
function localAddress(walk: Walk, side: 'src' | 'dst'): NewAddress | 'drop' | Pending {
  const { packet, ruleset } = walk.setting;
  if (side === 'dst' && walk.hook === 'output') {
    const loopback = packet.family === 4 ? 0x7f000001n : 1n;
    return { domain: inFamily(walk, loopback, loopback), toHost: true };
  }
  if (ruleset.host === undefined) return { domain: everyAddress(packet.family), toHost: true };
  const names = visibleNames(walk, side === 'dst' ? 'in' : 'out');
  if (names.length > 1) return whichInterface(names, side === 'dst' ? 'in' : 'out');
  return interfaceAddress(walk, ruleset.host, names[0] as string, side);
}

function interfaceAddress(
  walk: Walk,
  host: HostFacts,
  name: string,
  side: 'src' | 'dst',
): NewAddress | 'drop' {
  const { family } = walk.setting.packet;
  // Of an interface that the facts don't name the addresses are not known either.
  if (!host.interfaces.includes(name)) return { domain: everyAddress(family), toHost: true };
  if (side === 'src' && family === 4) return masqueradeAddress(host, name);
  const own = host.addresses.filter((a) => a.family === family && a.interface === name);
  if (own.length === 0) {
    if (side === 'dst') return 'drop';
    const any = localAddresses(host, family);
    return any.length === 0 ? 'drop' : { domain: any, toHost: true };
  }
  // In IPv6 the scope goes before the interface (net/ipv6/addrconf.c, ipv6_dev_get_saddr).
  if (side === 'src' && own.every(({ address }) => isNarrow(family, address)))
    return { domain: localAddresses(host, family), toHost: true };
  if (side === 'dst') return { domain: addressesOf(redirectedTo(walk, own), family), toHost: true };
  return { domain: addressesOf(own, family), toHost: true };
}

/**
 * What masquerading gives in IPv4: an address of the interface, or, where it has none of global scope, as the loopback interface usually
 * has none, one that it borrows of any other (net/ipv4/devinet.c, inet_select_addr; seen on 6.18).
 */
function masqueradeAddress(host: HostFacts, name: string): NewAddress | 'drop' {
  const wide = host.addresses.filter(({ family, narrow }) => family === 4 && narrow !== true);
  const own = wide.filter((address) => address.interface === name);
  if (wide.length === 0) return 'drop';
  return { domain: addressesOf(own.length > 0 ? own : wide, 4), toHost: true };
}

/**
 * The first address. Newer kernels take one of the packet's scope, and pass over what is tentative until nobody is known to have it, too:
 * then one of those up to the first that is not.
 */
function redirectedTo({ setting }: Walk, own: readonly HostAddress[]): readonly HostAddress[] {
  const { family, dst } = setting.packet;
  if (family === 4) return own.slice(0, 1);
  if (isNarrow(6, dst)) return own;
  const settled = own.findIndex(({ tentative }) => tentative !== true);
  return settled < 0 ? own : own.slice(0, settled + 1);
}

/** Link-local addresses, of whose scope the loopback address is too (net/ipv6/addrconf_core.c, __ipv6_addr_type). */
function isNarrow(family: 4 | 6, address: bigint): boolean {
  return family === 6 && (address >> 118n === 0x3fan || address === 1n);
}

function addressesOf(own: readonly HostAddress[], family: 4 | 6): AddressDomain {
  const sorted = [...new Set(own.map((a) => a.address))].sort((a, b) => (a < b ? -1 : 1));
  const domain: bigint[] = [];
  for (const address of sorted) {
    if (domain.length > 0 && domain[domain.length - 1] === address - 1n) domain[domain.length - 1] = address;
    else domain.push(address, address);
  }
  return family === 4 ? domain.map(Number) : domain;
}

function inFamily(walk: Walk, lo: bigint, hi: bigint): AddressDomain {
  return walk.setting.packet.family === 4 ? [Number(lo), Number(hi)] : [lo, hi];
}

/**
 * The port after translation. Destination translation keeps it where no other is named. Source translation may take
 * another of the same class when the port is in use (`net/netfilter/nf_nat_core.c`, nf_nat_l4proto_unique_tuple).
 */
function newPortOf(walk: Walk, action: TranslateAction, port: 'sport' | 'dport'): Domain {
  const now = walk.fields[port];
  if (!PORT_PROTOCOLS.includes(walk.setting.packet.protocol)) return now;
  if (action.port !== undefined) return [action.port.lo, action.port.hi];
  if (action.what === 'dnat') return now;
  const only = onlyValue(now);
  if (only === undefined) return [0, 65535];
  if (only >= 1024) return [1024, 65535];
  if (only >= 600) return [600, 1023];
  return only >= 512 ? [only, only, 600, 1023] : [Math.min(1, only), 511];
}

/**
 * What NAT does to a packet of a connection whose translation is known: towards what the other direction's tuple
 * says (`net/netfilter/nf_nat_core.c`, nf_nat_packet).
 */
export function followConnection(walk: Walk): void {
  const { connection } = walk.setting;
  if (connection === undefined || !hasConnection(walk)) return;
  const other: Tuple = connection.direction === 'original' ? connection.reply : connection.original;
  const toDestination = walk.hook === 'prerouting' || walk.hook === 'output';
  const [side, port] = toDestination ? (['dst', 'dport'] as const) : (['src', 'sport'] as const);
  const [address, newPort] = toDestination ? [other.src, other.sport] : [other.dst, other.dport];
  const domain = inFamily(walk, address, address);
  const hasPorts = PORT_PROTOCOLS.includes(walk.setting.packet.protocol);
  const changed =
    !equal(domain as Domain<bigint>, walk.addresses[side] as Domain<bigint>) ||
    (hasPorts && !equal(known(newPort), walk.fields[port]));
  if (!changed) return;
  walk.addresses[side] = domain;
  if (hasPorts) walk.fields[port] = known(newPort);
  walk.translated[side].done = true;
  walk.translated[side].changed = true;
  walk.translated[side].addressed = true;
  bytesChange(walk);
}
