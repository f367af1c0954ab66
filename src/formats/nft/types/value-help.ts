import { nearest } from '../../../text/nearest.ts';
import type { DataType } from './data-type.ts';

/** As many names of a type are shown at most. */
const SHOWN = 32;

/** What is expected where a value is none of its type. */
export function expectedOf({ name, names = {} }: DataType): string {
  const known = Object.keys(names);
  const listed = known.length > 0 && known.length <= SHOWN;
  return `a value of the type ${name}${listed ? `: ${known.join(', ')}` : ''}`;
}

/** What may help where a word is no value of the type. */
export function helpForValue(text: string, expected: string): { readonly help: string } | undefined {
  const range = /^(\d+):(\d+)$/.exec(text);
  if (range !== null && /inet_service$/.test(expected))
    return { help: `a range is written \`${range[1]}-${range[2]}\`` };
  const host = /ipv[46]_addr$/.test(expected) && /^[a-z][\w-]*$/i.test(text);
  if (host || /\.[a-z]/i.test(text)) return { help: HOST };
  const names = /^a value of the type \w+: (.*)$/.exec(expected)?.[1]?.split(', ');
  const near = names === undefined ? undefined : nearest(text, names);
  return near === undefined ? undefined : { help: `did you mean \`${near}\`?` };
}

/** nft asks the resolver of the machine that it runs on (getaddrinfo(3); src/datatype.c of nftables, ipaddr_type_parse). */
const HOST =
  'a name of a host is looked up where nft runs, and the file does not have the answer: write the address';
