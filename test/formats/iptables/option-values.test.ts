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

const line = (match: string, value: string): string =>
  `*filter\n-A INPUT -p tcp -m ${match} ${value} -j ACCEPT\nCOMMIT\n`;

const CASES = VALUES.flatMap(([match, taken, refused]) => [
  ...taken.map((value) => [match, value, true] as const),
  ...refused.map((value) => [match, value, false] as const),
]);

describe('values of options that are not modelled', () => {
  it.each(CASES)('-m %s %s: %s', async (match, value, taken) => {
    const bytes = Buffer.from(line(match, value));
    const result = await openings({ configs: [{ path: 'rules.v4', bytes }] });
    expect(result.ok).toBe(taken);
    if (!result.ok) expect(result.errors[0]?.expected).toBeTruthy();
  });
});

/** What iptables says of each case, all asked in one network namespace. */
function toolsAnswers(): readonly boolean[] {
  const script = CASES.map(
    ([match, value]) =>
      `printf '%s\\n' '*filter' '-A INPUT -p tcp -m ${match} ${value} -j ACCEPT' COMMIT | iptables-nft-restore --test 2>/dev/null; echo $?`,
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
