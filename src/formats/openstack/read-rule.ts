import { parseOpenstack } from '../../../grammars/openstack/parser.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { Direction } from '../exports/chains.ts';
import type { Json, JsonObject } from '../exports/located.ts';
import { knownFields, unknownConditions } from '../exports/unknown-conditions.ts';
import { kept } from '../../text/kept.ts';
import schema from '../../../grammars/openstack/export.schema.json' with { type: 'json' };
import { type Column, fieldOf, type SecurityRule, textOf } from './content.ts';
import { isIcmp, labelOf } from './label.ts';

const KNOWN = knownFields(schema.$defs.Rule.properties);

/** Names of conditions: about remotes and ports (`sourcePortRange`, `dport`), not those of which `port` is a part (`transport`, `exported`). */
const CONDITIONS = /^remote|(?<!trans|sup|ex|im|re)port(?!able|folio|ion)/i;

interface From {
  readonly printed?: boolean;
  readonly list?: readonly Json[] | undefined;
  readonly beside?: readonly Json[];
}

/**
 * A rule as the API has it, or as a row of `openstack security group rule list --long`.
 * (https://docs.openstack.org/api-ref/network/v2/index.html#security-group-rules-security-group-rules)
 *
 * @param group the group that the rule is of, where the rule itself does not say
 * @param from `printed`: a text of an older client, which leaves out a type and a code that are 0; `list`: what was printed with it;
 * `beside`: the other rules of its group, where they stand in it
 */
export function readRule(
  object: JsonObject,
  group: string,
  place: Span,
  { printed = false, list = [object], beside = list }: From,
): SecurityRule | Diagnostic {
  const direction = textOf(object, 'direction', 'Direction')?.toLowerCase();
  if (direction !== 'ingress' && direction !== 'egress') return withoutDirection(place);
  const action = textOf(object, 'action');
  if (action !== undefined && !/^(?:allow|accept)$/i.test(action)) return denying(action, place);
  const fromColumns = printed || isListed(object);
  const protocol = textOf(object, 'protocol', 'IP Protocol')?.toLowerCase();
  const any = protocol === undefined || protocol === 'any' || protocol === '-1' || protocol === '0';
  const unknown = unknownConditions(object, KNOWN, CONDITIONS);
  const ports = portsOf(object, protocol ?? '');
  const remote = {
    prefix: textOf(object, 'remote_ip_prefix', 'IP Range'),
    remoteGroup: textOf(object, 'remote_group_id', 'Remote Security Group'),
    remoteAddresses: textOf(object, 'remote_address_group_id', 'Remote Address Group'),
  };
  const family = familyOf(object, remote.prefix, protocol);
  const rule = {
    id: textOf(object, 'id', 'ID'),
    group: textOf(object, 'security_group_id', 'Security Group') ?? group,
    direction: direction as Direction,
    family: family ?? 4,
    isFamilyTaken: family === undefined && !isListed(object) && !isAnswer(beside),
    protocol: any ? undefined : protocol,
    ...remote,
    // The newer command line writes the family's whole network beside a group that is meant.
    prefix:
      isWhole(remote.prefix) && (remote.remoteGroup ?? remote.remoteAddresses) !== undefined
        ? undefined
        : remote.prefix,
    fromColumns,
    unknownRemotes: unknown,
    ...ports,
  };
  const leftOut = isListed(object) ? leftOutOf(columnsOf(list), rule) : leftOutOfAnswer(beside, rule);
  const isUnsaid = family === undefined && !isListed(object) && !rule.isFamilyTaken;
  const unsaid: readonly Column[] = isUnsaid ? [...leftOut, 'Ethertype'] : leftOut;
  const printedPorts = unsaid.includes('Port Range') ? NO_PORTS : ports;
  return {
    ...rule,
    ...printedPorts,
    leftOut: unsaid,
    span: { ...place, label: labelOf({ ...rule, leftOut: unsaid }) },
  };
}

/** The columns of a list: a row without one that others have has nothing there, as where somebody dropped what is null. */
const columnsOf = (list: readonly Json[]): ReadonlySet<string> =>
  kept(COLUMNS, list, () => new Set(list.flatMap((row) => Object.keys(row ?? {}))));

const COLUMNS = new WeakMap<readonly Json[], ReadonlySet<string>>();

/** Whether the rule is a row of the command's list, and not an object of the API. */
const isListed = (object: JsonObject): boolean =>
  ['IP Protocol', 'Port Range', 'IP Range', 'Direction'].some((name) => name in object);

/**
 * `-c` prints some columns of a list. Where one is not there, its value is not "any": of the others some still say what it must
 * be. (openstackclient, network/v2/security_group_rule.py, `ListSecurityGroupRule`; `Remote Address Group` came late.)
 */
function leftOutOf(columns: ReadonlySet<string>, rule: Omit<SecurityRule, 'span' | 'leftOut'>): Column[] {
  const { protocol, prefix, remoteGroup, remoteAddresses } = rule;
  const named = (remoteGroup ?? remoteAddresses) !== undefined;
  const sixth = protocol !== undefined && /^(?:icmpv6|ipv6-)/.test(protocol);
  const decided: Readonly<Record<Column, boolean>> = {
    'IP Protocol': false,
    Ethertype: (prefix !== undefined && !named) || sixth,
    'IP Range': named,
    // All protocols have all ports.
    'Port Range': columns.has('IP Protocol') && protocol === undefined,
    // A rule for a network is for no group; the whole network may stand beside one, and is taken as it stands.
    'Remote Security Group': prefix !== undefined || remoteAddresses !== undefined,
  };
  return (Object.keys(decided) as Column[]).filter((name) => !columns.has(name) && !decided[name]);
}

