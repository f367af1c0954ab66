import { parseOpenstack } from '../../../grammars/openstack/parser.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { type Json, type JsonObject, objectsOf } from '../exports/located.ts';
import { fieldOf, type GivenPort, textOf } from './content.ts';
import { bypassOf, TYPE } from './port-binding.ts';

/** Under which names a port has its groups. */
const GROUPS = ['security_group_ids', 'security_groups', 'Security Groups'] as const;

/**
 * A port as the API has it, as `openstack port show` prints it, or as a row of `openstack port list`.
 * (https://docs.openstack.org/api-ref/network/v2/index.html#ports)
 */
export function readPort(object: JsonObject, place: Span): GivenPort | Diagnostic {
  const id = textOf(object, 'id', 'ID') ?? '';
  const name = textOf(object, 'name', 'Name');
  const written = fieldOf(object, ...GROUPS);
  const groups = groupsOf(written);
  const addresses = addressesOf(fieldOf(object, 'fixed_ips', 'Fixed IP Addresses'));
  const pairs = addressesOf(fieldOf(object, 'allowed_address_pairs') ?? []);
  if (groups === undefined || addresses === undefined || pairs === undefined) return unreadable(place);
  const security = fieldOf(object, 'port_security_enabled', 'is_port_security_enabled');
  const owner = textOf(object, 'device_owner', 'Device Owner') ?? '';
  const trusted = /^(?:network|neutron):/.test(owner);
  // A query or a client that did not get them prints null; of these ports groups filter nothing.
  const isBare = (trusted || security === false) && GROUPS.some((key) => key in object);
  return {
    id,
    name,
    mac: textOf(object, 'mac_address', 'MAC Address'),
    addresses,
    pairs: fieldOf(object, 'allowed_address_pairs') === undefined ? undefined : pairs,
    groups: written !== undefined || isBare ? [...groups].sort() : undefined,
    security: typeof security === 'boolean' ? security : undefined,
    bypass: bypassOf(object),
    typed: fieldOf(object, ...TYPE) !== undefined,
    device: textOf(object, 'device_id', 'Device ID'),
    machine: /^(?:compute:|$)/.test(owner) ? textOf(object, 'device_id', 'Device ID') : undefined,
    trusted,
    span: { ...place, label: `port ${name ?? id}` },
  };
}

/** A list of ids; older clients print it as one text with commas or line breaks. */
function groupsOf(value: Json | undefined): string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return value.split(/[\s,]+/).filter((one) => one !== '');
  if (!Array.isArray(value)) return undefined;
  const list = value as unknown[];
  return list.every((one) => typeof one === 'string') ? (list as string[]) : undefined;
}

/**
 * `ip_address` of a list of objects; older clients print it as `ip_address='10.0.0.3', subnet_id='…'`. Undefined where one does not say
 * it: an address that is passed over would be a member of no group.
 */
function addressesOf(value: Json | undefined): string[] | undefined {
  const objects = addressObjects(value);
  const found = objects?.flatMap((one) => textOf(one, 'ip_address') ?? []);
  return found?.length === objects?.length ? found : undefined;
}

function addressObjects(value: Json | undefined): JsonObject[] | undefined {
  if (typeof value === 'string') {
    if (value.trim() === '') return [];
    return parseOpenstack(value, (parser) => parser.objects())?.map((fields) => Object.fromEntries(fields));
  }
  // A query or a client that did not get the field prints null.
  if (!Array.isArray(value)) return undefined;
  const objects = objectsOf(value);
  return objects.length === value.length ? objects : undefined;
}

function unreadable(span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'export-shape',
    message: 'the port’s addresses or security groups cannot be read',
    span,
    expected: 'the export as `openstack port list --long -f json` or `openstack port show -f json` prints it',
  };
}
