import { describe, expect, it } from 'vitest';
import { readArrow, readPartyCell } from '../../src/document/reading/parties.ts';
import { type PortItem, readPorts } from '../../src/document/reading/ports.ts';
import { readProtocolCell } from '../../src/document/reading/protocols.ts';
import { readDirection, readNeed, readPermission } from '../../src/document/reading/words.ts';

/** Ports in short: `80`, `7800-7802`, `80|443` for a choice, `?` for unknown ones, `/tcp` where the cell names it. */
function short({ term, transports }: PortItem): string {
  const suffix = transports.length > 0 ? `/${transports.join('+')}` : '';
  if (term.kind === 'unknown') return `?${suffix}`;
  const one = (from: number, to: number): string => (from === to ? `${from}` : `${from}-${to}`);
  if (term.kind === 'range') return `${one(term.from, term.to)}${suffix}`;
  return `${term.options.map(([from, to]) => one(from, to)).join('|')}${suffix}`;
}

describe('cells of ports', () => {
  it.each([
    ['443', '443'],
    ['80, 443, 4001', '80 443 4001'],
    ['80,443', '80 443'],
    ['443; 8443', '443 8443'],
    ['443\n8443', '443 8443'],
    ['500 & 4500', '500 4500'],
    ['10250 and 10255', '10250 10255'],
    ['7800-7802', '7800-7802'],
    ['7800 – 7802', '7800-7802'],
    ['7800 to 7802', '7800-7802'],
    ['7800:7802', '7800-7802'],
    ['80 or 443', '80|443'],
    ['25 (SMTP) or 587 (submission)', '25|587'],
    ['123/NTP', '123'],
    ['4444/SST do Galera Cluster', '4444'],
    ['53/udp', '53/udp'],
    ['53/tcp/udp', '53/tcp+udp'],
    ['443/tcp/https', '443/tcp'],
    ['443tcp', '443/tcp'],
    ['TCP 443', '443/tcp'],
    ['TCP: 80, 443; UDP: 53', '80/tcp 443/tcp 53/udp'],
    ['TCP and UDP 53', '53/tcp+udp'],
    ['UDP 137-138, TCP 139', '137-138/udp 139/tcp'],
    ['443 (HTTPS)', '443'],
    ['HTTPS (443)', '443'],
    ['SSH 22', '22'],
    ['LDAPS: 636', '636'],
    ['80/HTTP, 443/HTTPS', '80 443'],
    ['port 443', '443'],
    ['TCP ports 80, 443', '80/tcp 443/tcp'],
  ])('%s without a doubt', (cell, expected) => {
    const { items, review, unread } = readPorts(cell);
    expect(items.map(short).join(' ')).toBe(expected);
    expect([...review, ...unread]).toEqual([]);
  });

  it.each([
    ['80 / 443', '80|443'],
    ['25/587', '25|587'],
    ['80 / 443, 8080', '80|443 8080'],
    ['3306/3307 (MySQL)', '3306|3307'],
    ['other', '?'],
    ['80, 443, other', '80 443 ?'],
    ['Dynamic', '?'],
    ['User-defined range', '?'],
    ['Dynamic (49152-65535)', '49152-65535'],
    ['> 1023', '1024-65535'],
    ['1024+', '1024-65535'],
    ['1024 and above', '1024-65535'],
    ['22,443', '22 443'],
    ['8,080', '8080'],
    ['1,024-65,535', '1024-65535'],
    ['443 (1)', '443'],
    ['8080 (default)', '8080'],
    ['22 if SSH is used', '22'],
    ['3 nodes', '3'],
    ['80, 443 (TCP)', '80/tcp 443/tcp'],
  ])('%s as a guess that is told', (cell, expected) => {
    const { items, review, unread } = readPorts(cell);
    expect(items.map(short).join(' ')).toBe(expected);
    expect(review.length + unread.length).toBeGreaterThan(0);
  });

  it.each([
    'see below',
    'See section 4',
    '0',
    '70000',
    '0443',
    '90-80',
    '443 (8443)',
    '80 443',
    'HTTPS',
    'not 443',
    'all except 22',
    '-5',
    '4 4 3',
    '80/',
    '/80',
    'Table 12',
    '80,',
    '80-',
  ])('%s is not read as a port', (cell) => {
    const { items, unread, extent } = readPorts(cell);
    expect(extent).toBe('some');
    if (cell !== '80,') expect(unread).not.toEqual([]);
    expect(items.map(short).filter((item) => item !== '?')).toEqual(cell === '80,' ? ['80'] : []);
  });

  it.each(['any', 'ANY', '*', 'All ports', '1-65535', 'any TCP'])('%s is every port', (cell) => {
    expect(readPorts(cell).extent).toBe('any');
  });

  it.each([
    ['any TCP', 'any', ['tcp']],
    ['TCP: any, UDP: 53', 'any', ['tcp']],
    ['TCP', 'none', ['tcp']],
    ['TCP, UDP', 'none', ['tcp', 'udp']],
    ['any', 'any', []],
  ])('%s names protocols beside no port', (cell, extent, transports) => {
    expect(readPorts(cell)).toMatchObject({ extent, transports });
  });

  it.each(['', '-', '–', 'N/A', 'none'])('`%s` is none', (cell) => {
    expect(readPorts(cell).extent).toBe('none');
  });
});

