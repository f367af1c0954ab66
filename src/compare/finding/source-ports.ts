import type { ResolvedRow, Traffic } from '../../baseline/model.ts';
import type { Box } from '../../finding/report.ts';
import { PORT_PROTOCOLS } from '../../packet/packet.ts';
import { intersection, normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';

/** Ports that the other end of a needed connection sends from. */
export const EPHEMERAL: Ranges = [1024, 65535];

/**
 * A sentence on how many of the source ports that the row needs the packets have, to stand behind a finding's message; empty where
 * they have all of them. A rule about one port that does not ask for a connection's state stops replies to that port too: all but
 * one of 64,512 connections work.
 */
export function shareOfSourcePorts(boxes: readonly Box[], row: ResolvedRow): string {
  const needed = sourcePortsOf([...row.all, ...row.choices.flat()]);
  const named = boxes.flatMap(({ sourcePorts }) => (sourcePorts === undefined ? [] : [sourcePorts]));
  if (needed.length === 0 || named.length < boxes.length) return '';
  const concerned = intersection(normalise(named.flat().map(pairOf)), needed);
  const [some, all] = [count(concerned), count(needed)];
  return some === all ? '' : ` That is ${some} of the ${all} source ports from which it is needed.`;
}

/** The source ports that the traffics are needed from, all together. */
export function sourcePortsOf(traffics: readonly Traffic[]): Ranges {
  const withPorts = traffics.filter(({ protocol }) => PORT_PROTOCOLS.includes(protocol));
  return normalise(withPorts.flatMap(({ sourcePorts }) => pairsOf(sourcePorts ?? EPHEMERAL)));
}

function pairOf(text: string): [number, number] {
  const [lo, hi = lo] = text.split('-').map(Number) as [number, number?];
  return [lo, hi];
}

const count = (ports: Ranges): number => pairsOf(ports).reduce((sum, [lo, hi]) => sum + hi - lo + 1, 0);
