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

/** The levels of every field, most significant byte first. */
export const LEVELS: Readonly<Record<DiagramField, readonly number[]>> = layOut();

/** The first level of the variables that stand for opaque predicates. */
export const FIRST_VARIABLE = 1 + Math.max(...Object.values(LEVELS).flat());

/** How many variables fit below {@link TERMINAL_LEVEL}. */
export const VARIABLE_LIMIT = 255 - FIRST_VARIABLE;

/** The level of the terminals: below everything. */
export const TERMINAL_LEVEL = 255;

/** The greatest value of a level: 255 but in small fields, and 1 in variables. */
export const LEVEL_TOP: Uint8Array = levelTops();

/** The field of each level, undefined for variables. */
export const FIELD_OF_LEVEL: readonly (DiagramField | undefined)[] = fieldsOfLevels();

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
  levels.rule = Array.from({ length: FIELD_WIDTHS.rule }, () => next++);
  return levels;
}

function levelTops(): Uint8Array {
  const tops = new Uint8Array(256).fill(255);
  for (const field of Object.keys(SMALL_FIELDS) as DiagramField[])
    tops[LEVELS[field][0] as number] = SMALL_FIELDS[field] as number;
  tops.fill(1, FIRST_VARIABLE, TERMINAL_LEVEL);
  return tops;
}

function fieldsOfLevels(): (DiagramField | undefined)[] {
  const fields: (DiagramField | undefined)[] = new Array(256).fill(undefined);
  for (const field of Object.keys(LEVELS) as DiagramField[])
    for (const level of LEVELS[field]) fields[level] = field;
  return fields;
}
