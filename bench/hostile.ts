import { customers, dockerNetworks, kubeServices } from './containers.ts';
import { Dump } from './dump.ts';
import { randomOf } from './random.ts';

/** A rule set that is made to be hard. */
export interface Shape {
  readonly name: string;
  /** What is hard about it. */
  readonly about: string;
  /** The dump; the same each time. */
  readonly text: () => string;
}

/** The shapes that must not make memory or time blow up. */
export const SHAPES: readonly Shape[] = [
  stripes(300),
  stripes(1000),
  grid(300),
  { name: 'interfaces-5000', about: '5,000 distinct interface names', text: () => interfaces(5000) },
  { name: 'negated-ranges-10000', about: '10,000 negated source ranges', text: () => negatedRanges(10_000) },
  {
    name: 'dropped-20000',
    about: '20,000 rules that drop a source each, and 30 open ports after them',
    text: () => dropped(20_000, 30),
  },
  {
    name: 'negated-interfaces-1000',
    about: '1,000 ports, each open but from one interface and to another',
    text: () => negatedInterfaces(1000),
  },
  { name: 'opaque-2000', about: '2,000 opaque matches, each of its own text', text: () => opaque(2000, 1) },
  {
    name: 'opaque-twice-2000',
    about: '1,000 opaque matches that each stand twice',
    text: () => opaque(1000, 2),
  },
  { name: 'jumps-1000', about: 'a jump to a chain that jumps …, 1,000 deep', text: () => jumps(1000, 1) },
  {
    name: 'jumps-doubled-1000',
    about: 'each of 1,000 chains jumps to the next twice',
    text: () => jumps(1000, 2),
  },
  {
    name: 'ends-and-ports-1000',
    about: '333 rules each about a source, a destination and neither, with five ports',
    text: () => endsAndPorts(333),
  },
  {
    name: 'translations-3000',
    about: '1,500 ports published elsewhere and 1,500 redirected, each opened',
    text: () => translations(1500),
  },
  {
    name: 'published-5000',
    about: '5,000 ports published, each to an address, and opened by what conntrack says of them',
    text: () => published(5000),
  },
  {
    name: 'docker-networks-100',
    about: '100 bridge networks of Docker, each kept from the others, and 60 published ports',
    text: () => dockerNetworks(100, 60),
  },
  {
    name: 'kube-services-1000',
    about: '1,000 services of Kubernetes, of one to five pods each',
    text: () => kubeServices(1000),
  },
  {
    name: 'customers-1000',
    about: 'a router of 1,000 networks, each with a device, an address to go out by and a service',
    text: () => customers(1000),
  },
  {
    name: 'changed-bytes-40',
    about: '40 texts that each set another DSCP, at three hooks',
    text: () => changedBytes(40),
  },
];

/** Rules about a source alone and about a port alone in turns: every earlier one cuts every later one. */
function stripes(n: number): Shape {
  return {
    name: `stripes-${n}`,
    about: `${n} sources and ${n} ports, crossing, ACCEPT and DROP in turns`,
    text: () => {
      const random = randomOf(n);
      const dump = new Dump();
      const ports = random.shuffled(Array.from({ length: n }, (_, i) => 1000 + 7 * i));
      for (const [i, port] of ports.entries()) {
        dump.rule(`INPUT -s 10.${random.below(256)}.${i >> 8}.${i & 255}/32 -p tcp -j ACCEPT`);
        dump.rule(`INPUT -p tcp -m tcp --dport ${port} -j DROP`);
      }
      dump.rule('INPUT -s 10.0.0.0/8 -p tcp -j ACCEPT');
      return dump.text();
    },
  };
}

/** A rule for every pair of a source and a port, ACCEPT or DROP by chance: no two sources are open alike. */
function grid(n: number): Shape {
  return {
    name: `grid-${n}`,
    about: `a rule for each of ${n} sources × ${n} ports, ACCEPT or DROP by chance`,
    text: () => {
      const random = randomOf(n);
      const dump = new Dump();
      for (let i = 0; i < n * n; i++) {
        const source = `10.9.${Math.floor(i / n) >> 8}.${Math.floor(i / n) & 255}/32`;
        const verdict = random.chance(50) ? 'ACCEPT' : 'DROP';
        dump.rule(`INPUT -s ${source} -p tcp -m tcp --dport ${1000 + 3 * (i % n)} -j ${verdict}`);
      }
      return dump.text();
    },
  };
}

function interfaces(n: number): string {
  const random = randomOf(n);
  const dump = new Dump();
  for (let i = 0; i < n; i++) {
    const ports = `-p tcp -m tcp --dport ${1 + random.below(65_535)}`;
    dump.rule(`INPUT -s 10.${random.below(256)}.0.0/16 -i veth${i.toString(16)} ${ports} -j ACCEPT`);
  }
  return dump.text();
}

/** Each rule is about nearly every source: what is left over after it is the range that it names. */
function negatedRanges(n: number): string {
  const random = randomOf(n);
  const dump = new Dump();
  for (let i = 0; i < n; i++) {
    const network = `10.${random.below(256)}.${random.below(256)}`;
    const range = `${network}.${random.below(128)}-${network}.${128 + random.below(128)}`;
    const verdict = random.chance(50) ? 'ACCEPT' : 'DROP';
    const ports = `--dport ${1 + random.below(65_535)}`;
    dump.rule(`INPUT -p tcp -m iprange ! --src-range ${range} -m tcp ${ports} -j ${verdict}`);
  }
  return dump.text();
}

