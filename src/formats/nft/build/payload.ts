import type { Selector } from '../ast/ast.ts';
import type { Cursor } from './cursor.ts';
import { expressionType, fieldsOf } from '../types/types.ts';

/** Headers whose fields can be asked for (`nft(8)`, PAYLOAD EXPRESSIONS). */
export const PAYLOADS: ReadonlySet<string> = new Set(
  'ip ip6 tcp udp udplite sctp dccp icmp icmpv6 igmp ah esp comp th ether vlan arp gre vxlan geneve gretap'.split(
    ' ',
  ),
);

/** Headers around other headers. */
const TUNNELS = /^(?:vxlan|geneve|gretap|gre)$/;

/** The field of a header, whose name has been read. */
export function readPayload(cursor: Cursor, protocol: string, start: number): Selector | undefined {
  const options = protocol === 'sctp' ? 'chunk' : /^(?:tcp|ip|dccp)$/.test(protocol) ? 'option' : undefined;
  if (options !== undefined && cursor.take(options) !== undefined)
    return readOption(cursor, protocol, options, start);
  const written = cursor.keyword();
  if (written === undefined) return cursor.fail(`a field of \`${protocol}\``);
  // nft reads the one and lists the other.
  const field = protocol === 'icmpv6' && written === 'param-problem' ? 'parameter-problem' : written;
  cursor.next();
  // `vxlan ip saddr`, `gre tcp dport`: a header in the tunnel.
  if (TUNNELS.test(protocol) && PAYLOADS.has(field)) {
    cursor.name('a field');
    return { kind: 'other', stateful: false, start, end: cursor.end };
  }
  if (protocol === 'arp' && (field === 'saddr' || field === 'daddr')) {
    const of = cursor.take('ip', 'ether');
    if (of === undefined) return cursor.fail('`ip` or `ether`');
    return { kind: 'payload', protocol, field: `${field} ${of}`, start, end: cursor.end };
  }
  if (fieldsOf(protocol).length > 0 && expressionType(`${protocol} ${field}`) === undefined) {
    cursor.back();
    return cursor.fail(`a field of \`${protocol}\`: ${fieldsOf(protocol).join(', ')}`);
  }
  return { kind: 'payload', protocol, field, start, end: cursor.end };
}

/** Names of TCP's options that are the same (src/scanner.l of nftables). */
const SAME: Readonly<Record<string, string>> = {
  mss: 'maxseg',
  noop: 'nop',
  echo: 'nop',
  'sack-permitted': 'sack-perm',
  sack1: 'sack0',
  sack2: 'sack0',
  sack3: 'sack0',
};

/** `tcp option maxseg size`, `tcp option 80`, `ip option lsrr ptr`, `sctp chunk data tsn`. */
function readOption(cursor: Cursor, protocol: string, options: string, start: number): Selector | undefined {
  const made = (more: Partial<Extract<Selector, { kind: 'other' }>>): Selector | undefined =>
    cursor.failed
      ? undefined
      : { kind: 'other', stateful: false, optionOf: protocol, ...more, start, end: cursor.end };
  const raw = protocol === 'tcp' && cursor.takeSign('@') !== undefined;
  const kind = readKind(cursor, protocol, options);
  if (kind === undefined) return undefined;
  if (raw) return made({ bits: readRawPart(cursor) });
  const next = cursor.keyword();
  const known = fieldsOf(`${protocol} ${options} ${kind}`);
  // nft lists `kind` of all options, and reads it of some.
  const isField = next === 'kind' && cursor.problems.listing;
  if (next === undefined || !(known.includes(next) || isField))
    return made({ words: 'option', existence: true });
  cursor.next();
  // Only fields of TCP's options can be set (net/netfilter/nft_exthdr.c).
  return made({ words: `${protocol} ${options} ${kind} ${next}`, assignable: protocol === 'tcp' });
}

/** The kind of an option, by name or, of TCP, by number. */
export function readKind(cursor: Cursor, protocol: string, options: string): string | undefined {
  const word = cursor.keyword() ?? '';
  const name = protocol === 'tcp' && Object.hasOwn(SAME, word) ? (SAME[word] as string) : word;
  const kinds = new Set(fieldsOf(`${protocol} ${options}`).map((field) => field.split(' ')[0] as string));
  // Options of DCCP have numbers only, and newer versions of nft know them.
  const number =
    (protocol === 'tcp' || protocol === 'dccp') &&
    /^(?:\d+|0x[0-9a-fA-F]+)$/.test(name) &&
    Number(name) < 256;
  if (!kinds.has(name) && !number) return cursor.fail(`an option: ${[...kinds].join(', ')}`);
  cursor.next();
  return name;
}

/** `,8,16` behind the kind of an option: from which bit, and how many. */
function readRawPart(cursor: Cursor): number {
  let bits = 0n;
  for (let part = 0; part < 2; part++) {
    if (cursor.takeSign(',') === undefined) cursor.fail('`,`');
    bits = cursor.number('a number of bits');
  }
  return Number(bits);
}
