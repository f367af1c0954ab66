/** A packet at an instance's interface, as a provider's documentation speaks of it. */
export interface Question {
  readonly direction: 'ingress' | 'egress';
  /** The instance's private address, and the other end's. */
  readonly own: string;
  readonly peer: string;
  /** Groups, tags or lists whose members nobody gave, of which the peer is one. */
  readonly peerGroups: readonly string[];
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** Whether it belongs to a connection that was let through before. */
  readonly established: boolean;
}

/** An address as a number, by the plain rules of RFC 791 and RFC 4291; no `::` in the middle of a test's IPv4 text. */
export function addressNumber(text: string): bigint {
  if (!text.includes(':')) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [before = '', after = ''] = text.split('::');
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const missing = text.includes('::') ? 8 - words(before).length - words(after).length : 0;
  const all = [...words(before), ...Array.from({ length: missing }, () => '0'), ...words(after)];
  return all.reduce((sum, word) => sum * 65536n + BigInt(`0x${word}`), 0n);
}

/** Whether an address is of a network in CIDR notation; never, where the families differ. */
export function isInside(address: string, cidr: string): boolean {
  const [network = '', length = address.includes(':') ? '128' : '32'] = cidr.split('/');
  if (network.includes(':') !== address.includes(':')) return false;
  const shift = BigInt((network.includes(':') ? 128 : 32) - Number(length));
  return addressNumber(address) >> shift === addressNumber(network) >> shift;
}
