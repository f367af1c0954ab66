import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { EXTENSION_HEADERS } from '../../src/packet/packet.ts';
import { readPacket } from '../../src/trace/packet-input.ts';

const base = {
  hook: 'input',
  in: 'eth0',
  src: '192.0.2.7',
  dst: '10.1.2.10',
  protocol: 'tcp',
  sport: 40000,
  dport: 22,
};

function read(change: Record<string, unknown> = {}) {
  const line = Object.fromEntries(
    Object.entries({ ...base, ...change }).filter(([, value]) => value !== undefined),
  );
  return readPacket(JSON.stringify(line));
}

function packetOf(change: Record<string, unknown> = {}) {
  const input = read(change);
  if (!input.ok) throw new Error(input.error);
  return input;
}

const errorOf = (change: Record<string, unknown>) => {
  const input = read(change);
  return input.ok ? undefined : input.error;
};

it('the schema is a valid schema', () => {
  const schema = JSON.parse(readFileSync('schemas/packet.schema.json', 'utf8')) as object;
  expect(new Ajv2020({ strict: true, allowUnionTypes: true }).validateSchema(schema)).toBe(true);
});

describe('a packet line', () => {
  it('becomes a packet, with defaults', () => {
    expect(packetOf({ id: 7 })).toMatchObject({
      ok: true,
      id: 7,
      openIn: false,
      openOut: false,
      packet: {
        family: 4,
        hook: 'input',
        in: 'eth0',
        out: '',
        src: 0xc0000207n,
        dst: 0x0a01020an,
        protocol: 6,
        sport: 40000,
        dport: 22,
        tcpFlags: 2,
        state: 'new',
        mark: 0,
        ctmark: 0,
        pkttype: 'unicast',
        fragment: 'none',
        extensionHeaders: 0,
        groups: [],
        peerGroups: [],
      },
    });
  });

  it('leaves open what it does not name and what has no default', () => {
    expect(packetOf().open).toEqual({
      mac: [0, 2 ** 48 - 1],
      length: [0, 65535],
      ttl: [0, 255],
      tos: [0, 255],
    });
    const all = { mac: '02:00:00:00:00:01', length: 60, ttl: 64, tos: 184 };
    expect(packetOf(all).open).toEqual({});
    expect(packetOf(all).packet).toMatchObject({ mac: 0x020000000001, length: 60, ttl: 64, tos: 184 });
    expect(packetOf({ sport: undefined, dport: undefined }).open).toMatchObject({
      sport: [0, 65535],
      dport: [0, 65535],
    });
    const ping = { protocol: 'icmp', sport: undefined, dport: undefined, type: 8 };
    expect(packetOf(ping).open).toMatchObject({ icmpCode: [0, 255] });
    expect(packetOf({ ...ping, code: 0 }).open).not.toHaveProperty('icmpCode');
    expect(packetOf({ state: 'established' }).open).toMatchObject({ ctmark: [0, 0xffffffff] });
    expect(packetOf({ state: 'established', ctmark: 5 })).toMatchObject({ packet: { ctmark: 5 } });
    expect(packetOf({ dscp: 46 }).open.tos).toEqual([184, 187]);
  });

  it('leaves open the interfaces that its hook has', () => {
    expect(packetOf({ in: undefined })).toMatchObject({ openIn: true, openOut: false });
    expect(packetOf({ hook: 'forward' })).toMatchObject({ openIn: false, openOut: true });
    expect(packetOf({ hook: 'output', in: undefined, out: 'eth1' })).toMatchObject({
      openIn: false,
      openOut: false,
    });
  });

  it.each([
    [{}, 2],
    [{ state: 'established' }, 16],
    [{ state: 'invalid' }, 16],
    [{ flags: [] }, 0],
    [{ flags: ['fin', 'psh', 'urg'] }, 41],
    [{ flags: ['rst', 'ece', 'cwr', 'syn', 'ack'] }, 214],
    [{ protocol: 'udp' }, 0],
  ])('flags of %j: %i', (change, expected) => {
    expect(packetOf(change).packet.tcpFlags).toBe(expected);
  });

  it('protocols are names or numbers, addresses of either family', () => {
    expect(packetOf({ protocol: 17 }).packet.protocol).toBe(17);
    expect(packetOf({ protocol: 'UDPLITE' }).packet.protocol).toBe(136);
    expect(packetOf({ protocol: '132' }).packet.protocol).toBe(132);
    const bare = { sport: undefined, dport: undefined };
    expect(packetOf({ ...bare, protocol: 'gre' }).packet.protocol).toBe(47);
    const six = { src: '2001:db8::1', dst: '2001:DB8::2' };
    expect(packetOf(six).packet).toMatchObject({ family: 6, dst: 0x20010db8000000000000000000000002n });
    expect(packetOf({ ...six, ...bare, protocol: 'icmpv6', type: 135, code: 0 }).packet.icmpType).toBe(135);
    // The other family's ICMP is a protocol like any other; a packet that shows a finding names it by its number.
    expect(packetOf({ ...six, ...bare, protocol: '1' }).packet.protocol).toBe(1);
  });

  it('a fragment of IPv6 has the fragment header', () => {
    const six = { src: '::1', dst: '::2', extensionHeaders: ['hop'] };
    expect(packetOf({ ...six, fragment: 'first' }).packet.extensionHeaders).toBe(
      EXTENSION_HEADERS.hop | EXTENSION_HEADERS.frag,
    );
    expect(packetOf(six).packet.extensionHeaders).toBe(EXTENSION_HEADERS.hop);
  });
});

