/** A type of ICMP as baselines write it: its number, or `type/code`. */
export type IcmpType = number | string;

/** What stands beside ICMP where ports belong. */
export interface IcmpReading {
  readonly types: readonly IcmpType[];
  readonly review: readonly string[];
}

/** Types by their names (IANA, ICMP and ICMPv6 Parameters), as tables of ports write them. */
const NAMES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  icmp: {
    'echo reply': 0,
    'destination unreachable': 3,
    'source quench': 4,
    redirect: 5,
    'echo request': 8,
    ping: 8,
    'router advertisement': 9,
    'router solicitation': 10,
    'time exceeded': 11,
    'parameter problem': 12,
    'timestamp request': 13,
    'timestamp reply': 14,
  },
  icmpv6: {
    'destination unreachable': 1,
    'packet too big': 2,
    'time exceeded': 3,
    'parameter problem': 4,
    'echo request': 128,
    ping: 128,
    'echo reply': 129,
    'router solicitation': 133,
    'router advertisement': 134,
    'neighbor solicitation': 135,
    'neighbor advertisement': 136,
    redirect: 137,
  },
};

/** Reads a cell of types, by name or by number; undefined where a part of it is neither. */
export function readIcmpTypes(cell: string, protocol: string): IcmpReading | undefined {
  const names = NAMES[protocol];
  if (names === undefined) return undefined;
  const types: IcmpType[] = [];
  const review: string[] = [];
  for (const part of cell.split(/[,;\n]|\s(?:and|&|\+)\s/i)) {
    const plain = part
      .toLowerCase()
      .replace(/[-_ ]+/g, ' ')
      .trim();
    const known = names[plain.replace(/^type /, '')];
    const [, word, type, code] = /^(type ?)?(\d{1,3})(?:(?:\/| code )(\d{1,3}))?$/.exec(plain) ?? [];
    if (known !== undefined) types.push(known);
    else if (type !== undefined && Number(type) <= 255 && Number(code ?? 0) <= 255) {
      types.push(code === undefined ? Number(type) : `${Number(type)}/${Number(code)}`);
      if (word === undefined) review.push(`\`${part.trim()}\` beside ${protocol} is read as its type.`);
    } else return undefined;
  }
  return { types, review };
}
