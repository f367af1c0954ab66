import { Dump } from './dump.ts';
import { type Random, randomOf } from './random.ts';

/** A service's rules stand in a chain of their own, of about so many rules. */
const RULES_OF_A_CHAIN = 250;
const FEWEST_CHAINS = 4;
const PORTS = [22, 53, 80, 123, 161, 389, 443, 445, 514, 636, 1433, 3306, 3389, 4001, 5432, 5500, 5577, 6379];
const TEAMS = ['billing', 'registry', 'ops', 'backup', 'monitoring', 'partner', 'audit', 'ci'];

/**
 * A rule set as a busy host has it, as iptables-save prints it: loopback and established connections first, then a user
 * chain for each service; sources of /32 and /24, single ports and multiport, nine rules in ten ACCEPT, the others DROP,
 * half of them with a comment; what nothing takes is dropped.
 *
 * @param count how many rules there are in all, jumps included; at least 20
 * @param seed the same seed and count give the same text
 */
export function mixedRules(count: number, seed: number): string {
  const random = randomOf(seed + count);
  const dump = new Dump();
  dump.rule('INPUT -i lo -j ACCEPT');
  dump.rule('INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT');
  dump.rule('INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT');
  dump.rule('OUTPUT -o lo -j ACCEPT');
  dump.rule('OUTPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT');
  const chains = Math.max(FEWEST_CHAINS, Math.round(count / RULES_OF_A_CHAIN));
  const services = Array.from({ length: chains }, (_, i) => serviceOf(i, random));
  for (const service of services) {
    dump.chain(service.chain);
    dump.rule(`${service.from}${service.jump} -j ${service.chain}`);
  }
  const remaining = count - dump.size;
  for (let i = 0; i < remaining; i++) {
    dump.rule(serviceRule(services[Math.floor((i * chains) / remaining)] as Service, random));
  }
  return dump.text();
}

interface Service {
  readonly chain: string;
  /** The built-in chain whose packets it gets. */
  readonly from: 'INPUT' | 'FORWARD' | 'OUTPUT';
  /** The matches of the jump to it. */
  readonly jump: string;
  /** The matches that all its rules share; undefined where each rule names its ports. */
  readonly ports: string | undefined;
}

/** One service in six is about what goes through or out; one in three gets all packets of an interface or network. */
function serviceOf(index: number, random: Random): Service {
  const name = `${random.pick(TEAMS)}-${String(index + 1).padStart(4, '0')}`;
  const from = index % 6 === 4 ? 'OUTPUT' : index % 6 === 5 ? 'FORWARD' : 'INPUT';
  const interfaces = from === 'OUTPUT' ? '-o' : '-i';
  if (index % 3 === 0) {
    const jump = random.chance(50)
      ? ` ${interfaces} eth${random.below(4)}`
      : ` -s 10.${random.below(256)}.0.0/16`;
    return { chain: name, from, jump, ports: undefined };
  }
  const ports = portsOf(random);
  return { chain: name, from, jump: ` ${ports}`, ports: random.chance(50) ? ports : '' };
}

function serviceRule(service: Service, random: Random): string {
  const address = service.from === 'OUTPUT' ? '-d' : '-s';
  const ports = service.ports ?? portsOf(random);
  const comment = random.chance(50)
    ? ` -m comment --comment "${random.pick(TEAMS)}: ticket ${10_000 + random.below(90_000)}"`
    : '';
  const matches = ports === '' ? '' : ` ${ports}`;
  return `${service.chain} ${address} ${network(random)}${matches}${comment} -j ${random.chance(90) ? 'ACCEPT' : 'DROP'}`;
}

/** `-p … --dport …` or `--dports …` */
function portsOf(random: Random): string {
  const protocol = random.chance(85) ? 'tcp' : 'udp';
  if (random.chance(70)) return `-p ${protocol} -m ${protocol} --dport ${port(random)}`;
  const ports = Array.from({ length: 2 + random.below(4) }, () => port(random));
  const sorted = [...new Set(ports)].sort((a, b) => a - b);
  return `-p ${protocol} -m multiport --dports ${sorted.join(',')}`;
}

const port = (random: Random): number =>
  random.chance(60) ? random.pick(PORTS) : 1024 + random.below(64_512);

/** Seven in ten are single addresses, the others /24; three in four are private. */
function network(random: Random): string {
  const first = random.chance(75)
    ? `10.${random.below(256)}`
    : `${11 + random.below(100)}.${random.below(256)}`;
  const third = `${first}.${random.below(256)}`;
  return random.chance(70) ? `${third}.${1 + random.below(254)}/32` : `${third}.0/24`;
}