describe('a line that is none', () => {
  it.each(['{', 'nonsense', '{"id":1', '\u0000'])('%j is not JSON', (line) => {
    expect(readPacket(line)).toEqual({ ok: false, id: null, error: 'The line is not JSON.' });
  });

  it.each(['[]', '7', 'null', '"x"'])('%s is not a packet', (line) => {
    expect(readPacket(line)).toEqual({
      ok: false,
      id: null,
      error: `A packet must be a JSON object, not \`${line}\`.`,
    });
  });

  it('keeps the id where there is one', () => {
    expect(read({ id: 'a', dport: 70000 })).toMatchObject({ ok: false, id: 'a' });
    expect(read({ id: [1], dport: 22 })).toMatchObject({ ok: false, id: null });
  });

  it.each([
    [{ dport: 70000 }, '`dport` must be 65535 or less, not `70000`.'],
    [{ dport: -1 }, '`dport` must be 0 or more, not `-1`.'],
    [{ dport: '22' }, '`dport` must be a whole number, not `"22"`.'],
    [{ dport: 22.5 }, '`dport` must be a whole number, not `22.5`.'],
    [{ hook: 'INPUT' }, '`hook` must be input, forward, output, ingress, egress, not `"INPUT"`.'],
    [{ hook: undefined }, 'The packet has no `hook`.'],
    [{ src: undefined }, 'The packet has no `src`.'],
    [{ prot: 6 }, '`prot` is not a key of a packet.'],
    [{ protocol: 256 }, '`protocol` must be a name, or a number from 0 to 255, not `256`.'],
    [{ protocol: 'tpc' }, '`protocol` must be a known name or a number, not `tpc`.'],
    [{ src: '999.1.1.1' }, '`src` must be an IPv4 or IPv6 address, not `999.1.1.1`.'],
    [{ dst: 'fe80::1%eth0' }, '`dst` must be an IPv4 or IPv6 address, not `fe80::1%eth0`.'],
    [{ src: '::1' }, '`src` and `dst` must be of one family, not `::1` and `10.1.2.10`.'],
    [{ protocol: 'icmp' }, 'A packet of protocol icmp has no `sport`.'],
    [{ protocol: 'gre', sport: undefined }, 'A packet of protocol gre has no `dport`.'],
    [{ type: 8 }, 'A packet of protocol tcp has no `type`.'],
    [{ protocol: 'udp', flags: ['syn'] }, 'A packet of protocol udp has no `flags`.'],
    [
      { protocol: 'icmpv6', sport: undefined, dport: undefined },
      '`icmpv6` is not the ICMP of IPv4; that is `icmp`.',
    ],
    [{ fragment: 'later' }, 'A later fragment has no `sport`.'],
    [{ flags: ['SYN'] }, '`flags.0` must be fin, syn, rst, psh, ack, urg, ece, cwr, not `"SYN"`.'],
    [{ flags: ['syn', 'syn'] }, '`flags` must not name anything twice, not `["syn","syn"]`.'],
    [{ state: 'NEW' }, '`state` must be new, established, related, invalid, untracked, not `"NEW"`.'],
    [{ out: 'eth1' }, 'A packet of hook `input` has no `out`.'],
    [{ hook: 'output' }, 'A packet of hook `output` has no `in`.'],
    [{ in: '' }, '`in` must be an interface name, not `""`.'],
    [{ in: 'sixteen-letters0' }, '`in` must be an interface name, not `"sixteen-letters0"`.'],
    [{ mac: '02-00-00-00-00-01' }, '`mac` must be a MAC address, not `"02-00-00-00-00-01"`.'],
    [{ mark: 2 ** 32 }, '`mark` must be 4294967295 or less, not `4294967296`.'],
    [{ tos: 0, dscp: 46 }, '`tos` 0 and `dscp` 46 contradict each other.'],
    [{ extensionHeaders: ['hop'] }, 'IPv4 has no `extensionHeaders`.'],
  ])('%j', (change, expected) => {
    expect(errorOf(change)).toBe(expected);
  });
});
