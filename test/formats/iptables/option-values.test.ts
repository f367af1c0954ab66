import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openings } from '../../../src/api.ts';
import { orRequired } from '../../support/required.ts';

/** Matches of the input chain, with the option whose values follow: those that iptables takes, and those that it refuses. */
const VALUES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['limit --limit', ['1', '5/s', '10/Minute', '10000/sec', '1.5/h'], ['0/sec', '10001/sec', '5/week', '5/']],
  ['limit --limit-burst', ['0', '0x10', '10000'], ['10001', '-1', 'abc']],
  [
    'hashlimit --hashlimit-name x --hashlimit-upto',
    ['5/min', '1000000/sec', '512kb/s', '5kb/sec'],
    ['0/sec', '1000001/sec', '0b/s', 'abc', '5/week'],
  ],
  [
    'hashlimit --hashlimit-name x --hashlimit-upto 5/s --hashlimit-mode',
    ['srcip,dstport'],
    ['src', 'srcip,foo'],
  ],
  ['hashlimit --hashlimit-name x --hashlimit-upto 5/s --hashlimit-burst', ['1', '1000000'], ['0', '1000001']],
  ['connlimit --connlimit-above', ['0', '4294967295'], ['4294967296', '-1', '5x']],
  ['recent --update --seconds', ['1', '4294967295'], ['0', '4294967296', '1.5']],
  ['recent --update --seconds 5', ['--reap', '--rttl'], []],
  ['recent --set', ['--rsource'], ['--rttl']],
  ['time --timestart', ['0:0', '23:59:59', '9:5'], ['24:00', '12:60', '12', '12:00:00:00']],
  ['time --weekdays', ['Mon,Tue', 'Sa', '1,7'], ['0', 'mon', 'So', 'xx']],
  ['time --monthdays', ['1,15,31'], ['32', '1-5', 'a']],
  [
    'time --datestart',
    ['1970', '2038', '2020-02-30', '2020-01-01T00:00'],
    ['1969', '2040', '2020-13', '20200101'],
  ],
  ['statistic --mode random --probability', ['0', '0.5', '1', '.5', '1e-1'], ['1.1', '-0.1', '50%', 'abc']],
  ['statistic --mode', ['nth --every 5 --packet 4'], ['nth', 'random', 'foo', 'nth --every 0 --packet 0']],
  [
    'string --algo bm --string',
    ['a', 'x'.repeat(128)],
    ['x'.repeat(129), 'a --hex-string b', 'a --to 65536'],
  ],
  ['string --algo bm --hex-string', ['|6162|', '"|61 62|x"', 'abc'], ['|616|', '|6g|', '|61', '""']],
  ['quota --quota', ['0', '18446744073709551615'], ['18446744073709551616', '1k']],
  [
    'connbytes --connbytes-dir both --connbytes-mode bytes --connbytes',
    ['5', ':5', '5:10', '5:'],
    ['10:5', 'a', '18446744073709551616:'],
  ],
  ['bpf --bytecode', ['"1,6 0 0 1"'], ['"2,6 0 0 0"', '"0,"', '"1,6 0 0"', 'abc']],
  [
    'u32 --u32',
    ['"6 & 0xFF = 1:5,7 && 0=1"', '"0 >> 22 & 0x3C @ 4 = 5"'],
    ['0', '"0=1&&"', '"0&=1"', '"0=0x100000000"'],
  ],
  [
    'policy --dir in --pol',
    ['none', 'ipsec --reqid 1'],
    ['x', 'ipsec --spi 4294967296', 'ipsec --mode x', 'ipsec --next'],
  ],
  ['cpu --cpu', ['0', '4294967295'], ['4294967296', '0,1']],
  ['cgroup --cgroup', ['1'], ['-1', 'a']],
  ['tcpmss --mss', ['0', '100:200'], ['65536', '200:100', '100-200']],
];