/** What follows is open to all but so many addresses. */
function dropped(sources: number, ports: number): string {
  const random = randomOf(sources);
  const dump = new Dump();
  const byte = (): number => random.below(256);
  for (let i = 0; i < sources; i++)
    dump.rule(`INPUT -s ${11 + random.below(200)}.${byte()}.${byte()}.${byte()}/32 -j DROP`);
  for (let i = 0; i < ports; i++)
    dump.rule(`INPUT -p tcp -m tcp --dport ${1 + random.below(65_535)} -j ACCEPT`);
  return dump.text();
}

/** Each rule is about nearly every interface, on both sides, and a port of its own. */
function negatedInterfaces(n: number): string {
  const dump = new Dump();
  for (let i = 0; i < n; i++)
    dump.rule(`FORWARD ! -i veth${i} ! -o br${i} -p tcp -m tcp --dport ${1000 + i} -j ACCEPT`);
  return dump.text();
}

/** `-m recent` (stateful: its own predicate at each place) and `-m string` (the same text is the same predicate). */
function opaque(texts: number, times: number): string {
  const random = randomOf(texts);
  const dump = new Dump();
  const all = Array.from({ length: texts * times }, (_, i) => i % texts);
  for (const text of times === 1 ? all : random.shuffled(all)) {
    const match =
      text % 2 === 0
        ? `-m recent --rcheck --seconds 60 --name list${text} --mask 255.255.255.255 --rsource`
        : `-m string --string "word${text}" --algo bm`;
    const source = `10.${random.below(256)}.${random.below(256)}.0/24`;
    const verdict = random.chance(50) ? 'ACCEPT' : 'DROP';
    dump.rule(`INPUT -s ${source} -p tcp -m tcp --dport ${1 + random.below(65_535)} ${match} -j ${verdict}`);
  }
  return dump.text();
}

/** Rules about one end or none: each source cuts what all the others say of destinations and ports. */
function endsAndPorts(n: number): string {
  const random = randomOf(n);
  const dump = new Dump();
  const address = (): string => `10.${random.below(256)}.${random.below(256)}.${random.below(256)}/32`;
  for (let i = 0; i < n; i++)
    for (const end of [`-s ${address()} `, `-d ${address()} `, '']) {
      const ports = Array.from({ length: 5 }, () => 1 + random.below(65_535)).join();
      const verdict = random.chance(60) ? 'ACCEPT' : 'DROP';
      dump.rule(`FORWARD ${end}-p tcp -m multiport --dports ${ports} -j ${verdict}`);
    }
  return dump.text();
}

/** With `times` = 2 there are 2^depth ways to the last chain. */
function jumps(depth: number, times: 1 | 2): string {
  const random = randomOf(depth);
  const dump = new Dump();
  for (let i = 1; i <= depth; i++) dump.chain(`deep${i}`);
  for (let i = 0; i < depth; i++) {
    const chain = i === 0 ? 'INPUT' : `deep${i}`;
    const port = `-p tcp -m tcp --dport ${1 + random.below(65_535)}`;
    dump.rule(`${chain} -s 10.${random.below(256)}.${random.below(256)}.0/24 ${port} -j DROP`);
    if (times === 2) dump.rule(`${chain} -p tcp -m tcp --sport ${1024 + i}:65535 -j deep${i + 1}`);
    dump.rule(`${chain} -j deep${i + 1}`);
  }
  dump.rule(`deep${depth} -s 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT`);
  return dump.text();
}

/** What a host with thousands of containers or services has: a translation for each port. */
function translations(n: number): string {
  const dump = new Dump();
  dump.rule('FORWARD -d 10.244.0.0/16 -p tcp -m tcp --dport 8080 -j ACCEPT');
  dump.rule('INPUT -p tcp -m tcp --dport 20000:30000 -j ACCEPT');
  const rules: string[] = [];
  for (let i = 0; i < n; i++) {
    const end = `${Math.floor(i / 250)}.${(i % 250) + 1}`;
    const published = `-d 10.96.${end}/32 -p tcp -m tcp --dport ${30_000 + i}`;
    rules.push(`PREROUTING ${published} -j DNAT --to-destination 10.244.${end}:8080`);
    rules.push(`PREROUTING -p tcp -m tcp --dport ${10_000 + i} -j REDIRECT --to-ports ${20_000 + i}`);
  }
  return natTable(rules) + dump.text();
}

/** What goes to the address that it would be translated to anyway is not translated: each address is another exception. */
function published(n: number): string {
  const dump = new Dump();
  dump.rule('FORWARD -m conntrack --ctstate DNAT -j ACCEPT');
  const rules = Array.from(
    { length: n },
    (_, i) =>
      `PREROUTING -p tcp -m tcp --dport ${10_000 + i} -j DNAT --to-destination 10.244.${Math.floor(i / 250)}.${(i % 250) + 1}`,
  );
  return natTable(rules) + dump.text();
}

function changedBytes(n: number): string {
  const hooks = ['PREROUTING', 'FORWARD', 'POSTROUTING'];
  const rules = hooks.flatMap((hook) =>
    Array.from(
      { length: n },
      (_, i) =>
        `-A ${hook} -m string --string "${hook} ${i}" --algo bm --to 65535 -j DSCP --set-dscp 0x${(i % 64).toString(16).padStart(2, '0')}`,
    ),
  );
  const chains = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].map(
    (name) => `:${name} ACCEPT [0:0]`,
  );
  const filter = new Dump();
  filter.rule('FORWARD -m dscp --dscp 0x2e -j ACCEPT');
  return `${['*mangle', ...chains, ...rules, 'COMMIT'].join('\n')}\n${filter.text()}`;
}

function natTable(rules: readonly string[]): string {
  const chains = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((name) => `:${name} ACCEPT [0:0]`);
  return `${['*nat', ...chains, ...rules.map((rule) => `-A ${rule}`), 'COMMIT'].join('\n')}\n`;
}
