import { type Family, ownAddresses, type Role, type Row, type Rule, type Site } from './site.ts';

/** The files of a site, by their names. */
export function textsOf(site: Site): Readonly<Record<string, string>> {
  const dumps = site.families.map((family) => [`rules.v${family}`, dump(site, family)]);
  return { 'site.yaml': deployment(site), 'own.yaml': baseline(site), ...Object.fromEntries(dumps) };
}

function deployment(site: Site): string {
  const own = site.families.flatMap((family) => ownAddresses(site, family));
  const roles = Object.fromEntries(site.roles.map((role, i) => [`r${i}`, boundTo(role)]));
  const configs = site.families.map((family) => `rules.v${family}`);
  const host = { name: 'one', role: 'server', configs, baselines: ['./own.yaml'] };
  return JSON.stringify({ version: 1, roles: { server: own, ...roles }, hosts: [host] });
}

function boundTo({ addresses, on }: Role): unknown {
  if (on === undefined) return addresses;
  return addresses === 'unbound' ? { interfaces: [on] } : { addresses, interfaces: [on] };
}

function baseline({ rows, closed }: Site): string {
  const roles = Object.fromEntries(['server', 'r0', 'r1', 'r2'].map((id) => [id, { title: id }]));
  return JSON.stringify({
    version: 1,
    id: 'own',
    title: 'Own',
    document: { title: 'Own' },
    closed: { ...closed, forward: false },
    roles,
    rows: rows.map(rowOf),
  });
}

function rowOf({ id, direction, peer, traffic, level, family }: Row): unknown {
  const ends =
    direction === 'in' ? { source: peer, destination: 'server' } : { source: 'server', destination: peer };
  const row = {
    id,
    cells: { Row: id },
    ...ends,
    level,
    ...(family === undefined ? {} : { families: [family] }),
  };
  if ('icmp' in traffic) {
    const protocols = [traffic.icmp === 4 ? 'icmp' : 'icmpv6'];
    return { ...row, protocols, icmp: traffic.types.map(String) };
  }
  const { protocols, ports, choice, sourcePorts } = traffic;
  const all = [...ports, ...(choice.length === 0 ? [] : [{ choice }])];
  return { ...row, protocols, ports: all, ...(sourcePorts === undefined ? {} : { sourcePorts }) };
}

function dump({ rules, policies }: Site, family: Family): string {
  const lines = rules[family];
  const user = lines.some(({ chain, target }) => chain === 'user' || target === 'user');
  return [
    '*filter',
    `:INPUT ${policies.INPUT} [0:0]`,
    ':FORWARD DROP [0:0]',
    `:OUTPUT ${policies.OUTPUT} [0:0]`,
    ...(user ? [':user - [0:0]'] : []),
    '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    '-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ...lines.map((rule) => ruleText(rule, family)),
    'COMMIT',
    '',
  ].join('\n');
}

function ruleText(rule: Rule, family: Family): string {
  const [there, here, device] = rule.chain === 'OUTPUT' ? ['-d', '-s', '-o'] : ['-s', '-d', '-i'];
  const option = (name: string | undefined, one: Rule['remote']): string[] =>
    one === undefined ? [] : [...(one.negated ? ['!'] : []), `${name} ${one.value}`];
  return [
    `-A ${rule.chain}`,
    ...option(there, rule.remote),
    ...option(here, rule.own),
    ...option(device, rule.device),
    ...traffic(rule, family),
    ...(rule.unknown === undefined ? [] : [rule.unknown]),
    `-j ${rule.target}`,
  ].join(' ');
}

function traffic({ protocol, ports, sourcePorts, type }: Rule, family: Family): string[] {
  if (protocol === undefined) return [];
  if (protocol === 'icmp') {
    const [name, module, option] =
      family === 4 ? ['icmp', 'icmp', 'icmp-type'] : ['icmpv6', 'icmp6', 'icmpv6-type'];
    return [`-p ${name}`, ...(type === undefined ? [] : [`-m ${module} --${option} ${type}`])];
  }
  return [
    `-p ${protocol} -m ${protocol}`,
    ...(sourcePorts === undefined ? [] : [`--sport ${sourcePorts.join(':')}`]),
    ...(ports === undefined ? [] : [`--dport ${ports.join(':')}`]),
  ];
}
