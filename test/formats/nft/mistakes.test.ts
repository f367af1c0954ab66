import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { formatPlace, SourceFile } from '../../../src/text/source.ts';

/** The first error of a script: where, and what it says. */
function said(script: string): string {
  const result = nftReader.read(new SourceFile('x.nft', script), 'nft', 'nft');
  if (result.ok) return 'no error';
  const [error] = result.errors;
  const place = error?.span === undefined ? '' : formatPlace(error.span);
  return [place, error?.message, error?.expected, error?.help].join(' | ');
}

const rule = (line: string): string => said(`table inet t {\n\tchain c {\n\t\t${line}\n\t}\n}\n`);

describe('mistakes in a rule', () => {
  it.each([
    ['tcp dport 22 allow', '3:16', 'nft calls it `accept`'],
    ['tcp dport 22 ACCEPT', '3:16', "nft's words are in small letters: `accept`"],
    ['tcp dport 22 acept', '3:16', 'did you mean `accept`?'],
    ['tcp dport 22 deny', '3:16', 'nft calls it `drop`'],
    ['dport 22 accept', '3:3', '`tcp dport`'],
    ['ip protocol tcp dport 22 accept', '3:19', '`tcp dport`'],
    ['state new accept', '3:3', '`ct state established`'],
    ['iface "eth0" accept', '3:3', '`iifname`'],
    ['tcp port 22 accept', '3:7', '`dport` or `sport`'],
    ['ip source 10.0.0.1 accept', '3:6', '`saddr`'],
    ['ip sadr 10.0.0.1 accept', '3:6', 'did you mean `saddr`?'],
    ['-p tcp --dport 22 -j ACCEPT', '3:3', 'options are those of iptables'],
    ['tcp dport 22:80 accept', '3:13', 'a range is written `22-80`'],
    ['log prefix dropped: drop', '3:21', 'a prefix with signs in it stands in quotation marks'],
    ['ct state NEW accept', '3:12', 'did you mean `new`?'],
    ['icmp type ping accept', '3:13', 'echo-request, router-advertisement'],
    ['tcp dport 22 accept // ssh', '3:23', 'a comment begins with `#`'],
    ['tcp dport 22 accept comment "ssh', '3:31', 'write `"` behind the text'],
    ['iifname “eth0” accept', '3:11', 'plain quotation marks'],
    ["iifname 'eth0' accept", '3:11', 'plain quotation marks'],
    ['tcp\u00a0dport 22 accept', '3:6', '(U+00A0) | a word, a sign or a quoted text | write a plain space'],
    ['tcp dport 22 \\ \n accept', '3:16', 'only where it is the last character'],
    ['ip saddr not 10.0.0.1 accept', '3:16', '`!=`'],
    ['ip saddr !10.0.0.1 accept', '3:13', '`!=`'],
    ['ip saddr gateway accept', '3:12', 'write the address'],
    ['ip saddr fw.example.net accept', '3:12', 'write the address'],
    ['saddr 10.0.0.1 accept', '3:3', '`ip saddr` or `ip6 saddr`'],
    ['ct state established related accept', '3:24', 'several states are joined by `,`'],
    ['tcp dport 80 dnat ip to 10.0.0.1 8080', '3:36', '`10.0.0.1:8080`'],
    ['iifname eth0, eth1 accept', '3:11', 'a list of values stands in braces'],
    ['meta skuid 0,1000 accept', '3:14', 'a list of values stands in braces'],
  ])('%s', (line, place, help) => {
    const text = rule(line);
    expect(text).toMatch(new RegExp(`^x\\.nft:${place} `));
    expect(text).toContain(help);
  });

  it('a field is named without the options of its header', () => {
    expect(rule('tcp x 22 accept')).toContain(
      '`tcp`: ackseq, checksum, doff, dport, flags, reserved, sequence, sport, urgptr, window | ',
    );
    expect(rule('ip x 22 accept')).not.toContain('option');
  });
});

