import { iptablesReader } from '../../../src/formats/iptables/index.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { ipsetReader } from '../../../src/formats/ipset/index.ts';
import { ipAddrReader } from '../../../src/formats/ip-addr/index.ts';
import type { ConfigPart, FormatReader, InputFormat } from '../../../src/formats/reader.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import type { Ruleset } from '../../../src/rule/ruleset.ts';
import type { Diagnostic } from '../../../src/text/diagnostic.ts';
import { formatPlace, SourceFile } from '../../../src/text/source.ts';

/** What postern is given of a host: the same texts that the kernel's tools take, or what they print. */
export interface HostTexts {
  readonly v4?: string;
  readonly v6?: string;
  readonly ipset?: string;
  readonly nft?: string;
  /** `ip -j addr`. */
  readonly addresses?: string;
}

const PARTS: readonly (readonly [keyof HostTexts, InputFormat, FormatReader, string])[] = [
  ['v4', 'iptables-save', iptablesReader, 'rules.v4'],
  ['v6', 'ip6tables-save', iptablesReader, 'rules.v6'],
  ['ipset', 'ipset-save', ipsetReader, 'sets.ipset'],
  ['nft', 'nft', nftReader, 'rules.nft'],
  ['addresses', 'ip-addr', ipAddrReader, 'addr.json'],
];

/** Reads a host as postern's commands do; the first problem as a line of text where it cannot be read. */
export function readHost(texts: HostTexts): Ruleset | string {
  const parts: ConfigPart[] = [];
  for (const [key, format, reader, path] of PARTS) {
    const text = texts[key];
    if (text === undefined) continue;
    const read = reader.read(new SourceFile(path, text), format, path);
    if (!read.ok) return describe(read.errors);
    parts.push(read.value);
  }
  const assembled = assemble(parts);
  return assembled.ok ? assembled.value.ruleset : describe(assembled.errors);
}

function describe(errors: readonly Diagnostic[]): string {
  return errors
    .slice(0, 3)
    .map(({ span, message }) => `${span === undefined ? '' : `${formatPlace(span)}: `}${message}`)
    .join('\n');
}
