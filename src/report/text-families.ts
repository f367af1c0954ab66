import type { HostReport } from '../finding/report.ts';
import type { Style } from './style.ts';
import { labelled } from './wrap.ts';

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
