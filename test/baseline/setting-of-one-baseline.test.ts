import { describe, expect, it } from 'vitest';
import { resolveHosts } from '../../src/baseline/resolve.ts';
import { baselineOf, deploymentOf, unwrap } from './support.ts';

/** A baseline of one row, at a port that the site may set, that a feature called `ssh` turns off. */
const text = (id: string, title: string): string => `version: 1
id: ${id}
title: The baseline ${id}
document: { title: A list }
closed: { in: true, out: false, forward: false }
roles: { admin: { title: Admin }, server: { title: Server } }
features: { ssh: { title: ${title}, default: true } }
parameters: { port: { title: Its port, type: port, default: 22 } }
rows:
  - { id: row, cells: { Port: p }, source: admin, destination: server, protocols: [tcp], ports: [{ parameter: port }], feature: ssh }
`;

function site(settings: string, titles: readonly [string, string] = ['Files', 'Shells'], ofHost = '') {
  const named = new Map(
    ['files', 'shells'].map((id, i) => [id, baselineOf(text(id, titles[i] ?? ''))] as const),
  );
  const result = resolveHosts(
    deploymentOf(
      `version: 1\n${settings}\nhosts:\n  - { name: h, role: server, baselines: [files, shells]${ofHost} }\n`,
    ),
    named,
  );
  const rows = (): string[] =>
    (unwrap(result)[0]?.baselines ?? []).flatMap((one) =>
      one.rows.map(
        ({ status, all }) => `${one.id}: ${status} ${all.map(({ ports }) => String(ports)).join()}`,
      ),
    );
  return { result, rows };
}

describe('a name that two baselines have', () => {
  it('is of one of them with its id before it, and that counts before the name alone', () => {
    expect(site('features: { files.ssh: false }').rows()).toEqual([
      'files: not-applicable ',
      'shells: active 22,22',
    ]);
    expect(site('features: { ssh: false, shells.ssh: true }').rows()).toEqual([
      'files: not-applicable ',
      'shells: active 22,22',
    ]);
    expect(site('parameters: { files.port: 2222, port: 23 }').rows()).toEqual([
      'files: active 2222,2222',
      'shells: active 23,23',
    ]);
  });

  it("is a host's own before it is one baseline's by the deployment's word", () => {
    const settings = 'features: { files.ssh: true }\nparameters: { files.port: 2222 }';
    const ofHost = (own: string) => site(settings, ['Shells', 'Shells'], `, ${own}`).rows();
    expect(ofHost('features: { ssh: false }')).toEqual(['files: not-applicable ', 'shells: not-applicable ']);
    expect(ofHost('parameters: { port: 23 }')).toEqual(['files: active 23,23', 'shells: active 23,23']);
    expect(ofHost('features: { shells.ssh: false }')).toEqual([
      'files: active 2222,2222',
      'shells: not-applicable ',
    ]);
    const { result } = site(settings, undefined, ', features: { ssh: false }');
    expect(result.ok && result.warnings.map(({ code }) => code)).toEqual(['ambiguous-feature']);
  });

  it('counts for both, with a warning where they mean different things by it', () => {
    const { result, rows } = site('features: { ssh: false }');
    expect(rows()).toEqual(['files: not-applicable ', 'shells: not-applicable ']);
    expect(result.ok && result.warnings.map(({ code, message, help }) => ({ code, message, help }))).toEqual([
      {
        code: 'ambiguous-feature',
        message: '`ssh` is a feature of `files` and `shells`, and counts for each: “Files”, “Shells”.',
        help: 'Write `files.ssh` or `shells.ssh` where only one is meant.',
      },
    ]);
  });

  it.each([
    'features: { files.ssh: false }',
    'features: { files.ssh: false, shells.ssh: true }',
    'features: { files.ssh: false, ssh: true }',
  ])('needs no warning where the site says whose: %s', (settings) => {
    const { result } = site(settings);
    expect(result.ok && result.warnings).toEqual([]);
  });

  it('needs no warning where they mean the same', () => {
    const { result } = site('features: { ssh: false }', ['Shells', 'Shells']);
    expect(result.ok && result.warnings).toEqual([]);
  });

  it('has to be a name of that baseline', () => {
    const { result } = site('features: { files.shs: false }');
    expect(!result.ok && result.errors.map(({ message }) => message)).toEqual([
      '`files.shs` is not a feature of any baseline of this deployment.',
    ]);
    const parameter = site('parameters: { files.port: [1, 2] }').result;
    expect(!parameter.ok && parameter.errors).toHaveLength(1);
  });
});