describe('mistakes around rules', () => {
  it.each([
    ['table filter inet {\n}\n', '1:14', '`table inet filter`'],
    ['chain input {\n\taccept\n}\n', '1:13', 'a `table` around it'],
    ['sudo nft add table inet t\n', '1:1', 'without `nft`'],
    ['nft flush ruleset\n', '1:1', 'without `nft`'],
    ['add table t\nadd chain t c { type filter hook input priority 0 \\; }\n', '2:51', 'write `;`'],
    ["add table t\nadd chain t c '{ policy drop; }'\n", '2:15', 'only in a shell'],
    ['table inet t {\n\tset s { type hour; }\n}\n', '2:15', '`typeof meta hour`'],
    ['table inet t {\n\tmap m { type mark : mark; flags interval; auto-merge; }\n}\n', '2:44', 'one of type'],
    [
      'table inet t {\n\tchain c { meta mark set tcp dport map { 22 : 1, 22 : 2 }\n\t}\n}\n',
      '2:50',
      'another value',
    ],
  ])('%s', (script, place, help) => {
    const text = said(script);
    expect(text).toMatch(new RegExp(`^x\\.nft:${place} `));
    expect(text).toContain(help);
  });

  it('parts of a ruleset, and what is none, are told', () => {
    expect(rule('jump x')).toContain('as `nft list ruleset` prints it');
    expect(rule('ip saddr @x accept')).toContain('as `nft list ruleset` prints it');
    expect(said('Welcome to Ubuntu 24.04\ntable inet t {\n}\n')).toContain('this is no command of nft');
    expect(said('- name: x\ntable inet t {\n}\n')).not.toContain('iptables');
  });

  it.each([
    ['nft list tables', 'table inet filter\ntable ip nat\n', 1],
    [
      'nft list chains',
      'table inet f {\n\tchain i {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n}\n',
      1,
    ],
    ['nft list sets', 'table inet f {\n\tset s {\n\t\ttype mark\n\t}\n}\n', 1],
    ['a script', 'flush ruleset\ntable inet f {\n}\n', 0],
    ['a rule', 'table inet f {\n\tchain i {\n\t\taccept\n\t}\n}\n', 0],
    ['nothing', '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}', 0],
    [
      'JSON',
      '{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "ip", "name": "t"}}]}',
      1,
    ],
  ])('%s: whether a listing is a part is told where no rule is in it', (_, text, lines) => {
    const json = text.startsWith('{');
    const result = nftReader.read(
      new SourceFile(json ? 'x.json' : 'x.nft', text),
      json ? 'nft-json' : 'nft',
      'nft',
    );
    const told = result.ok ? result.value.coverage.filter(({ reason }) => reason.includes('has a rule')) : [];
    expect(told.length).toBe(lines);
  });

  it('a line goes on behind a backslash', () => {
    expect(rule('tcp dport 22 \\\n accept')).toBe('no error');
    expect(rule('tcp dport 22 \\\r\n accept')).toBe('no error');
  });
});

describe('no mistakes', () => {
  it.each([
    // nft 1.0.6 does not tell the kernel of it, and takes it for a set of any kind.
    ['set s { type ipv4_addr; }', 'add @s { ip saddr expires 1m }'],
    // In the list of types since nft 1.0.9.
    ['set s { type ct_label; }', 'accept'],
    ['set s { type ct_event; }', 'accept'],
  ])('%s %s', (set, line) => {
    expect(said(`table ip t {\n\t${set}\n\tchain c {\n\t\t${line}\n\t}\n}\n`)).toBe('no error');
  });

  it('are many elements of a set', () => {
    const elements = Array.from(
      { length: 600_000 },
      (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    );
    expect(
      said(`table ip t {\n\tset s { type ipv4_addr; elements = { ${elements.join(', ')} }; }\n}\n`),
    ).toBe('no error');
  });
});
