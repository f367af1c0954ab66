import { type Node, NONE } from '../../packet/diagram.ts';
import { PORT_PROTOCOLS } from '../../packet/packet.ts';
import { normalise } from '../../packet/ranges.ts';
import type { Translation } from '../../symbolic/translation/transform.ts';
import { unchanged } from '../../symbolic/translation/translation.ts';
import type { FlowHook } from '../view/hook-view.ts';
import type { FamilyView } from '../view/view.ts';
import { addressSet, wideAddresses } from '../addresses/wide-addresses.ts';

/** Packets that keep their source though a rule translates it. */
export interface KeptSources {
  readonly surely: Node;
  readonly perhaps: Node;
}

/**
 * Packets that have a source already which the translation can give them keep that, with its port where no other connection has it
 * (net/netfilter/nf_nat_core.c, get_unique_tuple), unless the port is to be random. Masquerading gives one address alone: where the
 * interface has several, or nobody gives any, nobody knows which (net/ipv4/devinet.c, inet_select_addr).
 *
 * @param out the interface by which they leave where they set out by another (Transform)
 */
export function keptSources(
  view: FamilyView,
  hook: FlowHook,
  source: Translation,
  out: string | undefined,
): KeptSources {
  const { diagram, family, ruleset } = view;
  const isLocal = source.address?.kind === 'local';
  // Nothing that is forwarded comes from an address of the host's.
  if (hook === 'forward' && isLocal) return { surely: NONE, perhaps: NONE };
  const kept = diagram.orAll(
    // What leaves by the loopback interface in the end may have set out by another.
    [out, 'lo'].flatMap((by) => {
      const given = { ...source, what: 'snat' as const };
      const { same, maybe } = unchanged(diagram, given, by, { family, hook }, ruleset.host);
      return [same, maybe];
    }),
  );
  const unlisted = isLocal ? { surely: NONE, perhaps: kept } : { surely: kept, perhaps: NONE };
  const isListed = isLocal && ruleset.host !== undefined;
  const { surely, perhaps } = isListed ? onlyAddress(view, kept, out) : unlisted;
  if (source.random !== true) return { surely, perhaps };
  const random = ported(view);
  const rest = (set: Node): Node => diagram.difference(set, random);
  if (source.port === undefined) return { surely: rest(surely), perhaps: rest(perhaps) };
  return { surely: rest(surely), perhaps: diagram.or(perhaps, diagram.and(surely, random)) };
}

/** Packets of protocols with ports. */
export const ported = (view: FamilyView): Node =>
  view.field('protocol', normalise(PORT_PROTOCOLS.map((number) => [number, number] as const)));

/** Of packets that have an address of their interface already those that keep it, as it has no other. */
function onlyAddress(view: FamilyView, packets: Node, out: string | undefined): KeptSources {
  const { diagram, family, ruleset } = view;
  const { interfaces = [] } = ruleset.host ?? {};
  const wide = wideAddresses(ruleset, family);
  let [surely, perhaps] = [NONE, NONE];
  for (const name of interfaces) {
    if (out !== undefined && out !== name) continue;
    const own = wide.filter((one) => one.interface === name);
    const from = view.field('src', addressSet(own, family));
    const here = out === name ? packets : view.all(packets, view.named('out', [{ name, prefix: false }]));
    // Where it has none the kernel takes one of another interface's.
    if (own.length === 0) perhaps = diagram.or(perhaps, here);
    else if (own.length === 1) surely = diagram.or(surely, diagram.and(here, from));
    else perhaps = diagram.or(perhaps, diagram.and(here, from));
  }
  if (out !== undefined && interfaces.includes(out)) return { surely, perhaps };
  const others = diagram.not(
    view.named(
      'out',
      interfaces.map((name) => ({ name, prefix: false })),
    ),
  );
  return { surely: diagram.or(surely, diagram.and(packets, others)), perhaps };
}
