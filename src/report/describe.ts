import type { Box, NameSet, Translated } from '../finding/report.ts';

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '33': 'dccp',
  '58': 'icmpv6',
  '132': 'sctp',
  '136': 'udplite',
};

const PORT_PROTOCOLS: ReadonlySet<string> = new Set(['6', '17', '33', '132', '136']);

/** How many values of one list a line shows before it says how many more there are. */
const SHOWN_VALUES = 8;

/** One box as a sentence part: `IPv4 tcp from 10.0.0.0-10.255.255.255 to 10.1.2.10 port 22 in by eth0`. */
export function describeBox(box: Box): string {
  const parts = [box.family === 'ipv4' ? 'IPv4' : 'IPv6'];
  parts.push(box.protocols === undefined ? 'any protocol' : values(box.protocols.map(protocolName)));
  if (box.icmp !== undefined) parts.push(`type/code ${values(box.icmp)}`);
  parts.push(`from ${values(box.sources)}`);
  if (box.sourcePorts !== undefined) parts.push(`source port ${values(box.sourcePorts)}`);
  parts.push(`to ${values(box.destinations)}`);
  if (box.destinationPorts !== undefined) parts.push(`port ${values(box.destinationPorts)}`);
  else if (hasPorts(box)) parts.push('any port');
  if (box.in !== undefined) parts.push(`in by ${interfaces(box.in)}`);
  if (box.out !== undefined) parts.push(`out by ${interfaces(box.out)}`);
  if (box.groups !== undefined) parts.push(`at ${values(box.groups)}`);
  if (box.exceptGroups !== undefined) parts.push(`not at ${values(box.exceptGroups)}`);
  if (box.peerGroups !== undefined) parts.push(`with members of ${values(box.peerGroups)}`);
  if (box.exceptPeerGroups !== undefined)
    parts.push(`with anybody but members of ${values(box.exceptPeerGroups)}`);
  return parts.join(' ');
}

/** What a list says of a box where there is a line for it: `tcp 22 from 10.0.0.0-10.255.255.255`. */
export function describeBriefly(box: Box): string {
  const parts = [box.protocols === undefined ? 'any protocol' : few(box.protocols.map(protocolName))];
  if (box.icmp !== undefined) parts.push(few(box.icmp));
  if (box.destinationPorts !== undefined) parts.push(few(box.destinationPorts));
  if (box.sources !== undefined) parts.push(`from ${few(box.sources)}`);
  if (box.peerGroups !== undefined) parts.push(`with members of ${few(box.peerGroups)}`);
  return parts.join(' ');
}

function few(list: readonly string[]): string {
  const rest = list.length - 3;
  return rest > 1 ? `${list.slice(0, 3).join(', ')} and ${rest} more` : list.join(', ');
}

/** Where a translation sends the packets: `172.17.0.2 port 8080`. */
export function describeTranslated(translated: Translated): string {
  const parts = [translated.destination ?? 'the same address'];
  if (translated.port !== undefined) parts.push(`port ${translated.port}`);
  return parts.join(' ');
}

function values(list: readonly string[] | undefined): string {
  if (list === undefined) return 'any';
  const shown = list.slice(0, SHOWN_VALUES).join(', ');
  return list.length > SHOWN_VALUES ? `${shown} and ${list.length - SHOWN_VALUES} more` : shown;
}

/** A protocol's name as rules write it, or its number: `tcp`, `protocol 47`. */
export function protocolName(protocol: string): string {
  return PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`;
}

function hasPorts(box: Box): boolean {
  return box.protocols?.every((p) => PORT_PROTOCOLS.has(p)) ?? false;
}

function interfaces(names: NameSet): string {
  const some = names.any === undefined ? 'any interface' : values(names.any);
  return names.except === undefined || names.except.length === 0
    ? some
    : `${some} but ${values(names.except)}`;
}
