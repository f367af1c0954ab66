import type { Selector, Statement } from '../ast/ast.ts';
import { checkObjectName } from './dynamic.ts';
import type { Protocols } from './protocol.ts';
import { checkSource } from './source.ts';
import { isRaw } from '../selector/raw.ts';
import { type Types, typesOf } from './value-types.ts';
import type { CheckContext } from './value.ts';

/** What a rule writes into a packet, its connection or its data in the kernel. */
export function checkAssignment(
  { to, from }: Extract<Statement, { kind: 'assign' }>,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (to.kind !== 'meta' && !protocols.read(to)) return false;
  if ((to.kind === 'meta' || to.kind === 'ct') && to.key === 'secmark')
    return checkSecmark(to.kind, from, protocols, context);
  const types = typesOf(to, context);
  if (types === undefined || !isOptionOfWords(to, types, context)) return false;
  if (!isWholeOrValue(to, from, types, context) || !isLabelsSource(to, from, context)) return false;
  return checkSource(from, types[0], protocols, context);
}

/** Of TCP's options two and four bytes can be set (net/netfilter/nft_exthdr.c, nft_exthdr_tcp_set_init). */
function isOptionOfWords(to: Selector, [type]: Types, { problems }: CheckContext): boolean {
  if (to.kind !== 'other' || to.optionOf !== 'tcp' || type === undefined) return true;
  if (type.bits === 16 || type.bits === 32) return true;
  problems.error('bad-value', to, 'the kernel sets fields of two and of four bytes in options', {
    expected: 'another field, such as `tcp option maxseg size`',
  });
  return false;
}

/** Headers whose checksum nft keeps right two bytes at a time (src/proto.c of nftables, checksum_key). */
const SUMMED = new Set(['ip', 'icmp', 'icmpv6', 'igmp', 'tcp', 'udp', 'udplite']);

/** What shares its bytes with other fields is put between them, which takes a value (src/evaluate.c of nftables, stmt_evaluate_payload). */
function isWholeOrValue(to: Selector, from: Selector, [type]: Types, { problems }: CheckContext): boolean {
  if (from.kind !== 'map' || type === undefined || (to.kind !== 'payload' && !isRaw(to))) return true;
  const summed = to.kind === 'payload' && SUMMED.has(to.protocol);
  if (type.bits % (summed ? 16 : 8) === 0) return true;
  problems.error('bad-value', from, 'this field shares its bytes with others: nft sets it to values only', {
    expected: 'one value',
    help: 'look the key up with `vmap`, and set the field in the chains that it names',
  });
  return false;
}

/** The labels of a connection have 128 bits, which nothing else that is read has (net/netfilter/nft_ct.c, nft_ct_set_init). */
function isLabelsSource(to: Selector, from: Selector, { problems }: CheckContext): boolean {
  if (to.kind !== 'ct' || to.key !== 'label' || from.kind === 'value' || from.kind === 'map') return true;
  if (from.kind === 'ct' && from.key === 'label') return true;
  problems.error('type-mismatch', from, 'this gives no labels of a connection', {
    expected: 'a label, `ct label`, or a map of labels',
  });
  return false;
}

/** A packet's label is that of an object or of its connection, and the connection's that of the packet. */
function checkSecmark(
  to: 'meta' | 'ct',
  from: Selector,
  protocols: Protocols,
  context: CheckContext,
): boolean {
  if (from.kind !== 'value') return protocols.read(from) && isLabel(to, from, context);
  const { value } = from;
  if (to === 'meta' && value.kind === 'symbol') return checkObjectName('secmark', value.text, value, context);
  context.problems.error('bad-value', value, 'this is no label of a packet', {
    expected: to === 'meta' ? 'the name of a secmark object' : '`meta secmark`',
  });
  return false;
}

/** What else gives a label: that of the other, a map of objects, and to a connection any number of 32 bits. */
function isLabel(to: 'meta' | 'ct', from: Selector, context: CheckContext): boolean {
  const other = to === 'meta' ? 'ct' : 'meta';
  if (from.kind === 'map' || (from.kind === other && from.key === 'secmark')) return true;
  const [type] = (to === 'ct' ? typesOf(from, context) : undefined) ?? [];
  if (type?.name === 'integer' && type.bits === 32) return true;
  context.problems.error('type-mismatch', from, 'this gives no label of a packet', {
    expected: to === 'meta' ? 'the name of a secmark object, or `ct secmark`' : '`meta secmark`',
  });
  return false;
}
