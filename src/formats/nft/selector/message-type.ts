import type { Selector, Statement, Value } from '../ast/ast.ts';
import { TYPES } from '../types/datatypes.ts';
import { readNumber } from '../types/read-number.ts';

type Payload = Extract<Selector, { kind: 'payload' }>;

const ECHO: Readonly<Record<string, readonly [request: number, reply: number]>> = {
  icmp: [8, 0],
  icmpv6: [128, 129],
};

/** Fields that only messages of one type have (src/proto.c of nftables, proto_icmp and proto_icmp6). */
const SINGLE: Readonly<Record<string, number>> = {
  'icmp gateway': 5,
  'icmp mtu': 3,
  'icmpv6 mtu': 2,
  'icmpv6 packet-too-big': 2,
  'icmpv6 parameter-problem': 4,
  'icmpv6 max-delay': 130,
};

/** Types of the ICMP messages that have a field; undefined where all of them have it. */
export function messagesWith({ protocol, field }: Payload): readonly number[] | undefined {
  if (protocol !== 'icmp' && protocol !== 'icmpv6') return undefined;
  if (field === 'id' || field === 'sequence') return ECHO[protocol];
  const only = SINGLE[`${protocol} ${field}`];
  return only === undefined ? undefined : [only];
}

/**
 * What a rule has said of the type of ICMP messages so far. nft asks for the type before a field that only some messages
 * have, unless the rule did: of a set of types it knows the last one only, and it takes replies for requests (src/payload.c
 * of nftables, payload_expr_pctx_update, payload_gen_icmp_dependency; seen in what nft 1.0.6 loads).
 */
export class MessageType {
  private known: number | undefined;

  /** Whether nft asks for the type before it reads the field, or the rule has said one already, that may be another. */
  before(field: Payload): 'asks' | 'known' | 'another' {
    const first = messagesWith(field)?.[0];
    if (first === undefined || this.known === first) return 'known';
    return this.known === undefined ? 'asks' : 'another';
  }

  /** A field has been read. */
  read(field: Payload): void {
    this.known ??= messagesWith(field)?.[0];
  }

  /** A comparison for being equal. */
  learn(selector: Selector, right: Value): void {
    if (selector.kind !== 'payload' || selector.field !== 'type') return;
    const echo = ECHO[selector.protocol];
    if (echo === undefined) return;
    const values = right.kind === 'set' ? right.elements.map(({ key }) => key) : [right];
    for (const value of values) {
      if (value.kind !== 'symbol') continue;
      const number = readNumber(value, selector.protocol === 'icmp' ? TYPES.icmp : TYPES.icmpv6);
      if (typeof number === 'bigint') this.known = Number(number) === echo[1] ? echo[0] : Number(number);
    }
  }
}

/** Fields of ICMP messages that an expression reads. */
export function messageFields(selector: Selector): readonly Payload[] {
  if (selector.kind === 'concat') return selector.of.flatMap(messageFields);
  if (selector.kind === 'binary') return messageFields(selector.left);
  if (selector.kind === 'map') return messageFields(selector.key);
  return selector.kind === 'payload' && messagesWith(selector) !== undefined ? [selector] : [];
}

/** What the statements in front of one have said. */
export function messageTypeBefore(statements: readonly Statement[], at: number): MessageType {
  const type = new MessageType();
  for (const statement of statements.slice(0, at)) {
    if (statement.kind === 'vmap') for (const field of messageFields(statement.key)) type.read(field);
    if (statement.kind !== 'match') continue;
    for (const field of messageFields(statement.left)) type.read(field);
    if (statement.op === '==' || statement.op === 'implicit') type.learn(statement.left, statement.right);
  }
  return type;
}
