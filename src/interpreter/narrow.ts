import type { Span } from '../text/source.ts';
import { type AddressDomain, common, type Domain, lies, without } from './domain.ts';
import { NO_YES, type Pending, type Question, type QuestionKind, type Truth } from './question.ts';
import type { AddressField, NumericField, Walk } from './walk.ts';

/** How `dependsOn` names a field whose value is not known. */
const WORDS: Partial<Record<NumericField | AddressField, string>> = {
  sport: 'the source port',
  dport: 'the destination port',
  origSport: "the connection's first source port (ctorigsrcport)",
  origDport: "the connection's first destination port (ctorigdstport)",
  icmpType: 'the ICMP type',
  icmpCode: 'the ICMP code',
  tcpFlags: 'the TCP flags',
  mark: 'the packet mark',
  ctmark: 'the connection mark',
  mac: 'the source MAC address',
  length: "the packet's length",
  ttl: 'the TTL',
  tos: 'the TOS',
  src: 'the source address after translation',
  dst: 'the destination address after translation',
  origSrc: "the connection's first source (ctorigsrc)",
  origDst: "the connection's first destination (ctorigdst)",
};

/** The few words by which a field is named. */
export function fieldWords(field: NumericField | AddressField): string {
  return WORDS[field] ?? field;
}

/** A question of yes or no with what the answers do. */
export function yesOrNo(
  question: { kind: QuestionKind; key: string; text: string; stateful?: boolean; span?: Span },
  apply: (walk: Walk, yes: boolean) => void,
): Pending {
  const { kind, key, text, stateful = false, span } = question;
  const plain = { kind, key, text, stateful, options: NO_YES };
  const full: Question = span === undefined ? plain : { kind, key, text, stateful, options: NO_YES, span };
  return { question: full, apply: (walk, option) => apply(walk, option === 1) };
}

/** A question whose answer is kept under its key for the rest of the way. */
export function rememberedQuestion(walk: Walk, kind: QuestionKind, key: string, text: string): Truth {
  const before = walk.remembered.get(key);
  if (before !== undefined) return before;
  return yesOrNo({ kind, key, text }, (w, yes) => w.remembered.set(key, yes));
}

/** A question whose answer is kept until the packet's bytes change. */
export function questionOfBytes(walk: Walk, kind: QuestionKind, about: string, text: string): Truth {
  const before = walk.ofBytes.get(about);
  if (before !== undefined) return before;
  const key = `${walk.edition} ${about}`;
  return yesOrNo({ kind, key, text }, (w, yes) => w.ofBytes.set(about, yes));
}

/** Whether a numeric field is in the set; an answer narrows what it can be. */
export function fieldIsIn(walk: Walk, field: NumericField, values: Domain): Truth {
  const domain = walk.fields[field];
  const how = lies(domain, values);
  if (how !== 'both') return how === 'inside';
  const key = `${field} ${walk.unknownWrites[field] ?? 0} in ${values.join(' ')}`;
  return yesOrNo({ kind: 'field', key, text: fieldWords(field) }, (w, yes) => {
    w.fields[field] = yes ? common(w.fields[field], values) : without(w.fields[field], values);
  });
}

function addressWords(walk: Walk, field: AddressField): string {
  const written = walk.unknownWrites[field] !== undefined;
  return written ? fieldWords(field).replace('after translation', 'that a rule writes') : fieldWords(field);
}

/**
 * Whether an address is in the set; an answer narrows what it can be.
 * @param values of the packet's family: numbers for IPv4, bigints for IPv6
 */
export function addressIsIn(
  walk: Walk,
  field: AddressField,
  values: AddressDomain,
  as?: { kind: QuestionKind; text: string },
): Truth {
  // Both sides are of the packet's family, which the types can't say.
  const set = values as Domain<bigint>;
  const how = lies(walk.addresses[field] as Domain<bigint>, set);
  if (how !== 'both') return how === 'inside';
  const key = `${field} ${walk.unknownWrites[field] ?? 0} in ${set.join(' ')}`;
  const { kind, text } = as ?? { kind: 'address', text: addressWords(walk, field) };
  return yesOrNo({ kind, text, key }, (w, yes) => {
    const domain = w.addresses[field] as Domain<bigint>;
    w.addresses[field] = yes ? common(domain, set) : without(domain, set);
  });
}

/** The question which of the possible interfaces it is. */
export function whichInterface(names: readonly string[], field: 'in' | 'out'): Pending {
  return {
    question: {
      kind: 'choice',
      key: `which ${field}`,
      text: `the ${field === 'in' ? 'incoming' : 'outgoing'} interface`,
      stateful: false,
      options: names,
    },
    apply: (walk, option) => {
      walk.names[field] = [names[option] as string];
    },
  };
}

/** The disjunction: true where one is, else the first open question. */
export function either(truths: Iterable<Truth>): Truth {
  let open: Pending | undefined;
  for (const truth of truths) {
    if (truth === true) return true;
    if (truth !== false) open ??= truth;
  }
  return open ?? false;
}
