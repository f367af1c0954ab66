import type { PartyReading, RowReading, TrafficReading } from '../../finding/report.ts';
import { protocolName } from '../describe.ts';
import { FAMILY } from './words.ts';

/** Values that a list shows before it counts. */
const SHOWN = 8;

/** Traffic in a few words: `tcp 80, 443`. */
export function trafficText(traffic: TrafficReading): string {
  const parts = [traffic.protocol === 'any' ? 'any protocol' : protocolName(traffic.protocol)];
  if (traffic.destinationPorts !== undefined) parts.push(listText(traffic.destinationPorts));
  if (traffic.icmp !== undefined) parts.push(`type/code ${listText(traffic.icmp)}`);
  if (traffic.sourcePorts !== undefined && !isEphemeral(traffic.sourcePorts))
    parts.push(`from port ${listText(traffic.sourcePorts)}`);
  return parts.join(' ');
}

const isEphemeral = (ports: readonly string[]): boolean => ports.length === 1 && ports[0] === '1024-65535';

/** The first values, and how many more. */
export function listText(values: readonly string[]): string {
  const shown = values.slice(0, SHOWN).join(', ');
  return values.length > SHOWN ? `${shown} and ${values.length - SHOWN} more` : shown;
}

/** What a row asks for, one text for each part; which of a choice is open no row says. */
export function needTexts({ all, choices }: RowReading): string[] {
  return [
    ...all.map(trafficText),
    ...choices.map((choice) => `one of ${choice.map(trafficText).join(' | ')}`),
  ];
}

/** How a row is read, as one sentence without its end. */
export function readingText(reading: RowReading): string {
  const parts = [`from ${partyText(reading.source)} to ${partyText(reading.destination)}`];
  const needs = needTexts(reading);
  if (needs.length > 0) parts.push(needs.join(' and '));
  if (reading.families.length === 1) parts.push(`${FAMILY[reading.families[0] as 'ipv4']} only`);
  if (reading.delivery !== undefined) parts.push(`at ${listText(reading.delivery)}`);
  if (reading.states !== undefined) parts.push(`state ${reading.states.join(', ')}`);
  if (reading.reply === 'none') parts.push('nobody answers');
  return parts.join('; ');
}

function partyText(party: PartyReading): string {
  const places = [
    ...(party.addresses ?? []),
    ...(party.dns ?? []),
    ...(party.sets ?? []).map((name) => `set ${name}`),
    ...(party.groups ?? []).map((name) => `group ${name}`),
    ...(party.interfaces ?? []).map((name) => `interface ${name}`),
  ];
  const what = places.length > 0 ? listText(places) : BINDINGS[party.binding];
  return what === undefined ? party.role : `${party.role} (${what})`;
}

/** What stands for addresses where there are none to show. */
const BINDINGS: Readonly<Record<PartyReading['binding'], string | undefined>> = {
  self: 'this host',
  bound: 'no address',
  internet: 'any address of no other role',
  unbound: 'not bound: some address',
  any: 'any address',
};
