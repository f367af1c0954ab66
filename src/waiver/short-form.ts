import type { Located } from '../baseline/located.ts';
import type { Complaints } from '../baseline/ports.ts';
import { complaint, show } from '../baseline/complaint.ts';
import { suggestion } from '../baseline/suggest.ts';

/** The words of a short form, and the field of a box that each fills. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['from', 'sources'],
  ['to', 'destinations'],
  ['sport', 'sourcePorts'],
  ['port', 'destinationPorts'],
  ['type', 'icmp'],
  ['in', 'in'],
  ['out', 'out'],
]);
const FORM =
  '`<protocol|any> [ports] [from <addresses>] [to <addresses>] [sport <ports>] [type <type/code>] [in <interface>] [out <interface>]`, lists with commas';

/**
 * A box in its short form (`tcp 5432,5433 from 10.1.0.0/16 in eth1`) as the map that it abbreviates; each value has the
 * place of the whole text. Undefined, with a complaint, where it is no such form.
 */
export function expandShortForm(text: Located, complaints: Complaints): Located | undefined {
  const words = String(text.value).trim().split(/\s+/);
  const [protocol = '', ...rest] = words;
  const entries = new Map<string, Located>();
  const wrong = (message: string, help?: string): undefined => {
    complaints.push(complaint({ code: 'invalid-packets', message, span: text.span, expected: FORM, help }));
  };
  const add = (field: string, list: string): boolean => {
    const items = list.split(',').map((value): Located => ({ value, span: text.span, size: 1 }));
    if (entries.has(field) || items.some(({ value }) => value === '')) return false;
    entries.set(field, {
      value: items.map(({ value }) => value),
      items,
      span: text.span,
      keySpan: text.span,
      size: 1,
    });
    return true;
  };
  if (WORDS.has(protocol))
    return wrong(`${show(text.value)} does not begin with a protocol.`, 'Write `any` for every protocol.');
  if (protocol !== 'any') add('protocols', protocol);
  // What follows the protocol without a word is its ports.
  if (rest[0] !== undefined && /^[0-9]/.test(rest[0])) add('destinationPorts', rest.shift() as string);
  for (let i = 0; i < rest.length; i += 2) {
    const [word = '', value] = rest.slice(i, i + 2);
    const field = WORDS.get(word);
    if (field === undefined)
      return wrong(`\`${word.slice(0, 60)}\` is no word of a short form.`, suggestion(word, WORDS.keys()));
    if (value === undefined) return wrong(`Nothing follows \`${word}\`.`);
    if (!add(field, value)) return wrong(`\`${word}\` stands twice, or has an empty entry in its list.`);
  }
  return { value: text.value, span: text.span, entries, size: entries.size + 1 };
}
