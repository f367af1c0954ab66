import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';
import { inNamespace, KERNEL } from './kernel.ts';

const STATEMENTS = [
  'masquerade',
  'redirect',
  'dnat ip to 10.0.0.1',
  'snat ip to 10.0.0.1',
  'reject',
  'tcp dport 80 tproxy ip to 127.0.0.1:80',
  'tcp dport 80 synproxy mss 1460 wscale 7',
  'fib daddr type local accept',
  'fib daddr . iif type local accept',
  'fib daddr . oif type vmap { local : accept }',
  'fib saddr . iif oif exists accept',
  'fib saddr oifname "lo" accept',
  'notrack',
  'socket transparent 1 accept',
  'socket mark 1 accept',
  'osf name "Linux" accept',
  'ipsec in reqid 1 accept',
  'ipsec out ip saddr 10.0.0.1 accept',
  'rt mtu 1500 accept',
  'rt ip nexthop 10.0.0.1 accept',
  'tcp flags syn tcp option maxseg size set rt mtu',
  'meta ipsec exists accept',
  'meta pkttype set host',
  'meta sdifname . iifname { "a" . "b" } accept',
];
const HOOKS: readonly (readonly [string, string, number])[] = [
  ['filter', 'prerouting', -50],
  ['filter', 'input', 0],
  ['filter', 'forward', 0],
  ['filter', 'output', 0],
  ['filter', 'postrouting', 0],
  ['nat', 'prerouting', -100],
  ['nat', 'input', 100],
  ['nat', 'output', -100],
  ['nat', 'postrouting', 100],
  ['route', 'output', -150],
  ['filter', 'ingress device lo', 0],
];

const script = (statement: string, [type, hook, priority]: (typeof HOOKS)[number]): string =>
  `flush ruleset\ntable inet t {\n\tchain x {\n\t\t${statement}\n\t}\n` +
  `\tchain c {\n\t\ttype ${type} hook ${hook} priority ${priority};\n\t\tgoto x\n\t}\n}\n`;

/** Whether it is told that the kernel does not load the script. */
function isTold(text: string): boolean {
  const result = nftReader.read(new SourceFile('x.nft', text), 'nft', 'nft');
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.value.coverage.some(({ reason }) => reason.includes('refuses to load'));
}

describe('statements at hooks where the kernel does not take them', () => {
  it('are told, also where a jump leads to them', () => {
    expect(isTold(script('masquerade', ['nat', 'prerouting', -100]))).toBe(true);
    expect(isTold(script('masquerade', ['nat', 'postrouting', 100]))).toBe(false);
    expect(isTold(script('dnat ip to 10.0.0.1', ['filter', 'prerouting', -50]))).toBe(true);
    expect(isTold(script('reject', ['filter', 'postrouting', 0]))).toBe(true);
  });

  it('are not told of chains that no hook leads to, nor of listings', () => {
    expect(isTold('flush ruleset\ntable inet t {\n\tchain x {\n\t\tmasquerade\n\t}\n}\n')).toBe(false);
    const listed = 'type filter hook postrouting priority filter; policy accept;';
    expect(isTold(`table inet t {\n\tchain c {\n\t\t${listed}\n\t\treject\n\t}\n}\n`)).toBe(false);
  });

  it('are told in tables of netdev and bridge too', () => {
    const at = (family: string, hook: string, line: string): boolean =>
      isTold(
        `flush ruleset\ntable ${family} t {\n\tchain c {\n\t\ttype filter hook ${hook} priority 0;\n\t\t${line}\n\t}\n}\n`,
      );
    expect(at('netdev', 'ingress device lo', 'reject')).toBe(false);
    expect(at('netdev', 'egress device lo', 'reject')).toBe(true);
    expect(at('netdev', 'ingress device lo', 'fib saddr . iif oif missing drop')).toBe(false);
    expect(at('netdev', 'egress device lo', 'fib saddr . iif oif missing drop')).toBe(true);
    expect(at('netdev', 'ingress device lo', 'osf name "Linux"')).toBe(true);
    expect(at('bridge', 'prerouting', 'reject')).toBe(false);
    expect(at('bridge', 'forward', 'reject')).toBe(true);
    expect(at('bridge', 'prerouting', 'meta pkttype set host')).toBe(false);
  });

  it('are told of flowtables outside forward', () => {
    const at = (hook: string): boolean =>
      isTold(
        'flush ruleset\ntable inet t {\n\tflowtable f { hook ingress priority 0; devices = { lo }; }\n\tchain c {\n' +
          `\t\ttype filter hook ${hook} priority 0;\n\t\tflow add @f\n\t}\n}\n`,
      );
    expect(at('forward')).toBe(false);
    expect(at('postrouting')).toBe(true);
  });

  it('are told of a script that writes a chain in the line of its hook, as no listing does', () => {
    const script =
      'table inet t {\n  chain c { type filter hook input priority 0; policy drop;\n    masquerade\n  }\n}\n';
    expect(isTold(script)).toBe(true);
  });

  it.skipIf(!KERNEL)('are those that the kernel refuses', () => {
    const all = STATEMENTS.flatMap((statement) => HOOKS.map((hook) => script(statement, hook)));
    const marked = all.map((text, at) => `nft -f - <<'END' >/dev/null 2>&1 && echo ${at}\n${text}END\n`);
    const { stdout } = inNamespace(marked.join(''), '');
    const loaded = new Set(stdout.split('\n').filter((line) => line !== ''));
    expect(loaded.size).toBeGreaterThan(50);
    expect(all.filter((text, at) => isTold(text) === loaded.has(String(at)))).toEqual([]);
  });
});
