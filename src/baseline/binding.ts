import type { InterfacePattern } from '../rule/condition.ts';
import { GROUP_KEYS } from '../rule/ruleset.ts';
import { type AddressSets, readAddresses, textsOf } from './addresses.ts';
import type { Binding } from './deployment.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint, show } from './complaint.ts';

/**
 * What a deployment writes beside a role: `unbound`, `internet`, an address, a list of addresses (a DNS name as
 * `{dns, addresses}`), or a map of addresses, interfaces, sets and groups.
 */
export function readBinding(place: Located, complaints: Complaints): Binding {
  if (place.value === 'unbound' || place.value === 'internet') return { ...EMPTY, kind: place.value, place };
  if (place.entries === undefined) return readAddressList(place, complaints);
  const entry = (key: string): Located | undefined => place.entries?.get(key);
  const texts = (key: string): string[] => textsOf(entry(key)).map((text) => String(text.value));
  const written = textsOf(entry('addresses'));
  checkDns(place, complaints);
  return {
    kind: 'bound',
    addresses: written.length === 0 ? undefined : readAddresses(written, complaints),
    individual: written.every(isIndividual),
    interfaces: textsOf(entry('interfaces')).flatMap((text) => readInterface(text, complaints)),
    sets: [
      ...textsOf(entry('ipset')).flatMap((text) => readIpsetName(text, complaints)),
      ...textsOf(entry('set')).flatMap((text) => readSetName(text, complaints)),
    ],
    groups: GROUP_KEYS.flatMap((key) => texts(key).map((name) => ({ key, name }))),
    dns: texts('dns'),
    place,
  };
}

const EMPTY = {
  addresses: undefined,
  individual: false,
  interfaces: [],
  sets: [],
  groups: [],
  dns: [],
} as const;

function readAddressList(place: Located, complaints: Complaints): Binding {
  const written: Located[] = [];
  const dns: string[] = [];
  for (const item of textsOf(place)) {
    if (item.entries === undefined) {
      written.push(item);
      continue;
    }
    checkDns(item, complaints);
    dns.push(...textsOf(item.entries.get('dns')).map((text) => String(text.value)));
    written.push(...textsOf(item.entries.get('addresses')));
  }
  const addresses: AddressSets = readAddresses(written, complaints);
  return { ...EMPTY, kind: 'bound', addresses, individual: written.every(isIndividual), dns, place };
}

/** Whether the text is one address, no network and no range. */
export function isIndividual(text: Located): boolean {
  return !/[/-]/.test(String(text.value));
}

/** DNS name labels, RFC 1123, 2.1; nothing is looked up, the name is for the reader. */
const DNS_NAME = /^(?=.{1,253}$)(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;

function checkDns(place: Located, complaints: Complaints): void {
  const names = textsOf(place.entries?.get('dns'));
  for (const name of names) {
    if (DNS_NAME.test(String(name.value))) continue;
    complaints.push(
      complaint({
        code: 'invalid-dns-name',
        message: `${show(name.value)} is not a DNS name.`,
        span: name.span,
        expected: 'a name such as `mirror.example.com`, without scheme, path or port',
      }),
    );
  }
  const first = names[0];
  if (first === undefined || place.entries?.has('addresses') === true) return;
  complaints.push(
    complaint({
      code: 'dns-without-addresses',
      message: `The addresses of ${show(first.value)} are not written down.`,
      span: first.span,
      expected: '`addresses:` beside `dns:`',
      help: 'Names are not looked up: the same files must give the same report everywhere.',
    }),
  );
}

/** Interface names have at most 15 bytes, no `/` and no white space (Linux, net/core/dev.c, dev_valid_name). */
function readInterface(text: Located, complaints: Complaints): InterfacePattern[] {
  const written = String(text.value);
  const prefix = written.endsWith('+');
  const name = prefix ? written.slice(0, -1) : written;
  // The kernel takes a `*` in a name; who writes one at the end means what nft does by it.
  const star = /^[^*\s/:]+\*$/.test(name);
  const valid = !star && /^[^\s/:]*$/.test(name) && new TextEncoder().encode(name).length <= 15;
  if (valid && name !== '.' && name !== '..' && (prefix || name !== '')) return [{ name, prefix }];
  complaints.push(
    complaint({
      code: 'invalid-interface',
      message: `${show(written)} is not an interface name.`,
      span: text.span,
      expected: 'a name of at most 15 characters such as `eth0`, or a prefix such as `ppp+`',
      ...(star ? { help: `Write \`${name.slice(0, -1)}+\` for all names that begin so.` } : {}),
    }),
  );
  return [];
}

/** ipset(8): a set's name has at most 31 characters. */
function readIpsetName(text: Located, complaints: Complaints): string[] {
  const name = String(text.value);
  if (name.length <= 31 && !/\s/.test(name)) return [name];
  complaints.push(
    complaint({
      code: 'invalid-set',
      message: `${show(name)} is not the name of an ipset.`,
      span: text.span,
      expected: 'a name of at most 31 characters without white space',
    }),
  );
  return [];
}

function readSetName(text: Located, complaints: Complaints): string[] {
  const parts = String(text.value).trim().split(/\s+/);
  if (parts.length === 3 && ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'].includes(parts[0] ?? ''))
    return [parts.join(' ')];
  complaints.push(
    complaint({
      code: 'invalid-set',
      message: `${show(text.value)} does not name an nft set.`,
      span: text.span,
      expected: 'family, table and name, such as `inet filter admins`',
      help: 'For a set of ipset write `ipset:`.',
    }),
  );
  return [];
}
