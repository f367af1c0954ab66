import type { Box, NameSet } from '../finding/report.ts';
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
    box.protocols === undefined ? 'any protocol' : protocolsText(box.protocols),
    box.icmp === undefined ? '' : `type/code ${list(box.icmp)}`,
    box.destinationPorts === undefined ? '' : `to port ${list(box.destinationPorts)}`,
    box.sourcePorts === undefined ? '' : `from port ${list(box.sourcePorts)}`,
    box.sources === undefined ? '' : `from ${list(box.sources)}`,
    box.destinations === undefined ? '' : `to ${list(box.destinations)}`,
    box.peerGroups === undefined ? '' : `with members of ${list(box.peerGroups)}`,
    box.exceptPeerGroups === undefined ? '' : `with anybody but members of ${list(box.exceptPeerGroups)}`,
    box.exceptGroups === undefined ? '' : `where the instance is no member of ${list(box.exceptGroups)}`,
    namesText('in', box.in),
    namesText('out', box.out),
  ];
  return words.filter((word) => word !== '').join(' ');
}

function list(values: readonly string[]): string {
  if (values.length <= NAMED) return values.join(', ');
  return `${values.slice(0, NAMED).join(', ')} and ${values.length - NAMED} more`;
}

/** Protocols by name; numbers and ranges say that they are protocols. */
function protocolsText(protocols: readonly string[]): string {
  const names = protocols.map((text) => (/^\d+$/.test(text) ? protocolName(Number(text)) : text));
  if (!names.some((name) => /^\d/.test(name))) return list(names);
  return `${names.length === 1 && !names[0]?.includes('-') ? 'protocol' : 'protocols'} ${list(names)}`;
}

/** Interfaces, where they are not simply all but the loopback interface. */
function namesText(word: 'in' | 'out', names: NameSet | undefined): string {
  if (names?.any !== undefined) return `${word} by ${list(names.any)}`;
  const except = (names?.except ?? []).filter((name) => name !== 'lo');
  return except.length === 0 ? '' : `${word} by any but ${list(except)}`;
}
