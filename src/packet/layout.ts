/**
 * The fields, in the order in which a diagram usually has them: a field is a run of levels of one byte each, most significant first. The
 * order decides how large diagrams get: what real rules ask for together stands together, first where a packet comes
 * from (interface, source, MAC), then where it goes, then what it is. Measured: with the MAC last a real set of 4,840
 * rules with 1,641 of them outgrew any memory, as every source needed its own copy of all that comes after it; here
 * it takes 60,000 nodes. `mark` and `ctmark` are interleaved because CONNMARK copies one into the other bit by bit.
 */
export const FIELD_WIDTHS = {
  family: 1,
  state: 1,
  /** 1 after a NOTRACK rule. */
  notrack: 1,
  /** Interface names: 15 bytes (IFNAMSIZ less its NUL), ended by a zero byte; what follows that is unconstrained. */
  in: 15,
  src: 16,
  origSrc: 16,
  mac: 6,
  out: 15,
  dst: 16,
  origDst: 16,
  /** Numbers of groups whose members are not known, see `CloudFacts.symbolic`; 0: of none of them. */
  peerGroup: 2,
  ownGroup: 2,
  protocol: 1,
  sport: 2,
  origSport: 2,
  dport: 2,
  origDport: 2,
  icmpType: 1,
  icmpCode: 1,
  tcpFlags: 1,
  fragment: 1,
  extensionHeaders: 1,
  pkttype: 1,
  tos: 1,
  ttl: 1,
  length: 2,
  mark: 4,
  ctmark: 4,
  /** No field of a packet: the number of the rule that decides it, where somebody asked for that. */
  rule: 3,
} as const;

export type DiagramField = keyof typeof FIELD_WIDTHS;

/** The greatest value of a one-byte field with fewer than 256 values; larger bytes stand for it. */
const SMALL_FIELDS: Partial<Record<DiagramField, number>> = {
  family: 1,
  state: 4,
  notrack: 1,
  fragment: 2,
  pkttype: 3,
};

/** The level of the terminals: below everything. */
export const TERMINAL_LEVEL = 255;

/** In which order a diagram tests the fields, byte by byte. */
export interface Layout {
  /** The levels of every field, most significant byte first. */
  readonly levels: Readonly<Record<DiagramField, readonly number[]>>;
  /** The field of each level, undefined for variables. */
  readonly fieldOf: readonly (DiagramField | undefined)[];
  /** The greatest value of a level: 255 but in small fields, and 1 in variables. */
  readonly top: Uint8Array;
  /**
   * A bit for the field of each level: the fields on which a set depends are a number. Variables share one bit; terminals
   * have none.
   */
  readonly fieldBit: Uint32Array;
}

const NAMES = Object.keys(FIELD_WIDTHS) as DiagramField[];
const BITS: ReadonlyMap<DiagramField, number> = new Map(NAMES.map((field, i) => [field, 2 ** (i + 1)]));

const PORTS: readonly DiagramField[] = [
  'protocol',
  'sport',
  'origSport',
  'dport',
  'origDport',
  'icmpType',
  'icmpCode',
  'tcpFlags',
  'fragment',
];
const FIRST: readonly DiagramField[] = ['family', 'state', 'notrack', 'in'];

/** The bytes of all fields but `rule`. */
const BYTES = NAMES.reduce((sum, field) => sum + (field === 'rule' ? 0 : FIELD_WIDTHS[field]), 0);

/** The first level of the variables that stand for opaque predicates, in every layout. */
export const FIRST_VARIABLE = BYTES;

/** How many variables there are: below them stands only `rule`. */
export const VARIABLE_LIMIT = TERMINAL_LEVEL - FIELD_WIDTHS.rule - FIRST_VARIABLE;

/** The bit that all variables share. */
export const VARIABLE_BIT = 1;

/** What a packet is comes after where it comes from and where it goes: the order of {@link FIELD_WIDTHS}. */
export const ADDRESSES_FIRST: Layout = layOut(NAMES);

/**
 * What a packet is comes before its addresses. Better where rules for many ports each leave out some addresses: with the
 * addresses first each of these would need a copy of all ports.
 */
export const PORTS_FIRST: Layout = layOut([
  ...FIRST,
  ...PORTS,
  ...NAMES.filter((field) => !FIRST.includes(field) && !PORTS.includes(field)),
]);

const DESTINATION: readonly DiagramField[] = ['out', 'dst', 'origDst'];

/**
 * Where a packet goes comes before where it comes from. Better where rules for many destinations ask for the same long lists
 * of sources.
 */
export const DESTINATION_FIRST: Layout = layOut([
  ...FIRST,
  ...DESTINATION,
  ...NAMES.filter((field) => !FIRST.includes(field) && !DESTINATION.includes(field)),
]);

const BEFORE: readonly DiagramField[] = ['family', 'state', 'notrack'];

/**
 * What a packet is comes before its interfaces too. Better where rules for many ports each leave out an interface on both sides: with
 * the interfaces first each pair of names would need a copy of all ports.
 */
export const PORTS_BEFORE_INTERFACES: Layout = layOut([
  ...BEFORE,
  ...PORTS,
  ...NAMES.filter((field) => !BEFORE.includes(field) && !PORTS.includes(field)),
]);

/** All layouts. */
export const LAYOUTS: readonly Layout[] = [
  ADDRESSES_FIRST,
  PORTS_FIRST,
  DESTINATION_FIRST,
  PORTS_BEFORE_INTERFACES,
];

/** Whether the field is an address: four bytes of sixteen for IPv4. */
export function isAddress(field: DiagramField): boolean {
  return field === 'src' || field === 'dst' || field === 'origSrc' || field === 'origDst';
}

/** The bits of some fields, the same in every layout. */
export function bitsOf(fields: Iterable<DiagramField>): number {
  let bits = 0;
  for (const field of fields) bits |= bitOf(field);
  return bits >>> 0;
}

function bitOf(field: DiagramField): number {
  return BITS.get(field) as number;
}

function layOut(order: readonly DiagramField[]): Layout {
  const levels = levelsIn(order);
  const fieldOf: (DiagramField | undefined)[] = new Array(256).fill(undefined);
  const top = new Uint8Array(256).fill(255);
  const fieldBit = new Uint32Array(256);
  for (const field of NAMES)
    for (const level of levels[field]) {
      fieldOf[level] = field;
      fieldBit[level] = bitOf(field);
      top[level] = SMALL_FIELDS[field] ?? 255;
    }
  top.fill(1, FIRST_VARIABLE, FIRST_VARIABLE + VARIABLE_LIMIT);
  fieldBit.fill(VARIABLE_BIT, FIRST_VARIABLE, FIRST_VARIABLE + VARIABLE_LIMIT);
  return { levels, fieldOf, top, fieldBit };
}

function levelsIn(order: readonly DiagramField[]): Record<DiagramField, number[]> {
  const levels = {} as Record<DiagramField, number[]>;
  let next = 0;
  for (const field of order) {
    if (field === 'mark' || field === 'ctmark' || field === 'rule') continue;
    levels[field] = Array.from({ length: FIELD_WIDTHS[field] }, () => next++);
  }
  levels.mark = [];
  levels.ctmark = [];
  for (let i = 0; i < FIELD_WIDTHS.mark; i++) {
    levels.mark.push(next++);
    levels.ctmark.push(next++);
  }
  // Below the variables: what a rule's number stands for is decided last.
  const { rule } = FIELD_WIDTHS;
  levels.rule = Array.from({ length: rule }, (_, i) => TERMINAL_LEVEL - rule + i);
  return levels;
}
