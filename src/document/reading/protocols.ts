import { OVER_TCP, TRANSPORT_NAMES } from '../../baseline/protocol-words.ts';

/** What a cell of protocols is taken to mean. */
export interface ProtocolReading {
  /** Transport protocols as baselines write them; empty where the cell says none that is known. */
  readonly protocols: readonly string[];
  readonly review: readonly string[];
}

const TRANSPORT = new Set(TRANSPORT_NAMES);
/** Protocols without ports. */
const PORTLESS = new Set(['icmp', 'icmpv6', 'esp', 'ah', 'gre', 'vrrp', 'igmp']);

/** Those that are usually over UDP, so that taking them for it is a guess. */
const MOSTLY_UDP = new Set('ntp snmp tftp radius dhcp ipsec ike'.split(' '));
/** Those that have both. */
const BOTH = new Set('dns syslog kerberos sip nfs rpc'.split(' '));
const ANY = /^(?:any|all|\*|ip|ipv4|ipv6|any protocol|all protocols)$/i;

/** Whether a protocol's packets have no ports. */
export function isPortless(protocol: string): boolean {
  return (
    PORTLESS.has(protocol) || (/^\d+$/.test(protocol) && !['6', '17', '33', '132', '136'].includes(protocol))
  );
}

/** Reads a cell of protocols: `UDP/TCP` is both, `HTTPS` is TCP. */
export function readProtocolCell(cell: string): ProtocolReading {
  const text = cell.trim();
  if (text === '' || /^[-–—]+$|^n\/?a$/i.test(text)) return { protocols: [], review: [] };
  if (ANY.test(text))
    return { protocols: ['tcp', 'udp'], review: [`\`${text}\` as the protocol is read as TCP and UDP.`] };
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 255)
    return { protocols: [text], review: [`\`${text}\` is read as the number of an IP protocol.`] };
  const protocols = new Set<string>();
  const review: string[] = [];
  // A version is no second protocol. HTTP/3 is over QUIC, which is over UDP (RFC 9114).
  const plain = text.replace(/\bhttp\/3\b|\bquic\b/gi, 'udp').replace(/\b(https?)\/[12](?:\.\d)?\b/gi, '$1');
  for (const part of plain.split(/[/,;&+|\n]|\s(?:and|or)\s/i)) readPart(part, text, protocols, review);
  if (/\sor\s/i.test(text) && protocols.size > 1)
    review.push(`\`${text}\` is read as all of these protocols.`);
  return { protocols: [...protocols], review };
}

function readPart(part: string, whole: string, protocols: Set<string>, review: string[]): void {
  const inner = /\(([^()]*)\)/.exec(part)?.[1]?.trim().toLowerCase() ?? '';
  const bare = part
    .replace(/\(s\)/i, 's')
    .replace(/\([^()]*\)/g, '')
    .trim()
    .toLowerCase()
    .replace(/^icmp ?v6$|^ipv6-icmp$/, 'icmpv6')
    .replace(/^(tls|ssl|smb|snmp|nfs) ?v?\d(?:\.\d)?$/, '$1');
  if (bare === '') return;
  if (TRANSPORT.has(bare)) protocols.add(bare);
  else if (TRANSPORT.has(inner)) protocols.add(inner);
  else if (OVER_TCP.has(bare)) protocols.add('tcp');
  else if (MOSTLY_UDP.has(bare)) {
    protocols.add('udp');
    review.push(`\`${bare}\` as the protocol is read as UDP.`);
  } else if (BOTH.has(bare)) {
    for (const one of ['tcp', 'udp']) protocols.add(one);
    review.push(`\`${bare}\` is spoken over TCP and over UDP; both are taken.`);
  } else {
    const first = TRANSPORT.has(bare.split(' ')[0] ?? '') ? bare.split(' ')[0] : undefined;
    if (first !== undefined) protocols.add(first);
    review.push(
      first === undefined
        ? `\`${part.trim()}\` in \`${whole}\` is no protocol that is known here.`
        : `\`${part.trim()}\` says more than its protocol; only ${first.toUpperCase()} is read.`,
    );
  }
}
