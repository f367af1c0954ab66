import { addressWords, listed } from './address-words.ts';
import type { Box, NameSet } from '../../finding/report.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import { protocolName } from '../../packet/protocol.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { remembered } from '../view/remembered.ts';

/** The most lists of a box, and boxes of a list, that a sentence names; the finding's packets have them all. */
const NAMED = 6;

/**
 * Packets in a few words for a message, such as `tcp to port 22 from 10.0.0.0-10.255.255.255`.
 *
 * @param known the groups that the instance is known to carry, or not to: of others that a box names it must be a member besides, or none
 */
export function describePackets(boxes: readonly Box[], known: readonly string[]): string {
  if (boxes.length === 1) return describeBox(boxes[0] as Box, known);
  const texts = [...new Set(boxes.slice(0, 2).map((box) => describeBox(box, known)))];
  const more = boxes.length - 2;
  return more > 0
    ? `${texts.join('; ')}; and ${more} more ${more === 1 ? 'set' : 'sets'} of packets`
    : texts.join('; ');
}

/** The groups of which it is known whether the instance carries them: a message says of no packet that it goes through the host that it is about. */
export const knownGroups = ({ cloud }: Ruleset): readonly string[] => [
  ...(cloud?.groups ?? []),
  ...(cloud?.lacking ?? []),
];

/** What boxes do not say of packets that begin no connection: their state, after a space. */
export const inState = (state: ConnectionState): string =>
  state === 'new' ? '' : ` in the connection state ${state}`;

function describeBox(box: Box, known: readonly string[]): string {
  let text = box.protocols === undefined ? 'any protocol' : protocolsText(box.protocols);
  if (box.icmp !== undefined) text += ` type/code ${list(box.icmp)}`;
  if (box.destinationPorts !== undefined) text += ` to port ${list(box.destinationPorts)}`;
  if (box.sourcePorts !== undefined) text += ` from port ${list(box.sourcePorts)}`;
  if (box.sources !== undefined) text += ` from ${addressWords(box.sources, NAMED)}`;
  if (box.destinations !== undefined) text += ` to ${addressWords(box.destinations, NAMED)}`;
  if (box.peerGroups !== undefined) text += ` with members of ${list(box.peerGroups)}`;
  if (box.exceptPeerGroups !== undefined)
    text += ` with anybody but members of ${list(box.exceptPeerGroups)}`;
  const besides = box.groups?.filter((name) => !known.includes(name)) ?? [];
  if (besides.length > 0) text += ` where the instance is a member of ${list(besides)}`;
  const others = box.exceptGroups?.filter((name) => !known.includes(name)) ?? [];
  if (others.length > 0) text += ` where the instance is no member of ${list(others)}`;
  if (box.in !== undefined) text += incomingText(box.in);
  if (box.out !== undefined) text += outgoingText(box.out);
  return text;
}

const list = (values: readonly string[]): string => listed(values, NAMED);

/** Protocol 0 stays a number: to whoever writes rules `ip` is every protocol. */
const nameOf = (number: string): string => (number === '0' ? number : protocolName(Number(number)));

/** Protocols by name; numbers and ranges say that they are protocols. */
const protocolsText = remembered((protocols: readonly string[]): string => {
  const names = protocols.map((text) => (/^\d+$/.test(text) ? nameOf(text) : text));
  if (!names.some((name) => /^\d/.test(name))) return list(names);
  return `${names.length === 1 && !names[0]?.includes('-') ? 'protocol' : 'protocols'} ${list(names)}`;
});

const incomingText = remembered((names: NameSet): string => namesText('in', names));
const outgoingText = remembered((names: NameSet): string => namesText('out', names));

/** Interfaces after a space, where they are not simply all but the loopback interface. */
function namesText(word: 'in' | 'out', names: NameSet): string {
  const { any, except: others = [] } = names;
  if (any !== undefined)
    return ` ${word} by ${list(any)}${others.length === 0 ? '' : ` but ${list(others)}`}`;
  const except = others.filter((name) => name !== 'lo');
  return except.length === 0 ? '' : ` ${word} by any but ${list(except)}`;
}
