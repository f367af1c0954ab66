import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inNamespace, KERNEL } from './kernel.ts';

const RULES = join(import.meta.dirname, '../../../fixtures/nft-meaning/fib-oif-loopback/rules.nft');

/** Sends one packet to each address, whose answer (a port that nobody listens at) comes by lo as well. */
const SEND = `import socket
for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET, '192.0.2.9'), (socket.AF_INET6, '::1')):
    socket.socket(family, socket.SOCK_DGRAM).sendto(b'x', (address, 9))`;

// The harness's packets that come by lo are seen only as they leave.
it.skipIf(!KERNEL)('what comes by lo has a way at prerouting, for the kernel too', () => {
  const rules = readFileSync(RULES, 'utf8')
    .replace('tcp dport 22 jump allow', 'jump allow')
    .replaceAll(/fib saddr [^\n]*? (exists accept|missing drop)/g, (rule, end: string) =>
      rule.replace(end, end.replace(' ', ' counter ')),
    )
    .replace('policy drop', 'policy accept');
  const script =
    'ip link set lo up && ip addr add 192.0.2.9/32 dev lo && nft -f - && python3 -c "$CODE" && nft list ruleset';
  const { status, stdout, stderr } = inNamespace(`CODE="${SEND}"\n${script}`, rules);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const packets = (rule: string): number =>
    Number(new RegExp(`${rule} counter packets (\\d+)`).exec(stdout)?.[1]);
  expect(packets('fib saddr . iif oif missing')).toBe(0);
  expect(packets('fib saddr . mark . iif oif exists')).toBeGreaterThanOrEqual(3);
});
