import type { Box } from '../finding/report.ts';
import { protocolName } from '../packet/protocol.ts';

/** The most lists of a box, and boxes of a list, that a sentence names; the finding's packets have them all. */
const NAMED = 6;

/** Packets in a few words for a message, such as `tcp to port 22 from 10.0.0.0-10.255.255.255`. */
export function describePackets(boxes: readonly Box[]): string {
  const texts = [...new Set(boxes.slice(0, 2).map(describeBox))];
  const more = boxes.length - 2;
  return more > 0
    ? `${texts.join('; ')}; and ${more} more ${more === 1 ? 'set' : 'sets'} of packets`
    : texts.join('; ');
}

function describeBox(box: Box): string {
  const words = [
    box.protocols === undefined ? 'any protocol' : list(box.protocols.map(protocolText)),
    box.icmp === undefined ? '' : `type/code ${list(box.icmp)}`,
    box.destinationPorts === undefined ? '' : `to port ${list(box.destinationPorts)}`,
    box.sourcePorts === undefined ? '' : `from port ${list(box.sourcePorts)}`,
    box.sources === undefined ? '' : `from ${list(box.sources)}`,
    box.destinations === undefined ? '' : `to ${list(box.destinations)}`,
    box.in?.any === undefined ? '' : `in by ${list(box.in.any)}`,
    box.out?.any === undefined ? '' : `out by ${list(box.out.any)}`,
  ];
  return words.filter((word) => word !== '').join(' ');
}

function list(values: readonly string[]): string {
  if (values.length <= NAMED) return values.join(', ');
  return `${values.slice(0, NAMED).join(', ')} and ${values.length - NAMED} more`;
}

function protocolText(text: string): string {
  return /^\d+$/.test(text) ? protocolName(Number(text)) : text;
}
