/**
 * Where each field stands in the diagram: a field is a run of levels of one byte each, most significant first. The
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

/** The levels of every field, most significant byte first. */
export const LEVELS: Readonly<Record<DiagramField, readonly number[]>> = layOut();

/** The first level of the variables that stand for opaque predicates. */
export const FIRST_VARIABLE = 1 + Math.max(...LEVELS.mark, ...LEVELS.ctmark);

/** How many variables there are: below them stands only `rule`. */
export const VARIABLE_LIMIT = (LEVELS.rule[0] as number) - FIRST_VARIABLE;

/** The greatest value of a level: 255 but in small fields, and 1 in variables. */
export const LEVEL_TOP: Uint8Array = levelTops();

/** The field of each level, undefined for variables. */
export const FIELD_OF_LEVEL: readonly (DiagramField | undefined)[] = fieldsOfLevels();

/**
 * A bit for the field of each level: the fields on which a set depends are a number. Variables share one bit; terminals
 * have none.
 */
export const FIELD_BIT: Uint32Array = fieldBits();

/** The bits of some fields. */
export function bitsOf(fields: Iterable<DiagramField>): number {
  let bits = 0;
  for (const field of fields) bits |= FIELD_BIT[LEVELS[field][0] as number] as number;
  return bits >>> 0;
}

function fieldBits(): Uint32Array {
  const bits = new Uint32Array(256);
  const names = Object.keys(FIELD_WIDTHS) as DiagramField[];
  for (const [i, field] of names.entries()) for (const level of LEVELS[field]) bits[level] = 2 ** (i + 1);
  bits.fill(1, FIRST_VARIABLE, FIRST_VARIABLE + VARIABLE_LIMIT);
  return bits;
}

function layOut(): Record<DiagramField, number[]> {
  const levels = {} as Record<DiagramField, number[]>;
  let next = 0;
  for (const field of Object.keys(FIELD_WIDTHS) as DiagramField[]) {
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

function levelTops(): Uint8Array {
  const tops = new Uint8Array(256).fill(255);
  for (const field of Object.keys(SMALL_FIELDS) as DiagramField[])
    tops[LEVELS[field][0] as number] = SMALL_FIELDS[field] as number;
  tops.fill(1, FIRST_VARIABLE, FIRST_VARIABLE + VARIABLE_LIMIT);
  return tops;
}

function fieldsOfLevels(): (DiagramField | undefined)[] {
  const fields: (DiagramField | undefined)[] = new Array(256).fill(undefined);
  for (const field of Object.keys(LEVELS) as DiagramField[])
    for (const level of LEVELS[field]) fields[level] = field;
  return fields;
}
