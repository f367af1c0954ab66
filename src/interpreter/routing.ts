import { broadcastAddresses, localAddresses, routerAddresses } from './address-type.ts';
import { common, type Domain } from './domain.ts';
import { addressIsIn, either, rememberedQuestion } from './narrow.ts';
import type { Pending, Truth } from './question.ts';
import type { Walk } from './walk.ts';

/**
 * After prerouting: on to input or forward. The packet's own hook is believed, unless its destination has been
 * translated and the host's addresses are known (docs/pipeline.md). A redirected packet is the host's.
 * @returns the question that decides, or undefined when the walk stands at its next hook
 */
export function route(walk: Walk): Pending | undefined {
  const { packet } = walk.setting;
  // What comes in and is translated elsewhere shows that the host forwards, so that it answers to anycast addresses.
  const toHost = walk.translated.dst.done ? goesToHost(walk, true) : undefined;
  if (typeof toHost === 'object') return toHost;
  const destination = toHost === undefined ? packet.hook : toHost ? 'input' : 'forward';
  if (destination === 'forward' && packet.hook === 'input') walk.names.out = otherInterfaces(walk);
  if (destination === 'forward') walk.fields.ttl = decremented(walk.fields.ttl);
  walk.destination = destination;
  walk.hook = destination === 'forward' ? 'forward' : 'input';
  return undefined;
}

/**
 * A local packet whose destination has been translated is routed anew before postrouting
 * (`net/netfilter/nf_nat_proto.c`, nf_nat_ipv4_local_fn): to the host itself it leaves by the loopback interface.
 */
export function routeAgain(walk: Walk): Pending | undefined {
  if (!walk.translated.dst.done) return undefined;
  const toHost = goesToHost(walk, rememberedQuestion(walk, 'routing', 'the host forwards', IS_HOST));
  if (typeof toHost === 'object') return toHost;
  const leavesByLoopback = walk.names.out.every(walk.setting.isLoopback);
  if (toHost === true && !leavesByLoopback) walk.names.out = [loopbackName(walk)];
  if (toHost === false && leavesByLoopback) walk.names.out = otherInterfaces(walk);
  return undefined;
}

const IS_HOST = 'whether the translated destination is the host';

/**
 * Whether the translated destination is the host's; undefined where its addresses are not known.
 * @param forwards whether the host forwards: then the first addresses of its IPv6 networks are its own too (RFC 4291, 2.6.1)
 */
function goesToHost(walk: Walk, forwards: Truth): Truth | undefined {
  const { ruleset, packet } = walk.setting;
  if (walk.translated.dst.toHost) return true;
  if (ruleset.host === undefined) return undefined;
  const as = { kind: 'routing' as const, text: IS_HOST };
  const own = either([
    addressIsIn(walk, 'dst', localAddresses(ruleset.host, packet.family), as),
    addressIsIn(walk, 'dst', broadcastAddresses(ruleset.host, packet.family, ''), as),
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

/**
 * A forwarded packet's TTL is one less from the forward hook on (`net/ipv4/ip_forward.c`, `net/ipv6/ip6_output.c`);
 * one that arrives with less than two is not forwarded.
 */
function decremented(ttl: Domain): Domain {
  const alive = common(ttl, [2, 255]);
  return alive.length === 0 ? [0, 0] : alive.map((bound) => bound - 1);
}
