import { describe, expect, it } from 'vitest';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What is said of a script: nothing where it is read. */
function said(script: string): string | undefined {
  const result = nftReader.read(new SourceFile('x.nft', script), 'nft', 'nft');
  return result.ok ? undefined : [result.errors[0]?.message, result.errors[0]?.expected].join('; ');
}

const body = (text: string): string | undefined => said(`table inet t {\nflowtable f { ${text}}\n}\n`);

// Few kernels of test machines have flowtables: the parser of nft, and the kernel's source, are what is asked here.
describe('flowtables', () => {
  it.each([
    'hook ingress priority 0; devices = { lo }; ',
    'hook ingress priority filter + 10\ndevices = { "lo", eth0, }\n',
    'hook ingress priority -2147483648; devices = { lo,\n , eth0 }; ',
    'devices = { lo }; hook ingress priority 0; ',
    'hook ingress priority 0; counter; devices = { lo }; counter ',
    'hook ingress priority 0; counter devices = { lo }; ',
    'flags offload; hook ingress priority 0; devices = { lo }; ',
    'define d = { lo,\neth0 }\nhook ingress priority 0; devices = $d\n',
    'define d = lo; hook ingress priority 0; devices = { $d, eth0 }; ',
    '; hook ingress priority 0; ; # the way in\n',
  ])('%s', (text) => {
    expect(body(text)).toBeUndefined();
  });

  it.each([
    ['hook ingress priority 0 ', 'the last statement of this block is not ended'],
    ['hook ingress priority raw; ', '`filter`'],
    ['hook ingress; ', '`priority`'],
    ['hook egress priority 0; ', '`ingress`'],
    ['type filter hook ingress priority 0; ', 'flags offload'],
    ['hook ingress priority $p; ', '`p` is not defined'],
    ['hook ingress priority 0; devices = lo; ', 'devices in braces'],
    ['hook ingress priority 0; devices = { }; ', 'devices joined by `,`'],
    ['hook ingress priority 0; devices = {\nlo\n}; ', 'devices joined by `,` on one line'],
    ['hook ingress priority 0; devices = { lo, lo }; ', 'each device once'],
    ['hook ingress priority 0; devices = { 1 }; ', 'the name of a device'],
    ['hook ingress priority 0; flags timeout; ', '`offload`'],
    ['hook ingress priority 0; size 10; ', 'flags offload'],
    ['hook ingress priority 0; comment "x"; ', 'flags offload'],
    ['devices = { lo }; ', 'this flowtable has no hook'],
    ['', 'this flowtable has no hook'],
  ])('%s is wrong', (text, message) => {
    expect(body(text)).toContain(message);
  });

  it('are in tables of IP', () => {
    const block = 'flowtable f { hook ingress priority 0; }\n';
    for (const family of ['arp', 'bridge', 'netdev'])
      expect(said(`table ${family} t {\n${block}}\n`)).toContain(`tables of ${family} have no flowtables`);
  });

  it('are created once, and not taken away while a rule names them', () => {
    const table = 'table inet t {\nflowtable f { hook ingress priority 0; }\nchain c { flow add @f\n}\n}\n';
    expect(said(`${table}create flowtable inet t f { hook ingress priority 0; }\n`)).toContain(
      'exists already',
    );
    expect(said(`${table}delete flowtable inet t f\n`)).toContain(
      'the flowtable `f` is still named at x.nft:3:11',
    );
    expect(said(`${table}flush chain inet t c\ndelete flowtable inet t f\n`)).toBeUndefined();
    expect(said(`${table}add flowtable inet t f { devices = { eth1 }; }\n`)).toBeUndefined();
  });
});
