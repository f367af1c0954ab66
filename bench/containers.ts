import { randomOf } from './random.ts';

const BASE = {
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** A table of a dump: its own chains, then its rules. */
function table(name: keyof typeof BASE, chains: readonly string[], rules: readonly string[]): string {
  const own = BASE[name].map((chain) => `:${chain} ACCEPT [0:0]`);
  const others = chains.map((chain) => `:${chain} - [0:0]`);
  return [`*${name}`, ...own, ...others, ...rules.map((rule) => `-A ${rule}`), 'COMMIT', ''].join('\n');
}

/**
 * A host of Docker's with so many bridge networks, of which the first ones publish a port, in the order in which Docker 28 writes
 * (https://docs.docker.com/engine/network/packet-filtering-firewalls/).
 */
export function dockerNetworks(count: number, published: number): string {
  const random = randomOf(count);
  const hex = (): string => random.below(16).toString(16);
  const networks = Array.from({ length: count }, (_, i) => ({
    bridge: `br-${Array.from({ length: 12 }, hex).join('')}`,
    subnet: `172.${18 + Math.floor(i / 250)}.${i % 250}`,
    port: 8000 + i,
  }));
  const open = networks.slice(0, published);
  const nat = [
    'PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    'OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
    ...networks.map(({ bridge, subnet }) => `POSTROUTING -s ${subnet}.0/24 ! -o ${bridge} -j MASQUERADE`),
    ...networks.map(({ bridge }) => `DOCKER -i ${bridge} -j RETURN`),
    ...open.map(
      ({ bridge, subnet, port }) =>
        `DOCKER ! -i ${bridge} -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${subnet}.2:80`,
    ),
  ];
  const filter = [
    'FORWARD -j DOCKER-CT',
    'FORWARD -j DOCKER-ISOLATION-STAGE-1',
    'FORWARD -j DOCKER-BRIDGE',
    ...networks.map(({ bridge }) => `FORWARD -i ${bridge} -j ACCEPT`),
    'FORWARD -j DROP',
    ...open.map(
      ({ bridge, subnet }) =>
        `DOCKER -d ${subnet}.2/32 ! -i ${bridge} -o ${bridge} -p tcp -m tcp --dport 80 -j ACCEPT`,
    ),
    ...networks.map(({ bridge }) => `DOCKER ! -i ${bridge} -o ${bridge} -j DROP`),
    ...networks.map(({ bridge }) => `DOCKER-BRIDGE -o ${bridge} -j DOCKER`),
    ...networks.map(
      ({ bridge }) => `DOCKER-CT -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    ),
    ...networks.map(
      ({ bridge }) => `DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`,
    ),
    ...networks.map(({ bridge }) => `DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`),
  ];
  const chains = ['', '-BRIDGE', '-CT', '-ISOLATION-STAGE-1', '-ISOLATION-STAGE-2'];
  return (
    table('nat', ['DOCKER'], nat) +
    table(
      'filter',
      chains.map((name) => `DOCKER${name}`),
      filter,
    )
  );
}

/**
 * A node of Kubernetes with so many services, each of one to five pods, as kube-proxy writes it in its iptables mode
 * (https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables).
 */
export function kubeServices(count: number): string {
  const random = randomOf(count);
  const chains = ['KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];
  const rules = [
    'PREROUTING -j KUBE-SERVICES',
    'OUTPUT -j KUBE-SERVICES',
    'POSTROUTING -j KUBE-POSTROUTING',
    'KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    'KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    'KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    'KUBE-POSTROUTING -j MASQUERADE --random-fully',
  ];
  for (let i = 0; i < count; i++) {
    const ip = `10.96.${Math.floor(i / 250)}.${(i % 250) + 1}`;
    const port = random.pick([80, 443, 8080, 5432]);
    const asked = `-d ${ip}/32 -p tcp -m tcp --dport ${port}`;
    chains.push(`KUBE-SVC-${i}`);
    rules.push(`KUBE-SERVICES ${asked} -j KUBE-SVC-${i}`);
    rules.push(`KUBE-SVC-${i} ! -s 10.244.0.0/16 ${asked} -j KUBE-MARK-MASQ`);
    for (let pods = 1 + random.below(5), pod = 0; pod < pods; pod++) {
      const own = `KUBE-SEP-${i}-${pod}`;
      const address = `10.244.${random.below(256)}.${1 + random.below(250)}`;
      const share = (1 / (pods - pod)).toFixed(11);
      const chance = pod === pods - 1 ? '' : ` -m statistic --mode random --probability ${share}`;
      chains.push(own);
      rules.push(`KUBE-SVC-${i}${chance} -j ${own}`);
      rules.push(`${own} -s ${address}/32 -j KUBE-MARK-MASQ`);
      rules.push(`${own} -p tcp -m tcp -j DNAT --to-destination ${address}:8080`);
    }
  }
  const filter = [
    'FORWARD -m conntrack --ctstate INVALID -j DROP',
    'FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
    'FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ];
  return table('nat', chains, rules) + table('filter', [], filter);
}

/** A router of so many customers: each has a network at a device of its own, an address that it goes out by, and a service there. */
export function customers(count: number): string {
  const random = randomOf(count);
  const rules: { nat: string[]; filter: string[] } = {
    nat: [],
    filter: ['FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'],
  };
  for (let i = 0; i < count; i++) {
    const end = `${Math.floor(i / 250)}.${(i % 250) + 1}`;
    const ports = `80,443,${1024 + random.below(60_000)}`;
    rules.filter.push(`FORWARD -s 10.${end}.0/24 -i vlan${i} -o wan0 -j ACCEPT`);
    rules.filter.push(
      `FORWARD -d 10.${end}.0/24 -i wan0 -o vlan${i} -p tcp -m multiport --dports ${ports} -j ACCEPT`,
    );
    rules.nat.push(`POSTROUTING -s 10.${end}.0/24 -o wan0 -j SNAT --to-source 198.18.${end}`);
    rules.nat.push(
      `PREROUTING -d 198.18.${end}/32 -i wan0 -p tcp -m multiport --dports 80,443 -j DNAT --to-destination 10.${end}.2`,
    );
  }
  rules.filter.push('FORWARD -j DROP');
  return table('nat', [], rules.nat) + table('filter', [], rules.filter);
}
