import { parseOpenstack } from '../../../grammars/openstack/parser.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import { badAddress } from '../exports/problems.ts';
import { AddressGatherer } from '../exports/addresses.ts';
import { type Json, type JsonObject, objectsOf } from '../exports/located.ts';
import { fieldOf, type Server, textOf } from './content.ts';

/** Whether an object is a server: a row of `server list`, `server show`, or the API's. */
export function isServer(object: JsonObject): boolean {
  const has = (...names: string[]): boolean => names.some((name) => name in object);
  if (has('Networks') && has('ID')) return true;
  return has('addresses') && has('id') && has('flavor', 'hostId', 'host_id', 'OS-EXT-STS:vm_state');
}

/**
 * A server: its name, its addresses and, where it is shown, the names of its groups. Nothing else of a server is kept: its
 * user data and metadata may carry secrets. (https://docs.openstack.org/api-ref/compute/#show-server-details)
 */
export function readServer(object: JsonObject, place: Span): Server | Diagnostic {
  const id = textOf(object, 'id', 'ID') ?? '';
  const name = textOf(object, 'name', 'Name');
  const span = { ...place, label: `server ${name ?? id}` };
  const addresses = addressesOf(fieldOf(object, 'addresses', 'Networks'));
  const wrong = addresses.find((text) => !new AddressGatherer().add(text));
  if (wrong !== undefined) return badAddress(wrong, span);
  return { id, name, addresses, groups: groupsOf(fieldOf(object, 'security_groups')), span };
}

/** By network: a list of addresses, or of objects, or in a text of older clients `private=10.0.0.5, 203.0.113.9; other=…`. */
function addressesOf(value: Json | undefined): string[] {
  if (typeof value === 'string')
    return value
      .split(';')
      .flatMap((network) => network.slice(network.indexOf('=') + 1).split(','))
      .map((text) => text.trim())
      .filter((text) => text !== '');
  if (typeof value !== 'object' || value === null) return [];
  const lists = Array.isArray(value) ? [value] : Object.values(value as JsonObject);
  return lists.flatMap((list) =>
    (Array.isArray(list) ? (list as Json[]) : []).flatMap((one) => {
      if (typeof one === 'string') return [one];
      const address = typeof one === 'object' && one !== null ? (one as JsonObject) : {};
      // A floating address is translated before the port; the port's own is beside it.
      return address['OS-EXT-IPS:type'] === 'floating' ? [] : (textOf(address, 'addr') ?? []);
    }),
  );
}

/** Names, of each port's groups: a list of objects, or `name='web'` a line. Undefined where the export has none. */
function groupsOf(value: Json | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const names =
    typeof value === 'string'
      ? (parseOpenstack(value, (parser) => parser.objects()) ?? []).flatMap((one) => one.get('name') ?? [])
      : objectsOf(value).flatMap((one) => textOf(one, 'name') ?? []);
  return [...new Set(names)];
}
