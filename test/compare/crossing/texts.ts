import type { Negatable } from '../sites/site.ts';
import type { Role, Row, Rule, Site } from './site.ts';

/** The files of a site, by their names. */
export function textsOf(site: Site): Readonly<Record<string, string>> {
  return { 'site.yaml': deployment(site), 'own.yaml': baseline(site), 'rules.v4': dump(site) };
}

function deployment({ roles, protects }: Site): string {
  const host = { name: 'fw', role: 'none', protects, configs: ['rules.v4'], baselines: ['./own.yaml'] };
  const bound = Object.fromEntries(roles.map((role, i) => [`r${i}`, boundTo(role)]));
  return JSON.stringify({ version: 1, roles: bound, hosts: [host] });
}

function boundTo({ addresses, on }: Role): unknown {
  return on === undefined ? addresses : { addresses, interfaces: on };
}

function baseline({ roles, rows, closed }: Site): string {
  return JSON.stringify({
    version: 1,
    id: 'own',
    title: 'Own',
    document: { title: 'Own' },
    closed,
    roles: Object.fromEntries(roles.map((_, i) => [`r${i}`, { title: `R${i}` }])),
    rows: rows.map(rowOf),
  });
}

function rowOf({ id, source, destination, protocol, ports, choice, level }: Row): unknown {
  const all = [...ports, ...(choice.length === 0 ? [] : [{ choice }])];
  return { id, cells: { Row: id }, source, destination, protocols: [protocol], ports: all, level };
}

function dump({ rules, policy }: Site): string {
  const user = rules.some(({ chain, target }) => chain === 'user' || target === 'user');
  return [
    '*filter',
    ':INPUT DROP [0:0]',
    `:FORWARD ${policy} [0:0]`,
    ':OUTPUT ACCEPT [0:0]',
    ...(user ? [':user - [0:0]'] : []),
    '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ...rules.map(ruleText),
    'COMMIT',
    '',
  ].join('\n');
}

function ruleText({
  chain,
  source,
  destination,
  comes,
  leaves,
  protocol,
  ports,
  unknown,
  target,
}: Rule): string {
  const option = (name: string, one: Negatable | undefined): string[] =>
    one === undefined ? [] : [...(one.negated ? ['!'] : []), `${name} ${one.value}`];
  return [
    `-A ${chain}`,
    ...option('-s', source),
    ...option('-d', destination),
    ...option('-i', comes),
    ...option('-o', leaves),
    ...(protocol === undefined ? [] : [`-p ${protocol} -m ${protocol}`]),
    ...(ports === undefined ? [] : [`--dport ${ports.join(':')}`]),
    ...(unknown === undefined ? [] : [unknown]),
    `-j ${target}`,
  ].join(' ');
}