/** Other rules without their ends, in mangle; IPv6 where they begin so. */
const RULES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['-A PREROUTING -m statistic --mode nth --every 5 --packet', ['0', '4', ' +3'], ['5', '-1']],
  [
    '-A PREROUTING -m cluster --cluster-total-nodes 4 --cluster-hash-seed 1',
    ['--cluster-local-node 4', '--cluster-local-nodemask 15'],
    ['--cluster-local-node 5', '--cluster-local-nodemask 16', '--cluster-local-nodemask 0'],
  ],
  [
    '-A PREROUTING -m policy --dir in --pol ipsec',
    [
      '--mode tunnel --tunnel-src 10.0.0.0/8',
      '--strict --reqid 1 --next --reqid 2',
      '--strict ! --spi 0x100 --mode tunnel --tunnel-dst 10.0.0.1',
    ],
    [
      '--tunnel-src 10.0.0.0/8',
      '--mode tunnel --tunnel-dst 10.0.0.0/x',
      '--strict',
      '--strict --reqid 1 --next',
      '--reqid 1 --reqid 2',
    ],
  ],
  ['-A PREROUTING -m policy --dir in --pol none', ['', '--reqid 1'], ['--strict']],
  ['-A PREROUTING -m time', ['--timestart 22:00 --timestop 6:00 --contiguous'], ['--contiguous']],
  [
    '-A PREROUTING -p sctp -m sctp --chunk-types',
    ['any DATA:Be,INIT', 'all all'],
    ['any FOO', 'any INIT:U', 'some INIT'],
  ],
  ['-A PREROUTING -p dccp -m dccp --dccp-types', ['request,ACK'], ['FOO']],
  [
    '-A PREROUTING -m connlimit --connlimit-above 5 --connlimit-mask',
    ['0', '32', '255.255.0.0'],
    ['1/2', '-1'],
  ],
  [
    '-A PREROUTING -m hashlimit --hashlimit-upto 5/s --hashlimit-name x --hashlimit-mode srcip --hashlimit-srcmask',
    ['24'],
    ['a'],
  ],
  ['-A PREROUTING -m recent --rcheck --mask', ['255.255.0.0'], ['255.255.0.0/8', '!']],
  ['-A PREROUTING -m connlimit', ['! --connlimit-upto 5'], ['--connlimit-upto -5']],
  ['-A PREROUTING -m limit', ['--limit 5/s'], ['! --limit 5/s']],
  [
    '-A PREROUTING -m rateest --rateest x --rateest-lt --rateest-bps',
    ['', '5', '1.5mbit', '250kbps', '0x5', '5mibps'],
    ['5x', '5k', 'abc'],
  ],
  [
    '-A PREROUTING -m rateest --rateest1 x --rateest-bps --rateest-lt',
    ['--rateest2 y', '--rateest-pps'],
    ['y'],
  ],
  [
    '-A PREROUTING -j HMARK --hmark-mod 5 --hmark-rnd 1',
    ['--hmark-tuple src,ct', '--hmark-src-prefix 24'],
    [
      '',
      '--hmark-offset 5',
      '--hmark-tuple foo',
      '--hmark-tuple spi,sport',
      '--hmark-src-prefix 1/2',
      '--hmark-tuple src --hmark-sport 65536',
    ],
  ],
  [
    '-A PREROUTING -j CONNMARK --save-mark',
    ['--left-shift-mark 32', '--nfmask 0xff'],
    ['--left-shift-mark 33', '--nfmask 4294967296'],
  ],
  ['-A PREROUTING -j AUDIT --type', ['accept'], ['x']],
  ['-A PREROUTING -j TEE --gateway', ['10.0.0.1'], ['10.0.0.0/8', '300.0.0.1.5', '::1']],
  [
    '-A PREROUTING -p tcp -j TPROXY --on-port 80',
    ['--on-ip 10.0.0.1', '--tproxy-mark 1/1'],
    ['--on-ip ::1', '--tproxy-mark 4294967296'],
  ],
  ['-A PREROUTING -p tcp -j TCPOPTSTRIP --strip-options', ['mss,5', 'sack'], ['foo', '1', '256']],
  ['-A PREROUTING -j NFLOG --nflog-range', ['0', '4294967295'], ['4294967296', 'x']],
  [
    '-6 -A PREROUTING -m rt',
    ['--rt-type 0 --rt-0-res', '--rt-segsleft 1:2', '--rt-type 0 --rt-0-addrs ::1,::2 --rt-0-not-strict'],
    ['--rt-0-res', '--rt-type 2 --rt-0-res', '--rt-segsleft 4294967296', '--rt-type 0 --rt-0-not-strict'],
  ],
  ['-6 -A PREROUTING -m hbh --hbh-opts', ['1:2,3'], ['a', '1:', '1:2:3']],
  [
    '-6 -A PREROUTING -m srh',
    ['--srh-next-hdr 6', '--srh-psid 2001:db8::/32'],
    ['--srh-next-hdr 256', '--srh-tag 65536'],
  ],
  ['-6 -A PREROUTING -p mh -m mh --mh-type', ['brr', 'binding-up', '1:4'], ['x', '256']],
  [
    '-6 -A PREROUTING -m hashlimit --hashlimit-upto 5/s --hashlimit-name x --hashlimit-mode srcip --hashlimit-srcmask',
    ['128'],
    ['129'],
  ],
];

const CASES = [
  ...VALUES.map(([match, ...values]) => [`-A INPUT -p tcp -m ${match}`, ...values] as const),
  ...RULES,
].flatMap(([rule, taken, refused]) => [
  ...taken.map((value) => [rule, value, true] as const),
  ...refused.map((value) => [rule, value, false] as const),
]);

const isSix = (rule: string): boolean => rule.startsWith('-6 ');

/** The dump of one rule. */
function dump(rule: string, value: string): string {
  const table = rule.includes('PREROUTING') ? 'mangle' : 'filter';
  const end = rule.includes(' -j ') ? '' : ' -j ACCEPT';
  return `*${table}\n${rule.replace(/^-6 /, '')} ${value}${end}\nCOMMIT\n`;
}

describe('values of options that are not modelled', () => {
  it.each(CASES)('%s %s: %s', async (rule, value, taken) => {
    const bytes = Buffer.from(dump(rule, value));
    const result = await openings({ configs: [{ path: isSix(rule) ? 'rules.v6' : 'rules.v4', bytes }] });
    expect(result.ok).toBe(taken);
    if (!result.ok) expect(result.errors[0]?.expected).toBeTruthy();
  });
});

/** What iptables says of each case, all asked in one network namespace. */
function toolsAnswers(): readonly boolean[] {
  const script = CASES.map(
    ([rule, value]) =>
      `printf '%s' '${dump(rule, value)}' | ip${isSix(rule) ? '6' : ''}tables-nft-restore --test >/dev/null 2>&1; echo $?`,
  ).join('\n');
  const { stdout } = spawnSync('unshare', ['-n', 'sh'], { input: script, encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((status) => status === '0');
}

const available = orRequired(
  spawnSync('unshare', ['-n', 'iptables-nft-restore', '--test'], { input: '' }).status === 0,
);

describe.skipIf(!available)('iptables 1.8.9 (needs root and iptables)', () => {
  it('takes and refuses the same values', () => {
    const answers = toolsAnswers();
    const wrong = CASES.filter(([, , taken], i) => answers[i] !== taken);
    expect(wrong).toEqual([]);
  });
});
