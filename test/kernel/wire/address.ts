/** An address as the tools read it; IPv6 without compression. */
export function formatAddress(family: 4 | 6, address: bigint): string {
  const groups: string[] = [];
  if (family === 4) for (let s = 24n; s >= 0n; s -= 8n) groups.push(String((address >> s) & 0xffn));
  else for (let s = 112n; s >= 0n; s -= 16n) groups.push(((address >> s) & 0xffffn).toString(16));
  return groups.join(family === 4 ? '.' : ':');
}

/** The number behind an address as the tools print it, either family, with or without `::`. */
export function parseAddress(text: string): bigint {
  if (!text.includes(':')) return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const low = parseAddress(dotted[2] as string);
    return parseAddress(`${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
