import { check, type InputFile, type Report } from '../../src/api.ts';
import { holds } from '../compare/box-sets.ts';
import { packetOf } from './agreement.ts';
import { isInside, type Question } from './brute/question.ts';

/** A role of a deployment: networks, or one group under the provider's key. */
export interface Role {
  readonly networks: readonly string[];
  readonly group: string | undefined;
}

/** A host of the deployment, at one of its own addresses. */
export interface Host {
  readonly name: string;
  /** The keys of the deployment that say what guards it. */
  readonly selector: string;
  readonly groups: readonly string[];
  readonly own: string;
  /** The other addresses of the machine, and networks of them. */
  readonly owns?: readonly string[];
  /** Whether the provider's documentation lets the packet pass; undefined where it filters no such packet. */
  readonly ask: (question: Question) => boolean | undefined;
}

/** A random account, as the law asks about it. */
export interface Site {
  readonly files: readonly InputFile[];
  readonly hosts: readonly Host[];
  /** Groups and lists whose members nobody gave. */
  readonly unknown: readonly string[];
  /** Addresses of members of the groups of which they are known. */
  readonly members: (group: string) => readonly string[];
  readonly ownAddressesKnown: boolean;
}

/** cashier → shop 443/tcp, 1-22/udp and GRE; shop → bank 80/tcp; nobody → shop 23/tcp; everything else is excess. */
const BASELINE = `version: 1
id: shop
title: Shop
document: { title: Shop guide }
closed: { in: true, out: true, forward: false }
roles: { shop: { title: Shop }, cashier: { title: Cash desk }, bank: { title: Bank } }
rows:
  - { id: sales, source: cashier, destination: shop, protocols: [tcp], ports: [443] }
  - { id: range, source: cashier, destination: shop, protocols: [udp], ports: ["1-22"] }
  - { id: tunnel, source: cashier, destination: shop, protocols: [47] }
  - { id: telnet, source: any, destination: shop, protocols: [tcp], ports: [23], level: prohibited }
  - { id: clearing, source: shop, destination: bank, protocols: [tcp], ports: [80] }
`;

const isRow = ({ direction, protocol, dport }: Question): boolean =>
  direction === 'egress'
    ? protocol === 6 && dport === 80
    : (protocol === 6 && dport === 443) || (protocol === 17 && dport >= 1 && dport <= 22) || protocol === 47;

const bindingOf = ({ networks, group }: Role, key: string): string =>
  group === undefined ? `[${networks.map((one) => `"${one}"`).join(', ')}]` : `{ ${key}: [${group}] }`;

/**
 * What `check` says of the site whose roles are bound so.
 * @param key under which a deployment names groups of the provider
 */
export async function reportOf(site: Site, cashier: Role, bank: Role, key: string): Promise<Report> {
  const configs = site.files.map(({ path }) => path).join(', ');
  const hosts = new Map(site.hosts.map((host) => [host.name, host.selector]));
  const yaml = [
    'version: 1',
    `roles: { shop: unbound, cashier: ${bindingOf(cashier, key)}, bank: ${bindingOf(bank, key)} }`,
    'hosts:',
    ...[...hosts].map(
      ([name, selector]) =>
        `  - { name: ${JSON.stringify(name)}, role: shop, baselines: [./shop.yaml], configs: [${configs}], ${selector} }`,
    ),
    '',
  ].join('\n');
  const file = (path: string, text: string): InputFile => ({ path, bytes: Buffer.from(text) });
  const files = [...site.files, file('shop.yaml', BASELINE)];
  const report = await check({ deployment: file('site.yaml', yaml), files, baselines: [] });
  if (!report.ok) throw new Error(report.errors.map(({ message }) => message).join('; '));
  return report.value;
}

/**
 * What a report must say of a packet, by interfaces.md, "What the verdicts mean", and says otherwise; undefined where it is right
 * or nothing can be said.
 */
