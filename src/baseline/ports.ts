import { asEntries } from './suggest.ts';
import { normalise, type Ranges, union } from '../packet/ranges.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Located } from './located.ts';
import { complaint, show } from './complaint.ts';

/** One entry of a row's port list. */
export type PortTerm =
  /** All of these are needed. */
  | { readonly kind: 'ports'; readonly ports: Ranges }
  /** One option is enough, unless the named parameter decides. Each option is one port or one range. */
  | { readonly kind: 'choice'; readonly options: readonly Ranges[]; readonly parameter?: string }
  /** What the site sets; unknown while it does not. */
  | { readonly kind: 'parameter'; readonly name: string };

/** Where diagnostics go while a file is read. */
export type Complaints = Diagnostic[];

/** How ports are written here that somebody wrote as iptables, a table or a sentence has them. */
function asPorts(text: string): string | undefined {
  const range = /^\s*(\d{1,5})\s*(?::|-|–|\.\.|to)\s*(\d{1,5})\s*$/.exec(text);
  const [lo, hi] = [Number(range?.[1]), Number(range?.[2])];
  if (lo >= 1 && lo <= hi && hi <= 65535) return `Write \`${lo}-${hi}\`.`;
  const list = text.split(/[,;/]/).map((one) => one.trim());
  const isList = list.length > 1 && list.every((one) => /^\d{1,5}(-\d{1,5})?$/.test(one));
  return isList ? asEntries(list) : undefined;
}

/** A port or a range as YAML has it (80, "80", "7800-7802"); undefined, with a complaint, where it is none. */
export function readPortOrRange(value: Located, complaints: Complaints): Ranges | undefined {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(String(value.value).trim());
  const from = Number(match?.[1]);
  const to = match?.[2] === undefined ? from : Number(match[2]);
  if (match !== null && from >= 1 && to <= 65535 && from <= to) return [from, to];
  complaints.push(
    complaint({
      code: 'invalid-port',
      message: `${show(value.value)} is neither a port nor a range of ports.`,
      span: value.span,
      expected: 'a port from 1 to 65535 or a range such as `7800-7802`',
      help:
        match !== null && from > to && from <= 65535
          ? `Write the lower port first: \`${to}-${from}\`.`
          : asPorts(String(value.value)),
    }),
  );
  return undefined;
}

/**
 * The value that a site gives a parameter: a port, a range, a list of these (an empty list says: none), or
 * `{base, count}`, the `count` ports from `base` on.
 */
export function readPortValue(value: Located, complaints: Complaints): Ranges | undefined {
  if (value.items !== undefined) {
    const parts = value.items.map((item) => readPortOrRange(item, complaints));
    return parts.reduce<Ranges | undefined>((sum, part) => sum && part && union(sum, part), []);
  }
  if (value.entries === undefined) return readPortOrRange(value, complaints);
  const { base, count } = value.value as { base: number; count: number };
  const last = base + count - 1;
  if (last <= 65535) return [base, last];
  complaints.push(
    complaint({
      code: 'invalid-port',
      message: `\`${count}\` ports from \`${base}\` on end at ${last}.`,
      span: value.span,
      expected: 'a last port of at most 65535',
    }),
  );
  return undefined;
}

/** A row's port list; `any` is undefined. */
export function readPorts(
  value: Located | undefined,
  complaints: Complaints,
): readonly PortTerm[] | undefined {
  if (value?.items === undefined) return undefined;
  const terms: PortTerm[] = [];
  const plain: [number, number][] = [];
  for (const item of value.items) {
    if (item.entries !== undefined) terms.push(readMapTerm(item, complaints));
    else {
      const range = readPortOrRange(item, complaints);
      if (range !== undefined) plain.push([range[0] as number, range[1] as number]);
    }
  }
  return plain.length > 0 ? [{ kind: 'ports', ports: normalise(plain) }, ...terms] : terms;
}

function readMapTerm(item: Located, complaints: Complaints): PortTerm {
  const parameter = item.entries?.get('parameter')?.value as string | undefined;
  const choice = item.entries?.get('choice')?.items;
  if (choice === undefined) return { kind: 'parameter', name: parameter ?? '' };
  const options = choice
    .map((option) => readPortOrRange(option, complaints))
    .filter((option): option is Ranges => option !== undefined);
  return { kind: 'choice', options, ...(parameter === undefined ? {} : { parameter }) };
}

/** Ports as text: `80, 443, 5500-5577`. */
export function formatPorts(ports: Ranges): string {
  const parts: string[] = [];
  for (let i = 0; i < ports.length; i += 2)
    parts.push(ports[i] === ports[i + 1] ? `${ports[i]}` : `${ports[i]}-${ports[i + 1]}`);
  return parts.join(', ');
}

/** A port list as text: `80 or 443`, `80, 443, <other-ports>`; `any` where there is none. */
export function formatPortTerms(terms: readonly PortTerm[] | undefined): string {
  if (terms === undefined) return 'any';
  return terms
    .map((term) => {
      if (term.kind === 'ports') return formatPorts(term.ports);
      if (term.kind === 'parameter') return `<${term.name}>`;
      return term.options.map(formatPorts).join(' or ');
    })
    .join(', ');
}
