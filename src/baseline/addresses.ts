import { parseAddressRange, parsePrefix } from '../packet/address.ts';
import { complement, intersection, normalise, type Ranges, union } from '../packet/ranges.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';
import { complaint, show } from './complaint.ts';
import { suggestion } from './suggest.ts';

/** Addresses of both families. */
export interface AddressSets {
  readonly ipv4: Ranges<number>;
  readonly ipv6: Ranges<bigint>;
}

export const NO_ADDRESSES: AddressSets = { ipv4: [], ipv6: [] };
const MAXIMUM_4 = 2 ** 32 - 1;
const MAXIMUM_6 = (1n << 128n) - 1n;
/** Every address there is. */
export const ALL_ADDRESSES: AddressSets = { ipv4: [0, MAXIMUM_4], ipv6: [0n, MAXIMUM_6] };

/** The union of both families' sets. */
export function unite(a: AddressSets, b: AddressSets): AddressSets {
  return { ipv4: union(a.ipv4, b.ipv4), ipv6: union(a.ipv6, b.ipv6) };
}

/** What `a` has and `b` has not. */
export function subtract(a: AddressSets, b: AddressSets): AddressSets {
  return {
    ipv4: intersection(a.ipv4, complement(b.ipv4, 0, MAXIMUM_4)),
    ipv6: intersection(a.ipv6, complement(b.ipv6, 0n, MAXIMUM_6)),
  };
}

/** What both have. */
export function meet(a: AddressSets, b: AddressSets): AddressSets {
  return { ipv4: intersection(a.ipv4, b.ipv4), ipv6: intersection(a.ipv6, b.ipv6) };
}

/** Whether neither family has an address. */
export function isEmpty(sets: AddressSets): boolean {
  return sets.ipv4.length === 0 && sets.ipv6.length === 0;
}

/** The set of the texts, each an address, a network or a range; they are known to be right. */
function known(texts: readonly string[]): AddressSets {
  const four: [number, number][] = [];
  const six: [bigint, bigint][] = [];
  for (const text of texts) {
    const range = parseAddressRange(text);
    if (range?.family === 4) four.push([Number(range.lo), Number(range.hi)]);
    else if (range !== undefined) six.push([range.lo, range.hi]);
  }
  return { ipv4: normalise(four), ipv6: normalise(six) };
}

/**
 * Addresses that no packet from another machine can carry as its own: this host and network (RFC 1122, 3.2.1.3),
 * loopback, link-local (never forwarded, RFC 3927, 2.7), multicast (RFC 1112) and reserved (RFC 1112, section 4).
 * The kernel calls most of them martians. Rule sets drop them with good reason, so that nothing can need them.
 */
const NEVER_A_PEER = known(['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4']);
/** Of IPv6, what can be a peer across a router: global unicast (RFC 4291, 2.5.4) and unique local (RFC 4193). */
const ROUTED_6 = known(['2000::/3', 'fc00::/7']).ipv6;
/** Private (RFC 1918, RFC 4193) and shared (RFC 6598) addresses: no packet from the Internet carries them. */
const PRIVATE = known(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);

/** Every address that another machine can have. */
export const ROUTABLE: AddressSets = {
  ipv4: complement(NEVER_A_PEER.ipv4, 0, MAXIMUM_4),
  ipv6: ROUTED_6,
};
/** Every address that a machine on the Internet can have (documentation addresses among them). */
export const PUBLIC: AddressSets = subtract(ROUTABLE, PRIVATE);

/** The texts of a value that is one text or a list of texts. */
export function textsOf(value: Located | undefined): readonly Located[] {
  if (value === undefined) return [];
  return value.items ?? [value];
}

/** The addresses, networks and ranges of the values, with a complaint for each that is none. */
export function readAddresses(values: readonly Located[], complaints: Complaints): AddressSets {
  const four: [number, number][] = [];
  const six: [bigint, bigint][] = [];
  for (const value of values) {
    const text = String(value.value).trim();
    const range = parseAddressRange(text);
    const problem = range === undefined ? notAnAddress(text) : hostBits(text);
    if (problem !== undefined)
      complaints.push(
        complaint({ code: 'invalid-address', span: value.span, expected: ADDRESS_FORMS, ...problem }),
      );
    else if (range?.family === 4) four.push([Number(range.lo), Number(range.hi)]);
    else if (range !== undefined) six.push([range.lo, range.hi]);
  }
  return { ipv4: normalise(four), ipv6: normalise(six) };
}

const ADDRESS_FORMS =
  'an address (`10.1.2.3`, `2001:db8::1`), a network (`10.1.0.0/16`) or a range (`10.0.0.1-10.0.0.9`)';

function notAnAddress(text: string): { message: string; help?: string } {
  const message = `${show(text)} is not an address, a network or a range.`;
  const dash = text.split('-');
  if (dash.length === 2 && parsePrefix(dash[0] ?? '') && parsePrefix(dash[1] ?? ''))
    return { message, help: 'A range goes from the lower to the higher address, both of one family.' };
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i.test(text) && /[a-z]/i.test(text))
    return { message, help: `Names are not looked up: write \`{ dns: ${text}, addresses: [...] }\`.` };
  const help = SLIPS.find(([form]) => form.test(text))?.[1] ?? suggestion(text, WORDS);
  return help === undefined ? { message } : { message, help };
}

/** What a role can be in place of addresses. */
const WORDS = ['internet', 'unbound'];

/** How addresses are written elsewhere, and how here. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:internet|unbound)$/, 'Write the word alone, not in a list.'],
  [/^any(?:where|body)?$/i, 'Write `internet`, or all networks: `[0.0.0.0/0, "::/0"]`.'],
  [/^[a-z][a-z0-9+.-]*:\/\//i, 'Write the address alone, without what a URL has beside it.'],
  [/^[\d.]+:\d+$|^\[[0-9a-f:.]+\]:\d+$/i, 'Write the address alone: ports stand in the rows of a baseline.'],
  [/^\[[0-9a-f:.]+\]$/i, 'Write the address without brackets.'],
  [/\*/, 'Write a network with its prefix length, `10.1.2.0/24`.'],
  [/^[\d.]+\/\d+\.\d+\.\d+\.\d+$/, 'Write the prefix length in place of the mask, `10.1.2.0/24`.'],
  [/^[\d.]+\/(?:3[3-9]|[4-9]\d|\d{3,})$/, 'A prefix of IPv4 has at most 32 bits.'],
  [/^[0-9a-f:.]*:[0-9a-f:.]*\/(?:129|1[3-9]\d|[2-9]\d\d|\d{4,})$/i, 'A prefix of IPv6 has at most 128 bits.'],
  [/%/, 'Write the address without the interface; `interfaces:` names it.'],
  [/^(?:\d+\.)*0\d/, 'Write each number without zeros before it: some programs read them as octal.'],
  [/^(?:\d+\.){3}\d+(?:\/\d+)?$/, 'Each of the four numbers is at most 255.'],
  [/^(?:\d+\.){0,2}\d+(?:\/\d+)?$/, 'An address of IPv4 has four numbers.'],
  [/[,;\s]/, 'Write several as a list, `[10.1.2.3, 10.1.2.4]`.'],
];

/** A network with host bits set is a slip more often than not: which of the two was meant cannot be known. */
function hostBits(text: string): { message: string; help: string } | undefined {
  const prefix = parsePrefix(text);
  if (prefix?.hostBits !== true) return undefined;
  return {
    message: `${show(text)} has address bits beyond its prefix.`,
    help: 'Write the network with zeros there, or the address without a prefix.',
  };
}
