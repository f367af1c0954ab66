import type { HostReport, Report } from '../finding/report.ts';
import { connectionNames } from './connection-name.ts';
import { directionWords } from './directions.ts';
import { count } from './wrap.ts';

/** Hosts, or connections, that a sentence names. */
const NAMED = 3;

/** Families that were not assessed, each with its hosts. */
export const familiesNotAssessed = ({ hosts }: Report): string[] =>
  (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const without = hosts.filter(({ families }) => families[family] === 'not-assessed');
    return without.length === 0
      ? []
      : [`${FAMILY[family]} was not assessed, so it is neither open nor closed${at(without)}`];
  });

const FAMILY = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** Baselines that are drafts in part, each with what nobody has decided of it. */
export const unreviewedBaselines = ({ baselines }: Report): string[] =>
  baselines.flatMap(({ id, unreviewed }) => {
    if (unreviewed === undefined) return [];
    const { rows, document } = unreviewed;
    const what = [
      ...(rows > 0 ? [`${count(rows, 'row')} that nobody has reviewed`] : []),
      ...(document > 0 ? [`${count(document, 'open question')} about the whole document`] : []),
    ];
    return [`The baseline ${id} still has ${what.join(' and ')}, so the verdict leans on guesses`];
  });

/** In which directions no excess was looked for, and which roles nothing binds, each with its hosts. */
export function notJudged({ hosts }: Report): string[] {
  const by = new Map<string, HostReport[]>();
  for (const host of hosts) {
    const open = directionWords(host)?.open ?? [];
    if (open.length > 0)
      listIn(by, `Excess was not looked for in these directions: ${open.join(', ')}`, host);
    for (const role of host.unbound)
      listIn(by, `Nothing binds the role ${role}, and openings towards it could not be judged`, host);
  }
  return [...by].map(([text, some]) => `${text}${at(some)}`);
}

function listIn(by: Map<string, HostReport[]>, text: string, host: HostReport): void {
  const known = by.get(text);
  if (known === undefined) by.set(text, [host]);
  else known.push(host);
}

function at(hosts: readonly HostReport[]): string {
  const names = hosts.slice(0, NAMED).map(({ name }) => name);
  const rest = hosts.length - names.length;
  return ` (${names.join(', ')}${rest > 0 ? ` and ${count(rest, 'more host')}` : ''})`;
}

/** The first undetermined connections of the hosts, with their reasons, in brackets: they may be all that fails a job. */
export function namedUndetermined(hosts: readonly HostReport[]): string {
  const all = hosts.flatMap((host) => {
    const name = connectionNames(host);
    return host.connections
      .filter(({ status }) => status === 'undetermined')
      .map((connection) => {
        const { direction, reason } = connection;
        return `${name(connection)} (${direction}) at ${host.name}${reason === undefined ? '' : `: ${reason}`}`;
      });
  });
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : '';
  return all.length === 0 ? '' : ` (${all.slice(0, NAMED).join(', ')}${more})`;
}
