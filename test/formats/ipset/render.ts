import { formatAddress, formatPrefix, formatRange, prefixRange } from '../../../src/packet/address.ts';
import type { NamedSet, SetElement, SetPart } from '../../../src/rule/named-set.ts';
import type { ConfigPart } from '../../../src/formats/reader.ts';
import type { Diagnostic, Result } from '../../../src/text/diagnostic.ts';
import { formatPlace } from '../../../src/text/source.ts';

/** What a file gives, as text: errors, or sets with their elements, warnings and coverage. */
export function renderResult(result: Result<ConfigPart>): string {
  if (!result.ok) return result.errors.map(renderDiagnostic).join('\n');
  const { sets, coverage } = result.value;
  return [
    ...sets.map(renderSet),
    ...result.warnings.map(renderDiagnostic),
    ...coverage.map(({ span, status, reason }) => `${formatPlace(span)}: ${status}: ${reason}`),
  ].join('\n');
}

function renderDiagnostic({ severity, code, message, span }: Diagnostic): string {
  return `${span === undefined ? '' : `${formatPlace(span)}: `}${severity}: ${message} [${code}]`;
}

function renderSet(set: NamedSet): string {
  const family = set.family === undefined ? '' : ` IPv${set.family}`;
  return [
    `${set.name}: ${set.type}${family}`,
    ...set.elements.map((element) => `  ${renderElement(element)}`),
  ].join('\n');
}

function renderElement(element: SetElement): string {
  const line = element.origin.file.position(element.origin.start).line;
  return `${element.parts.map(renderPart).join(' ')}${element.nomatch ? ' nomatch' : ''} (line ${line})`;
}

function renderPart(part: SetPart): string {
  switch (part.kind) {
    case 'address': {
      const { family, lo, hi, prefix, mask } = part;
      if (mask !== undefined) return `${formatAddress(family, lo)}&${formatAddress(family, mask)}`;
      const network = prefixRange(family, lo, prefix);
      const isNetwork = network.lo === lo && network.hi === hi;
      return isNetwork ? formatPrefix(family, lo, prefix) : `${formatRange(family, lo, hi)}@${prefix}`;
    }
    case 'port':
      return `${part.protocol ?? 'port'}:${part.lo}${part.hi === part.lo ? '' : `-${part.hi}`}`;
    case 'mac':
      return part.mac === undefined ? 'any-mac' : part.mac.toString(16).padStart(12, '0');
    case 'mark':
      return `0x${part.value.toString(16)}&0x${part.mask.toString(16)}`;
    case 'iface':
      return `${part.physdev ? 'physdev:' : ''}${part.name}${part.wildcard ? '+' : ''}`;
    case 'set':
      return part.name;
  }
}
