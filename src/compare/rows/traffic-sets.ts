import type { Traffic } from '../../baseline/model.ts';
import { ALL, type Node } from '../../packet/diagram.ts';
import { PORT_PROTOCOLS } from '../../packet/packet.ts';
import { EPHEMERAL, sourcePortsOf } from '../finding/source-ports.ts';
import type { FamilyView } from '../view/view.ts';

/**
 * Packets of any of the traffics, whatever their ends.
 *
 * @param needed whether it is about what must pass: unnamed source ports are then those that hosts choose
 */
export function trafficsNode(view: FamilyView, traffics: readonly Traffic[], needed: boolean): Node {
  const { diagram } = view;
  const what = needed ? 'needed traffic' : 'traffic';
  return diagram.orAll(
    traffics.map((traffic) => diagram.literal(what, traffic, () => trafficNode(view, traffic, needed))),
  );
}

function trafficNode(view: FamilyView, traffic: Traffic, needed: boolean): Node {
  const parts = [view.field('protocol', [traffic.protocol, traffic.protocol])];
  if (traffic.ports !== undefined) parts.push(view.field('dport', traffic.ports));
  if (traffic.sourcePorts !== undefined) parts.push(view.field('sport', traffic.sourcePorts));
  else if (needed && hasPorts(traffic)) parts.push(view.field('sport', EPHEMERAL));
  if (traffic.icmp !== undefined) {
    const types = traffic.icmp.map(({ type, code }) =>
      view.all(
        view.field('icmpType', [type, type]),
        code === undefined ? ALL : view.field('icmpCode', [code, code]),
      ),
    );
    parts.push(view.diagram.orAll(types));
  }
  return view.all(...parts);
}

/** Whether the traffic is ICMP of codes that the row names. */
export const namesCodes = ({ icmp = [] }: Traffic): boolean => icmp.some(({ code }) => code !== undefined);

/**
 * The ICMP types whose codes a row names apart from those whose codes it leaves open: of the latter one code is enough, but a
 * host that gets every other Destination Unreachable has no path MTU discovery without code 4 (RFC 1191, 3). A type with named
 * codes and without any (`["3/4", 3]`) asks for those: with one of them open, one code is.
 */
export function codesApart(traffic: Traffic): readonly Traffic[] {
  const { icmp = [] } = traffic;
  const named = icmp.filter(({ code }) => code !== undefined);
  const open = icmp.filter(({ code, type }) => code === undefined && !named.some((one) => one.type === type));
  if (named.length === 0) return [traffic];
  return [named, open].filter((part) => part.length > 0).map((part) => ({ ...traffic, icmp: part }));
}

/** Packets from the source ports that the traffics are needed from. */
export function sourcePortsNode(view: FamilyView, traffics: readonly Traffic[]): Node {
  const ports = sourcePortsOf(traffics);
  return ports.length === 0 ? ALL : view.field('sport', ports);
}

/** Whether it is known which packets of its protocol a traffic is: those of some ports, or all where there are none. */
export const saysWhat = (traffic: Traffic): boolean => traffic.ports !== undefined || !hasPorts(traffic);

const hasPorts = (traffic: Traffic): boolean => PORT_PROTOCOLS.includes(traffic.protocol);
