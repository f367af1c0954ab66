import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, askAws } from './brute/aws.ts';
import { passesAzure, type Rule } from './brute/azure.ts';
import { askGcp, carriersOf, type Project } from './brute/gcp.ts';
import { askOpenstack, type Project as OpenstackProject } from './brute/openstack.ts';
import { isInside, type Question } from './brute/question.ts';
import { type Host, reportOf, type Role, type Site, wrongAbout } from './check-law.ts';
import { type Boundaries, boundaryQuestions } from './questions.ts';
import * as aws from './random/aws.ts';
import * as azure from './random/azure.ts';
import * as gcp from './random/gcp.ts';
import * as openstack from './random/openstack.ts';

/*
 * Findings of `check` about random accounts against the verdicts' definitions and the plain readings of each provider's pages
 * (brute/), on packets at the boundaries of what rules and rows say. POSTERN_RUNS and POSTERN_SEED make it longer or other.
 */

const AWS_LISTS = ['pl-0fedcba9876543210'];

function awsSite(given: Account): Site {
  const carried = given.interfaces ?? [];
  return {
    files: aws.exportsOf(given),
    unknown: [...(given.interfaces === undefined ? aws.REFERENCES : ['sg-9']), ...AWS_LISTS],
    ownAddressesKnown: given.interfaces !== undefined,
    members: (group) =>
      carried.filter(({ groups }) => groups.includes(group)).flatMap((one) => one.addresses),
    hosts: aws.places(given).map(({ groups, own }) => ({
      name: groups.join('+'),
      selector: `securityGroups: [${groups.join(', ')}]`,
      groups,
      own,
      owns: carried.find(({ addresses }) => addresses.some((one) => isInside(own, one)))?.addresses ?? [],
      ask: (question) => {
        const { passes, unfiltered } = askAws(given, groups, question);
        return unfiltered ? undefined : passes;
      },
    })),
  };
}

function gcpSite(given: Project): Site {
  const instances = given.instances ?? [];
  const ofNobody = [...gcp.TAGS, ...gcp.ACCOUNTS].filter((name) => carriersOf(given, name).length === 0);
  return {
    files: gcp.exportsOf(given),
    unknown: [gcp.NOT_GIVEN, ...ofNobody],
    ownAddressesKnown: given.instances !== undefined,
    members: (tag) => instances.filter(({ tags }) => tags.includes(tag)).map(({ address }) => address),
    hosts: gcp.places(given).map(({ carried, own }) => {
      const at = instances.findIndex(({ address }) => address === own);
      const tags = carried.filter((one) => !one.includes('@'));
      const [account] = carried.filter((one) => one.includes('@'));
      const named = [
        'network: default',
        ...(tags.length === 0 ? [] : [`networkTags: [${tags.join(', ')}]`]),
        ...(account === undefined ? [] : [`serviceAccount: ${account}`]),
      ];
      return {
        name: at < 0 ? `of ${carried.join('+')}` : `vm-${at}`,
        selector: at < 0 ? named.join(', ') : `instance: vm-${at}`,
        groups: [...carried, 'default'],
        own,
        ask: (question) => {
          const { passes, traceOnly } = askGcp(given, carried, question);
          return traceOnly === true ? undefined : passes;
        },
      };
    }),
  };
}

/** A group with its instances that are in the application security group `db`, and those that are in none. */
function azureSite(rules: readonly Rule[]): Site {
  const exported = JSON.stringify(azure.groupOf('web', rules, 'subnets'));
  const host = (name: string, own: readonly string[], address: string): Host => ({
    name,
    selector: `networkSecurityGroup: web, applicationSecurityGroups: [${own[0] ?? 'none'}]`,
    groups: ['web', ...own],
    own: address,
    ask: (question) =>
      AZURE_PLATFORM.includes(question.peer) ? undefined : passesAzure([rules], own, question),
  });
  return {
    files: [{ path: 'nsg.json', bytes: Buffer.from(exported) }],
    unknown: ['VirtualNetwork', 'Internet', 'app'],
    ownAddressesKnown: false,
    members: () => [],
    hosts: ['10.0.0.5', '2001:db8::5'].flatMap((own) => [
      host('member', ['db'], own),
      host('other', [], own),
    ]),
  };
}

const AZURE_PLATFORM = ['168.63.129.16', '169.254.169.254'];

