import type { Baseline } from '../../src/baseline/baseline.ts';
import type { Deployment } from '../../src/baseline/deployment.ts';
import { loadBaseline } from '../../src/baseline/load-baseline.ts';
import { loadDeployment } from '../../src/baseline/load-deployment.ts';
import type { ResolvedHost } from '../../src/baseline/model.ts';
import { resolveHosts } from '../../src/baseline/resolve.ts';
import { loadShipped } from '../../src/baseline/shipped.ts';
import { SourceFile } from '../../src/text/source.ts';
import { whole } from '../compare/cases.ts';

/** A baseline with a site made from it: every role bound, every feature on, a host of every role and firewalls in front. */
export interface Site {
  readonly baseline: Baseline;
  readonly text: string;
  readonly deployment: Deployment;
  readonly hosts: readonly ResolvedHost[];
}

/** Which roles stand behind a firewall of their own, by baseline. */
const FIREWALLS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'x-road-security-server': [['security-server']],
  senhasegura: [['prd', 'mbr'], ['backup-server']],
  segura: [['prd', 'mbr'], ['domum']],
  'axway-securetransport-edge': [['st-edges']],
  apinizer: [
    ['load-balancer', 'worker'],
    ['manager', 'mongodb', 'elasticsearch', 'cache'],
  ],
};
/** The five documents. */
export const IDS = Object.keys(FIREWALLS);

/** A port that no document has, for what a site forbids. */
export const BANNED_PORT = 1999;
const bans = (baseline: Baseline): string => `version: 1
id: bans
title: What the site forbids
document: { title: House rules }
closed: { in: false, out: false, forward: false }
roles: { ${[...baseline.roles.keys()].map((role) => `${role}: { title: ${role} }`).join(', ')} }
rows:
${guarded(baseline)
  .map(
    (role) =>
      `  - { id: no-${role}, source: internet, destination: ${role}, protocols: [tcp], ports: [${BANNED_PORT}], level: prohibited }`,
  )
  .join('\n')}
`;

/** The site of a shipped baseline. */
export function siteOf(id: string): Site {
  const baseline = whole(loadShipped('baselines', id));
  const text = deploymentText(baseline);
  const deployment = whole(loadDeployment(new SourceFile('site.yaml', text)));
  const forbidden = whole(loadBaseline(new SourceFile('bans.yaml', bans(baseline))));
  const known = new Map([
    [id, baseline],
    ['bans.yaml', forbidden],
  ]);
  return { baseline, text, deployment, hosts: whole(resolveHosts(deployment, known)) };
}

/** Roles that are an end of some connection; every such role is a host with a firewall. */
function guarded(baseline: Baseline): string[] {
  const ends = new Set(
    baseline.rows.flatMap(({ connections }) =>
      connections.flatMap(({ source, destination }) => [source, destination]),
    ),
  );
  return [...baseline.roles.keys()].filter((role) => ends.has(role));
}

/** Two machines of each role, so that connections within a role have two ends. */
function deploymentText(baseline: Baseline): string {
  const roles = [...baseline.roles.keys()].map(
    (role, i) => `  ${role}: [${address(i, 1)}, ${address(i, 2)}]`,
  );
  const parameters = [...baseline.parameters].flatMap(([name, parameter]) => {
    // A choice that the site leaves open is one of the cases; other ports must be known.
    if (parameter.default !== undefined || isChoice(baseline, name)) return [];
    return [`  ${name}: ${parameter.type === 'port' ? 5588 : '40000-40010'}`];
  });
  const features = [...baseline.features.keys()].map((name) => `  ${name}: true`);
  const clusters = [...baseline.clusters.keys()].map((name) => `  ${name}: true`);
  const host = (name: string, more: string): string =>
    `  - { name: ${name}, ${more}, baselines: [${baseline.id}, ./bans.yaml] }`;
  const hosts = [
    ...guarded(baseline).map((role) =>
      host(role, `role: ${role}, addresses: [${address([...baseline.roles.keys()].indexOf(role), 1)}]`),
    ),
    ...(FIREWALLS[baseline.id] ?? []).map((roles) =>
      host(`firewall-of-${roles[0]}`, `role: none, protects: [${roles.join(', ')}]`),
    ),
  ];
  return [
    'version: 1',
    ...map('roles', roles),
    ...map('parameters', parameters),
    ...map('features', features),
    ...map('clusters', clusters),
    'hosts:',
    ...hosts,
    '',
  ].join('\n');
}

const map = (key: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${key}:`, ...lines];
const address = (role: number, machine: number): string => `10.60.${role + 1}.${machine}`;

function isChoice(baseline: Baseline, parameter: string): boolean {
  return baseline.rows.some(({ connections }) =>
    connections.some(({ ports = [] }) =>
      ports.some((term) => term.kind === 'choice' && term.parameter === parameter),
    ),
  );
}
