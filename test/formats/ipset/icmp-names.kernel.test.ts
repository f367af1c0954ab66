import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parsePortPart } from '../../../src/formats/ipset/ports.ts';
import { orRequired } from '../../support/required.ts';

const NAMESPACE = `postern-icmp-${process.pid}`;

function run(command: string, input?: string): string {
  const result = spawnSync('ip', ['netns', 'exec', NAMESPACE, 'sh', '-c', command], {
    input,
    encoding: 'utf8',
  });
  return result.stdout + result.stderr;
}

function hasKernel(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('ip', ['netns', 'add', NAMESPACE]).status !== 0) return false;
  const usable = run('ipset create probe hash:ip,port') === '';
  spawnSync('ip', ['netns', 'del', NAMESPACE]);
  return usable;
}

describe.skipIf(!orRequired(hasKernel()))(
  'ICMP names mean what ipset takes them for (root, ipset and network namespaces)',
  () => {
    it.each([
      ['inet', 'icmp', 4, '10.0.0.1', 'ICMP'],
      ['inet6', 'icmpv6', 6, '::1', 'ICMPv6'],
    ] as const)('%s', (family, protocol, number, address, heading) => {
      spawnSync('ip', ['netns', 'add', NAMESPACE]);
      try {
        const help = run('ipset help hash:ip,port');
        const after = help
          .slice(help.indexOf(`Supported ${heading} codenames:`))
          .split('\n')
          .slice(1);
        const names = after
          .slice(
            0,
            after.findIndex((line) => !/^ {15}/.test(line)),
          )
          .map((line) => line.trim());
        expect(names.length).toBeGreaterThan(15);
        for (const name of names) {
          const part = parsePortPart(`${protocol}:${name}`, number);
          const value = part.ok ? (part.parts[0]?.lo as number) : -1;
          const lines = `create s hash:ip,port family ${family}\nadd s ${address},${protocol}:${value >> 8}/${value & 255}\n`;
          run('ipset destroy; ipset restore', lines);
          expect([name, run(`ipset -q test s ${address},${protocol}:${name} && echo yes`).trim()]).toEqual([
            name,
            'yes',
          ]);
        }
      } finally {
        spawnSync('ip', ['netns', 'del', NAMESPACE]);
      }
    });
  },
);
