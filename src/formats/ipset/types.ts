import type { SetDimension } from '../../rule/named-set.ts';
import type { Span } from '../../text/source.ts';

/** What a set type takes (`ipset(8)`, SET TYPES; `ipset help TYPENAME`). */
export interface SetType {
  readonly name: string;
  readonly dimensions: readonly SetDimension[];
  /** Whether `family` may be given; the bitmaps of addresses are IPv4's. */
  readonly families: 'both' | 'ipv4' | 'none';
  /** Create options beside those of every type. */
  readonly create: ReadonlySet<string>;
  /** Address dimensions (by place) that take a range or a network, IPv4 only where they are hosts. */
  readonly ranges: readonly boolean[];
  /** A network of prefix length 0 may be stored. */
  readonly zeroPrefix: boolean;
  /** The address 0.0.0.0 (`::`) cannot be stored in the first dimension. */
  readonly noZeroAddress: boolean;
}

/** A set as its `create` line makes it. */
export interface SetSpec {
  readonly type: SetType;
  readonly family: 4 | 6 | undefined;
  /** The bitmap types' inclusive range, of addresses or ports. */
  readonly range: { readonly lo: number; readonly hi: number } | undefined;
  /** `netmask`, or a `bitmask` of ones followed by zeros, as prefix length. */
  readonly netmask: number | undefined;
  /** A `bitmask` with holes. */
  readonly bitmask: bigint | undefined;
  readonly markmask: number;
  readonly maxelem: number;
  /** Extensions that elements may use: `timeout`, `counters`, `comment`, `skbinfo`. */
  readonly extensions: ReadonlySet<string>;
  readonly origin: Span;
}

const HASH = ['hashsize', 'maxelem', 'bucketsize', 'initval', 'forceadd', 'probes', 'resize', 'gc'];
const FAMILY = ['family', '-4', '-6'];
const MASKS = ['netmask', 'bitmask'];
const RANGE = ['range', 'from', 'to'];

function hash(name: string, more: readonly string[] = [], rest: Partial<SetType> = {}): SetType {
  const dimensions = name.slice(name.indexOf(':') + 1).split(',') as SetDimension[];
  const families = dimensions.includes('ip') || dimensions.includes('net') ? 'both' : 'none';
  return {
    name,
    dimensions,
    families,
    create: new Set([...HASH, ...(families === 'both' ? FAMILY : []), ...more]),
    ranges: dimensions.map((dimension, at) => dimension === 'net' || (dimension === 'ip' && at === 0)),
    zeroPrefix: false,
    noZeroAddress: false,
    ...rest,
  };
}

function fixed(name: string, families: 'ipv4' | 'none', create: readonly string[], range: boolean): SetType {
  const dimensions = name.slice(name.indexOf(':') + 1).split(',') as SetDimension[];
  const ranges = dimensions.map(() => range);
  return {
    name,
    dimensions,
    families,
    create: new Set(create),
    ranges,
    zeroPrefix: false,
    noZeroAddress: false,
  };
}

/**
 * Every set type. That `0.0.0.0/0` fits into hash:net,port,net and hash:net,iface but not into hash:net, and that
 * the null address fits into hash:ip,port,ip but not into hash:ip and hash:ip,port, is the kernel's behaviour.
 */
const TYPES: readonly SetType[] = [
  fixed('bitmap:ip', 'ipv4', [...RANGE, 'network', 'netmask'], true),
  fixed('bitmap:ip,mac', 'ipv4', [...RANGE, 'network'], false),
  fixed('bitmap:port', 'none', RANGE, true),
  hash('hash:ip', MASKS, { noZeroAddress: true }),
  hash('hash:mac'),
  hash('hash:ip,mac', [], { ranges: [false, false] }),
  hash('hash:ip,mark', ['markmask']),
  hash('hash:ip,port', MASKS, { noZeroAddress: true }),
  hash('hash:ip,port,ip'),
  hash('hash:ip,port,net'),
  hash('hash:net'),
  hash('hash:net,net', MASKS, { zeroPrefix: true }),
  hash('hash:net,port'),
  hash('hash:net,port,net', [], { zeroPrefix: true }),
  hash('hash:net,iface', [], { zeroPrefix: true }),
  fixed('list:set', 'none', ['size'], false),
];

/** The types' names in ipset 4, which ipset still takes. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  ipmap: 'bitmap:ip',
  macipmap: 'bitmap:ip,mac',
  portmap: 'bitmap:port',
  iphash: 'hash:ip',
  nethash: 'hash:net',
  ipporthash: 'hash:ip,port',
  ipportiphash: 'hash:ip,port,ip',
  ipportnethash: 'hash:ip,port,net',
  setlist: 'list:set',
};

const BY_NAME = new Map(TYPES.map((type) => [type.name, type] as const));

/** The set type of that name, old names included; undefined where there is none. */
export function setType(name: string): SetType | undefined {
  return BY_NAME.get(Object.hasOwn(OLD_NAMES, name) ? (OLD_NAMES[name] as string) : name);
}

/** The names of all set types, as messages list them. */
export function setTypeNames(): string {
  return TYPES.map((type) => `\`${type.name}\``).join(', ');
}

/**
 * A number as ipset reads one (`strtoull(3)` with base 0): decimal, `0x` hexadecimal, or octal after a `0`, with a plus sign or without.
 * @returns undefined where the text is no number or not within the inclusive bounds
 */
export function parseNumber(text: string, minimum: number, maximum: number): number | undefined {
  if (text.startsWith('+') && !text.startsWith('++')) return parseNumber(text.slice(1), minimum, maximum);
  let value: number;
  if (/^(0|[1-9][0-9]{0,14})$/.test(text)) value = Number(text);
  else if (/^0[xX][0-9a-fA-F]{1,12}$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (/^0[0-7]{1,16}$/.test(text)) value = Number.parseInt(text, 8);
  else return undefined;
  return value >= minimum && value <= maximum ? value : undefined;
}

/** Whether two `create` lines make the same set, so that `-exist` lets the second pass. */
export function sameSpec(a: SetSpec, b: SetSpec): boolean {
  return (
    a.type === b.type &&
    a.family === b.family &&
    a.range?.lo === b.range?.lo &&
    a.range?.hi === b.range?.hi &&
    a.netmask === b.netmask &&
    a.bitmask === b.bitmask &&
    a.markmask === b.markmask &&
    a.maxelem === b.maxelem &&
    [...a.extensions].join() === [...b.extensions].join()
  );
}