describe('cells of protocols', () => {
  it.each([
    ['UDP/TCP', 'udp tcp'],
    ['TCP & UDP', 'tcp udp'],
    ['HTTP', 'tcp'],
    ['HTTPS', 'tcp'],
    ['HTTP/1.1', 'tcp'],
    ['HTTP/3', 'udp'],
    ['TLS 1.2', 'tcp'],
    ['SMTP', 'tcp'],
    ['ICMP', 'icmp'],
    ['IPv6-ICMP', 'icmpv6'],
    ['AH/ESP', 'ah esp'],
    ['', ''],
  ])('%s without a doubt', (cell, expected) => {
    expect(readProtocolCell(cell)).toEqual({ protocols: expected.split(' ').filter(Boolean), review: [] });
  });

  it.each([
    ['ANY', 'tcp udp'],
    ['DNS', 'tcp udp'],
    ['NTP', 'udp'],
    ['TCP or UDP', 'tcp udp'],
    ['TCP/IP', 'tcp'],
    ['TCP established', 'tcp'],
    ['Carrier pigeon', ''],
    ['17', '17'],
  ])('%s as a guess that is told', (cell, expected) => {
    const { protocols, review } = readProtocolCell(cell);
    expect(protocols.join(' ')).toBe(expected);
    expect(review).not.toEqual([]);
  });
});

describe('cells of parties, directions and levels', () => {
  it('tells any and the Internet from roles', () => {
    const kinds = ['ANY', '*', '0.0.0.0/0', 'Internet', 'PRD'].map(
      (cell) => readPartyCell(cell).parties[0]?.kind,
    );
    expect(kinds).toEqual(['any', 'any', 'any', 'internet', 'role']);
  });

  it('takes several parties apart, and says so', () => {
    const { parties, review } = readPartyCell('Data (a, b), Mill\nPress and Cellar');
    expect(parties.map(({ name }) => name)).toEqual(['Data (a, b)', 'Mill', 'Press', 'Cellar']);
    expect(review).toHaveLength(1);
    expect(readPartyCell('A/B').review).toHaveLength(1);
    expect(readPartyCell('Any (optional)').review).toHaveLength(1);
  });

  it('reads arrows both ways', () => {
    expect(readArrow('A → B')).toEqual({ from: 'A', to: 'B', both: false });
    expect(readArrow('A <- B')).toEqual({ from: 'B', to: 'A', both: false });
    expect(readArrow('Pod ↔ Pod')).toEqual({ from: 'Pod', to: 'Pod', both: true });
    expect(readArrow('Load-Balancer <-> Worker-Node')).toMatchObject({ to: 'Worker-Node', both: true });
    expect(readArrow('A-B')).toBeUndefined();
  });

  it('reads words for directions and levels', () => {
    expect(['In', 'Outbound', 'bi-directional', 'In/Out', 'up'].map(readDirection)).toEqual([
      'in',
      'out',
      'both',
      'both',
      undefined,
    ]);
    expect(['ALLOW', 'Deny', 'perhaps'].map(readPermission)).toEqual(['required', 'prohibited', undefined]);
    expect(readNeed('Yes', 'Required')).toBe('required');
    expect(readNeed('Yes', 'Optional')).toBe('optional');
    expect(readNeed('Optional', 'Required / optional')).toBe('optional');
  });
});