/** Fields of the API that say what a column does. */
const FIELDS: Readonly<Record<Exclude<Column, 'Ethertype'>, readonly string[]>> = {
  'IP Protocol': ['protocol'],
  'IP Range': ['remote_ip_prefix'],
  'Port Range': ['port_range_min', 'port_range_max'],
  'Remote Security Group': ['remote_group_id'],
};

/**
 * An answer has each field of each rule, also where it is null: one that none of its rules has was left out (`?fields=`, `jq`).
 * What is written by hand, as the API takes it, has no nulls.
 */
function leftOutOfAnswer(rules: readonly Json[], rule: Omit<SecurityRule, 'span' | 'leftOut'>): Column[] {
  const columns = kept(ANSWERED, rules, () => answeredColumns(rules));
  return columns === undefined ? [] : leftOutOf(columns, rule).filter((name) => name !== 'Ethertype');
}

const ANSWERED = new WeakMap<readonly Json[], ReadonlySet<string> | undefined>();

function answeredColumns(rules: readonly Json[]): ReadonlySet<string> | undefined {
  if (!rules.some((rule) => Object.values(rule ?? {}).includes(null))) return undefined;
  const fields = columnsOf(rules);
  const columns = Object.entries(FIELDS).filter(([, names]) => names.every((name) => fields.has(name)));
  return new Set(columns.map(([column]) => column));
}

const isWhole = (prefix: string | undefined): boolean => prefix === '0.0.0.0/0' || prefix === '::/0';

/**
 * Undefined where nothing says it: the API takes IPv4 for a rule that is made without (neutron, extensions/securitygroup.py,
 * `RESOURCE_ATTRIBUTE_MAP`), and writes it into every answer, so that an answer without it had it left out.
 */
function familyOf(
  object: JsonObject,
  prefix: string | undefined,
  protocol: string | undefined,
): 4 | 6 | undefined {
  const written = textOf(object, 'ethertype', 'ether_type', 'Ethertype')?.toLowerCase();
  if (written !== undefined) return written === 'ipv6' ? 6 : 4;
  if (prefix !== undefined) return prefix.includes(':') ? 6 : 4;
  return protocol !== undefined && /^(?:icmpv6|ipv6-)/.test(protocol) ? 6 : undefined;
}

/**
 * Answers of the API have the fields that were asked for in all rules, also where they are null. What is written by hand, as the API
 * takes it, leaves these out, or says the family of some rules.
 */
const isAnswer = (rules: readonly Json[]): boolean =>
  kept(ANSWERS, rules, () => {
    const all = rules.filter((rule): rule is JsonObject => typeof rule === 'object' && rule !== null);
    return !all.some((rule) => 'ethertype' in rule) && all.some((rule) => Object.values(rule).includes(null));
  });

const ANSWERS = new WeakMap<readonly Json[], boolean>();

type Ports = Pick<SecurityRule, 'min' | 'max' | 'problem'>;

const NO_PORTS: Ports = { min: undefined, max: undefined, problem: undefined };

/** Ports, or type and code: two numbers in the API, one text in the command's column. */
function portsOf(object: JsonObject, protocol: string): Ports {
  const column = textOf(object, 'Port Range', 'port_range');
  if (column !== undefined) return columnPorts(column, isIcmp(protocol));
  const min = numberOf(object, 'port_range_min');
  const max = numberOf(object, 'port_range_max');
  if (min === 'no number' || max === 'no number')
    return { min: undefined, max: undefined, problem: 'its ports are no numbers' };
  return { min, max, problem: undefined };
}

/** -1 is what nova wrote for all. */
function numberOf(object: JsonObject, name: string): number | undefined | 'no number' {
  const value = fieldOf(object, name);
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (number === undefined || number === -1 || number === '') return undefined;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : 'no number';
}

function columnPorts(column: string, icmp: boolean): Ports {
  const read = parseOpenstack(column, (parser) => parser.portColumn());
  if (read === undefined || (read.kind === 'icmp') !== icmp)
    return { min: undefined, max: undefined, problem: `\`${column}\` is no range of ports` };
  if (read.kind === 'ports') return { min: read.from, max: read.to, problem: undefined };
  // A code stands only where there is a type; type 0 is not shown.
  const type = read.type ?? (read.code === undefined ? undefined : 0);
  return { min: type, max: read.code, problem: undefined };
}

/**
 * Clouds that go on from OpenStack have rules that deny, by priorities: the API has none.
 * (https://docs.openstack.org/api-ref/network/v2/index.html#security-group-rules-security-group-rules)
 */
function denying(action: string, span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'export-shape',
    message: `the rule has the action \`${action.slice(0, 100)}\`: rules of OpenStack only allow, and how another cloud orders such rules is not known here`,
    span,
    expected: 'a rule as OpenStack Networking has it, which lets pass what it names',
  };
}

function withoutDirection(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'rule-without-direction',
    message: 'the rule does not say whether it is for ingress or egress',
    span,
    expected: '`Direction`: ingress or egress',
    help: 'list the rules with `openstack security group rule list --long -f json`',
  };
}
