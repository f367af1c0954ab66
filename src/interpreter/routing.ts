import { GROUP_DESTINATIONS } from '../packet/packet.ts';
import { broadcastAddresses, localAddresses, routerAddresses } from './address-type.ts';
import { common, type Domain, onlyValue } from './domain.ts';
import { linkInterface } from './own-links.ts';
import { addressIsIn, either, fieldIsIn, rememberedQuestion } from './narrow.ts';
import type { Pending, Truth } from './question.ts';
import type { Walk } from './walk.ts';

/**
 * After prerouting: on to input or forward. The packet's own hook is believed, unless its destination has been
 * translated and the host's addresses are known (docs/pipeline.md). A redirected packet is the host's.
 * @returns the question that decides, `drop` where the kernel does not forward the packet, or undefined when the walk
 * stands at its next hook
 */
export function route(walk: Walk): Pending | 'drop' | undefined {
  const { packet } = walk.setting;
  // What comes in and is translated elsewhere shows that the host forwards, so that it answers to anycast addresses.
  const toHost = walk.translated.dst.done ? arrives(walk) : undefined;
  if (typeof toHost === 'object') return toHost;
  const destination = toHost === undefined ? packet.hook : toHost ? 'input' : 'forward';
  if (destination === 'forward') {
    const passes = either([isForwarded(walk), isWrittenForHost(walk)]);
    if (typeof passes === 'object') return passes;
    if (!passes) {
      walk.stopped = NOT_FORWARDED;
      return 'drop';
    }
    if (packet.hook === 'input') walk.names.out = otherInterfaces(walk);
    walk.fields.ttl = walk.fields.ttl.map((bound) => Math.max(0, bound - 1));
  }
  walk.destination = destination;
  walk.hook = destination === 'forward' ? 'forward' : 'input';
  return undefined;
}

/**
 * A local packet whose destination has been translated is routed anew before postrouting
 * (`net/netfilter/nf_nat_proto.c`, nf_nat_ipv4_local_fn): to the host itself it leaves by the loopback interface, to a machine on a link of
 * the host's by that link's. Where others leave only the host's routes tell: they are believed.
 */
export function routeAgain(walk: Walk): Pending | undefined {
  if (!walk.translated.dst.done) return undefined;
  const toHost = goesToHost(walk, rememberedQuestion(walk, 'routing', 'the host forwards', IS_HOST));
  if (typeof toHost === 'object') return toHost;
  const leavesByLoopback = walk.names.out.every(walk.setting.isLoopback);
  if (toHost === true && !leavesByLoopback) walk.names.out = [loopbackName(walk)];
  if (toHost !== false) return undefined;
  const link = walk.translated.dst.addressed ? linkInterface(walk) : undefined;
  if (typeof link === 'object') return link;
  if (link !== undefined) walk.names.out = [link];
  else if (leavesByLoopback) walk.names.out = otherInterfaces(walk);
  return undefined;
}

const NOT_FORWARDED =
  'The kernel does not forward it: its TTL is used up, or it came as a broadcast or multicast of the link.';
const IS_HOST = 'whether the translated destination is the host';

/**
 * Whether what came in and has been translated goes to the host. What is translated to everybody on the link or to a group
 * does, whether the host's addresses are known or not (`net/ipv4/route.c`, ip_route_input_slow and ip_route_input_mc).
 */
function arrives(walk: Walk): Truth | undefined {
  if (walk.translated.dst.toHost) return true;
  const as = { kind: 'routing' as const, text: IS_HOST };
  const group = addressIsIn(walk, 'dst', GROUP_DESTINATIONS[walk.setting.packet.family], as);
  return group === false ? goesToHost(walk, true) : group;
}

/**
 * Whether the translated destination is the host's; undefined where its addresses are not known.
 * @param forwards whether the host forwards: then the first addresses of its IPv6 networks are its own too (RFC 4291, 2.6.1)
 */
function goesToHost(walk: Walk, forwards: Truth): Truth | undefined {
  const { ruleset, packet } = walk.setting;
  if (walk.translated.dst.toHost) return true;
  if (ruleset.host === undefined) return undefined;
  const as = { kind: 'routing' as const, text: IS_HOST };
  // What the host itself sends to everybody on a link leaves by that link. Tried in the kernel.
  const toLink = walk.hook === 'output' ? [] : broadcastAddresses(ruleset.host, packet.family, '');
  const own = either([
    addressIsIn(walk, 'dst', localAddresses(ruleset.host, packet.family), as),
    addressIsIn(walk, 'dst', toLink, as),
  ]);
  if (own !== false || packet.family === 4) return own;
  const anycast = addressIsIn(walk, 'dst', routerAddresses(ruleset.host), as);
  return anycast === true ? forwards : anycast;
}

function loopbackName(walk: Walk): string {
  return walk.setting.ruleset.host?.addresses.find((a) => a.loopback)?.interface ?? 'lo';
}

/** Every interface that a packet can leave the host by; which one it is only its routes know. */
function otherInterfaces(walk: Walk): readonly string[] {
  const { host } = walk.setting.ruleset;
  const names = (host?.interfaces ?? []).filter((name) => !walk.setting.isLoopback(name));
  return names.length > 0 ? names : [''];
}

/** Whether a rule has made it one for the host, which nobody forwards: of a destination that is not known that is asked. */
function isWrittenForHost(walk: Walk): Truth {
  if (walk.unknownWrites.dst === undefined) return false;
  return rememberedQuestion(
    walk,
    'routing',
    'written for the host',
    'whether the written destination is the host',
  );
}

/** What has hops to go. */
const ALIVE: Domain = [2, 255];

/**
 * Whether the kernel forwards the packet: it drops those that come to this host only as broadcasts or multicasts of the
 * link, and those whose TTL is used up, before the forward hook sees them; the others' TTL is one less from there on
 * (`net/ipv4/ip_forward.c`, ip_forward; `net/ipv6/ip6_output.c`, ip6_forward). Packets of groups go another way.
 */
function isForwarded(walk: Walk): Truth {
  const { packet } = walk.setting;
  if (packet.pkttype !== 'unicast') {
    const group = addressIsIn(walk, 'dst', GROUP_DESTINATIONS[packet.family]);
    if (group !== true) return group;
  }
  // A packet of which nothing says how many hops it has left has some; what rules make of that is asked.
  if (walk.unknownWrites.ttl === undefined && onlyValue(walk.fields.ttl) === undefined) {
    const alive = common(walk.fields.ttl, ALIVE);
    if (alive.length > 0) walk.fields.ttl = alive;
  }
  return fieldIsIn(walk, 'ttl', ALIVE);
}
