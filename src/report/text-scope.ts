import type { HostReport } from '../finding/report.ts';
import { directionWords, OPEN_DIRECTION } from './directions.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { labelled, wrap } from './wrap.ts';

/** Which families were assessed and in which directions excess was looked for, and what it means where not. */
export function scopeLines(host: HostReport, style: Style, width: number): string[] {
  return [...familyLines(host.families, style, width), ...directionLines(host, style, width)];
}

/** Which families were assessed, and what it means where one was not. */
export function familyLines(families: HostReport['families'], style: Style, width: number): string[] {
  const names = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;
  const missing = (['ipv4', 'ipv6'] as const).filter((family) => families[family] === 'not-assessed');
  const assessed = (['ipv4', 'ipv6'] as const).filter((family) => families[family] === 'assessed');
  const out = assessed.length === 0 ? [] : [`  assessed: ${assessed.map((f) => names[f]).join(' and ')}`];
  for (const family of missing) {
    const text = `${names[family]} was not assessed: no config was given for it, so it is neither open nor closed here.`;
    out.push(...labelled('note', text, 2, width).map(style.warn));
  }
  return out;
}

function directionLines(host: HostReport, style: Style, width: number): string[] {
  const found = directionWords(host);
  if (found === undefined) return [];
  const { closed, open } = found;
  const out =
    closed.length === 0
      ? []
      : wrap(`excess looked for: ${visible(closed.join(', '))}`, width - 4).map(
          (line, i) => `${i === 0 ? '  ' : '    '}${line}`,
        );
  if (open.length === 0) return out;
  const text = `Excess was not looked for in these directions: ${open.join(', ')}. ${OPEN_DIRECTION}.`;
  return [...out, ...labelled('note', visible(text), 2, width).map(style.warn)];
}