function openstackSite(given: OpenstackProject): Site {
  const ports = given.ports ?? [];
  return {
    files: openstack.exportsOf(given),
    unknown: [...(given.ports === undefined ? openstack.REFERENCES : ['sg-9']), 'ag-not-given'],
    ownAddressesKnown: given.ports !== undefined,
    members: (group) =>
      ports
        .filter((port) => port.groups.includes(group))
        .flatMap((port) => [...port.addresses, ...port.pairs]),
    hosts: openstack.places(given).map(({ groups, security, own }) => ({
      name: groups.join('+'),
      selector: `securityGroups: [${groups.join(', ')}]`,
      groups,
      own,
      ask: (question) => {
        const answer = askOpenstack(given, groups, security, question);
        return answer?.traceOnly === true ? undefined : answer?.passes;
      },
    })),
  };
}

const NETWORKS = ['10.0.0.0/24', '10.0.0.0/8', '203.0.113.7/32', '2001:db8::/32', '10.0.0.6/32'];

const roleOf = (groups: readonly string[]): fc.Arbitrary<Role> =>
  fc.oneof(
    fc.uniqueArray(fc.constantFrom(...NETWORKS), { minLength: 1, maxLength: 2 }).map((networks) => ({
      networks,
      group: undefined,
    })),
    fc.constantFrom(...groups).map((group) => ({ networks: [], group })),
  );

/** A question that is about a row, or about an address of the role, more often than chance would have it. */
function aimed(question: Question, at: number, { networks }: Role): Question {
  const port = question.direction === 'egress' ? 80 : at % 6 === 0 ? 23 : 443;
  const row = at % 2 === 0 ? { protocol: 6, dport: port } : {};
  const network = networks.find((one) => one.includes(':') === question.own.includes(':'));
  const peer =
    at % 4 === 0 && network !== undefined ? { peer: network.split('/')[0] as string, sport: 40000 } : {};
  return { ...question, ...row, ...peer, established: false };
}

const numRuns = Number(process.env.POSTERN_RUNS ?? 6);
const seed = Number(process.env.POSTERN_SEED ?? 20261122);

interface Provider {
  readonly sites: fc.Arbitrary<Site>;
  readonly groups: readonly string[];
  /** The key under which a deployment names groups. */
  readonly key: string;
  readonly bounds: Pick<Boundaries, 'networks' | 'networks6' | 'ports'>;
}

const PROVIDERS: Readonly<Record<string, Provider>> = {
  AWS: {
    sites: aws.account.map(awsSite),
    groups: aws.REFERENCES,
    key: 'securityGroups',
    bounds: { networks: aws.NETWORKS, networks6: aws.NETWORKS6, ports: aws.PORTS },
  },
  Azure: {
    sites: azure.group.map(azureSite),
    groups: ['app', 'db'],
    key: 'applicationSecurityGroups',
    bounds: {
      networks: azure.NETWORKS.filter((one) => !one.includes(':')),
      networks6: ['2001:db8::/32', '::/0'],
      ports: azure.PORTS,
    },
  },
  'Google Cloud': {
    sites: gcp.project.map(gcpSite),
    groups: gcp.TAGS,
    key: 'tags',
    bounds: { networks: gcp.NETWORKS, networks6: gcp.NETWORKS6, ports: gcp.PORTS },
  },
  OpenStack: {
    sites: openstack.project.map(openstackSite),
    groups: openstack.REFERENCES,
    key: 'securityGroups',
    bounds: { networks: openstack.NETWORKS, networks6: openstack.NETWORKS6, ports: openstack.PORTS },
  },
};

describe('findings about random accounts', () => {
  it.each(Object.keys(PROVIDERS))(
    '%s: are what the verdicts mean',
    async (name) => {
      const { sites, groups, key, bounds } = PROVIDERS[name] as Provider;
      const networks = [...bounds.networks, '10.0.0.5/32', '10.0.0.6/32'];
      const questions = fc.array(boundaryQuestions({ ...bounds, networks, protocols: [6, 6, 17, 47, 50] }), {
        minLength: 80,
        maxLength: 80,
      });
      await fc.assert(
        fc.asyncProperty(
          sites,
          roleOf(groups),
          roleOf(groups),
          questions,
          async (site, cashier, bank, drawn) => {
            if (site.hosts.length === 0) return;
            const report = await reportOf(site, cashier, bank, key);
            const wrong = drawn.flatMap((make, i) => {
              const host = site.hosts[i % site.hosts.length] as Site['hosts'][number];
              const asked = make(host.own, i % 3 === 0 ? [] : site.unknown);
              const question = aimed(asked, i, asked.direction === 'ingress' ? cashier : bank);
              // A box has one group of the peer.
              if (question.peerGroups.length > 1) return [];
              const is = wrongAbout(report, site, host, { cashier, bank }, question);
              return is === undefined ? [] : [`${is}: ${host.name} ${JSON.stringify(question)}`];
            });
            expect(wrong).toEqual([]);
          },
        ),
        { numRuns, seed },
      );
    },
    120_000,
  );
});