export function wrongAbout(
  report: Report,
  site: Site,
  host: Host,
  roles: { readonly cashier: Role; readonly bank: Role },
  question: Question,
): string | undefined {
  const passes = host.ask(question);
  const told = report.hosts.find(({ name }) => name === host.name);
  // What a machine sends to itself no group sees, and no row is about it.
  const isOwn = [host.own, ...(host.owns ?? [])].some((one) => isInside(question.peer, one));
  if (passes === undefined || told === undefined || isOwn) return undefined;
  const end = question.direction === 'ingress' ? 'cashier' : 'bank';
  const role = roles[end];
  const documented = isRow(question) && isMember(site, role, question);
  const packet = packetOf(question, host.groups, 0);
  const found = told.findings.filter(
    ({ hook, packets }) =>
      hook === question.direction &&
      packets?.some(
        (box) =>
          (box.peerGroups?.some((one) => question.peerGroups.includes(one)) ?? true) &&
          box.exceptPeerGroups?.some((one) => question.peerGroups.includes(one)) !== true &&
          holds(box, packet as never),
      ) === true,
  );
  const excess = found.filter(({ code }) => code === 'excessive');
  if (question.direction === 'ingress' && question.protocol === 6 && question.dport === 23) {
    const open = found.filter(
      ({ rule, certainty }) => rule === 'prohibited-open' && certainty === 'definite',
    );
    return passes === open.length > 0 && excess.length === 0 ? undefined : 'prohibited, and told otherwise';
  }
  const isCertain = excess.some(({ certainty }) => certainty === 'definite');
  // Openness towards a role that nobody is bound to cannot be judged, and the report lists it.
  const isUnbound = told.unbound.includes(end);
  if (isUnbound && (role.group === undefined || isNamed(site, role.group)))
    return `\`${end}\` is bound to nobody`;
  const judged = !isRow(question) || !isUnbound;
  if (passes && !documented && judged && excess.length === 0)
    return 'open and documented nowhere, and no excess';
  if (passes && !isRow(question) && !isCertain) return 'open and of no row, and no certain excess';
  if (!passes && excess.length > 0) return 'closed, and excess';
  if (documented && isCertain) return 'documented, and certain excess';
  const isNeeded =
    documented && role.group === undefined && (question.sport >= 1024 || question.protocol === 47);
  return isNeeded && site.ownAddressesKnown ? wrongAboutNeed(site, host, question, found) : undefined;
}

/** A needed packet: which groups of unknown members its peer is of decides, or does not. */
function wrongAboutNeed(
  site: Site,
  host: Host,
  question: Question,
  found: Report['hosts'][number]['findings'],
): string | undefined {
  const groupsOfPeer = [[], ...site.unknown.map((one) => [one])];
  const answers = groupsOfPeer.map((peerGroups) => host.ask({ ...question, peerGroups }));
  const closed = found.filter(({ code }) => code !== 'excessive');
  const missing = closed.some(({ code, certainty }) => code === 'missing' && certainty === 'definite');
  if (answers.every((one) => one === false))
    return closed.some(({ certainty }) => certainty === 'definite')
      ? undefined
      : 'needed and closed, and not told';
  const halfOpen = closed.some(({ rule, certainty }) => rule === 'half-open' && certainty === 'definite');
  if (answers.every((one) => one === true)) {
    if (closed.some(({ rule }) => rule !== 'half-open')) return 'needed and open, and told as closed';
    const replies = groupsOfPeer.map((peerGroups) => host.ask({ ...replyTo(question), peerGroups }));
    if (replies.every((one) => one === false) && !halfOpen)
      return 'its reply is stopped, and that is not told';
    return replies.every((one) => one === true) && halfOpen
      ? 'its reply passes, and is told as stopped'
      : undefined;
  }
  return missing ? 'needed and possibly open, and told as closed for certain' : undefined;
}

/** The first packet of the other direction. */
function replyTo(question: Question): Question {
  const { direction, sport, dport } = question;
  const back = direction === 'ingress' ? 'egress' : 'ingress';
  return { ...question, direction: back, sport: dport, dport: sport, established: true };
}

/** Whether the exports have or name a group. */
function isNamed({ files }: Site, group: string): boolean {
  return files.some(({ bytes }) => Buffer.from(bytes).includes(`"${group}"`));
}

function isMember({ unknown, members }: Site, { networks, group }: Role, question: Question): boolean {
  if (group === undefined) return networks.some((network) => isInside(question.peer, network));
  if (unknown.includes(group)) return question.peerGroups.includes(group);
  return members(group).some((one) => isInside(question.peer, one));
}
