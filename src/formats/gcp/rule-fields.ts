import type { Direction } from '../exports/chains.ts';
import type { Json, JsonObject, LocatedJson } from '../exports/located.ts';
import { wrongField } from '../exports/problems.ts';
import { knownFields, unknownConditions } from '../exports/unknown-conditions.ts';
import schema from '../../../grammars/gcp/export.schema.json' with { type: 'json' };
import type { Diagnostic } from '../../text/diagnostic.ts';
import { type Ends, type GcpRule, textOf, textsOf } from './content.ts';

/** Ends that say nothing. */
export const NO_ENDS: Ends = {
  ranges: [],
  groups: [],
  addressGroups: [],
  opaque: [],
  regions: [],
  gone: [],
  contexts: [],
  unknown: [],
};

/** Why a disabled rule decides nothing. */
export const DISABLED = 'the rule is disabled; it is not enforced';

/**
 * Protocols and their ports, as a rule lists them.
 * @param name the field that has the protocol: rules and policies spell it differently
 */
export function layer4Of(items: readonly JsonObject[], name: string): GcpRule['layer4'] {
  return items.map((item) => ({ protocol: textOf(item[name]) ?? '', ports: textsOf(item.ports) }));
}

const LAYER4 = knownFields({ ...schema.$defs.layer4.properties, ...schema.$defs.layer4Config.properties });

/** Fields of protocols and their ports that are not known here: what they say may be more ports, or fewer. */
export const unknownOfLayer4 = (items: readonly JsonObject[]): string[] => [
  ...new Set(items.flatMap((item) => unknownConditions(item, LAYER4, /^/))),
];

/** The way of the packets; undefined where the text is none. */
export function directionOf(value: Json): Direction | undefined {
  const written = String(value).toUpperCase();
  return written === 'INGRESS' ? 'ingress' : written === 'EGRESS' ? 'egress' : undefined;
}

/** A priority from 0 to the highest number that the kind of rule can have; undefined where it is none. */
export function priorityOf(value: Json | undefined, most: number): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most
    ? number
    : undefined;
}

/** A rule in one line: `allow-ssh 1000 ingress allow tcp:22 from 10.0.0.0/8 for tag web`. */
export function labelOf(name: string, rule: Omit<GcpRule, 'span'>): string {
  const layer4 = rule.layer4.map(({ protocol, ports }) =>
    ports.length === 0 ? protocol : ports.map((port) => `${protocol}:${port}`).join(','),
  );
  const end = ({ ranges, groups, addressGroups, opaque, regions, contexts }: Ends): string =>
    [...ranges, ...groups, ...addressGroups, ...opaque, ...regions, ...contexts].join(',');
  const source = end(rule.source);
  const destination = end(rule.destination);
  const targets = [...rule.targets.tags, ...rule.targets.accounts];
  const words = [
    name,
    String(rule.priority),
    rule.direction,
    rule.action,
    layer4.join(','),
    source === '' ? '' : `from ${source}`,
    destination === '' ? '' : `to ${destination}`,
    targets.length === 0 ? '' : `for ${targets.join(',')}`,
    rule.idle === DISABLED ? '(disabled)' : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** An error about a field of a rule. */
export function wrongRule(
  json: LocatedJson,
  object: JsonObject,
  name: string,
  what: string,
  expected: string,
): Diagnostic {
  return wrongField(json, object, `firewall rule \`${name}\``, what, expected);
}
