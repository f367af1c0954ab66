import { intersection, type Ranges, union } from '../packet/ranges.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Baseline, Connection } from './baseline.ts';
import { type Settings, settingOf } from './deployment.ts';
import type { Traffic } from './model.ts';
import { formatPorts, type PortTerm } from './ports.ts';
import { complaint } from './complaint.ts';

/** What a connection is about once the site's parameters are put in. */
export interface ResolvedTraffic {
  readonly all: readonly Traffic[];
  readonly choices: readonly (readonly Traffic[])[];
  /** What the unset parameters could stand for. */
  readonly undecided: readonly Traffic[];
  /** Parameters that the row needs and nobody set. */
  readonly unset: readonly string[];
  /** Nothing is left: the site says that it has no such ports. */
  readonly none: boolean;
  readonly errors: readonly Diagnostic[];
}

interface Ports {
  readonly all: Ranges;
  readonly choices: readonly (readonly Ranges[])[];
  readonly unset: readonly string[];
  readonly errors: readonly Diagnostic[];
}

/** Puts the site's parameters into a connection's ports. */
export function resolveTraffic(
  connection: Connection,
  baseline: Baseline,
  settings: Settings,
): ResolvedTraffic {
  const ports = connection.ports && resolvePorts(connection.ports, baseline, settings);
  const from = connection.sourcePorts && resolvePorts(connection.sourcePorts, baseline, settings);
  const unset = [...(ports?.unset ?? []), ...(from?.unset ?? [])];
  const errors = [...(ports?.errors ?? []), ...(from?.errors ?? [])];
  const { icmp, hopLimit } = connection;
  const base = { ...(icmp && { icmp }), ...(hopLimit !== undefined && { hopLimit }) };
  const isFromAny = from === undefined || from.unset.length > 0;
  const shape = { ...base, ...(!isFromAny && { sourcePorts: from.all }) };
  const every = connection.protocols.map((protocol): Traffic => ({ protocol, ...shape }));
  const withPorts = (of: Ranges): Traffic[] =>
    connection.protocols.map((protocol) => ({ protocol, ports: of, ...shape }));
  // Packets from unknown source ports are not known, but for where they go.
  if (from !== undefined && from.unset.length > 0) {
    const undecided = ports === undefined || ports.unset.length > 0 ? every : withPorts(offered(ports));
    return { all: [], choices: [], undecided, unset, none: false, errors };
  }
  if (ports === undefined)
    return { all: every, choices: [], undecided: [], unset, none: from?.all.length === 0, errors };
  const all = ports.all.length > 0 ? withPorts(ports.all) : [];
  const choices = ports.choices.flatMap((options) => perProtocol(connection, options, withPorts));
  const undecided = ports.unset.length > 0 ? every : [];
  const none = all.length + choices.length + undecided.length === 0 || from?.all.length === 0;
  return { all, choices, undecided, unset, none, errors };
}

/** The ports that a row names, those of its choices too. */
function offered({ all, choices }: Ports): Ranges {
  return choices.flat().reduce((sum, option) => union(sum, option), all);
}

/** `UDP/TCP 80 / 443`: of each protocol one port. */
function perProtocol(
  connection: Connection,
  options: readonly Ranges[],
  withPorts: (ports: Ranges) => Traffic[],
): Traffic[][] {
  const traffics = options.map(withPorts);
  return connection.protocols.map((_, i) => traffics.map((traffic) => traffic[i] as Traffic));
}

function resolvePorts(terms: readonly PortTerm[], baseline: Baseline, settings: Settings): Ports {
  let all: Ranges = [];
  const choices: (readonly Ranges[])[] = [];
  const unset: string[] = [];
  const errors: Diagnostic[] = [];
  for (const term of terms) {
    if (term.kind === 'ports') all = union(all, term.ports);
    else if (term.kind === 'parameter') {
      const value = parameterValue(term.name, baseline, settings);
      if (value === undefined) unset.push(term.name);
      else all = union(all, value);
    } else {
      const value =
        term.parameter === undefined ? undefined : parameterValue(term.parameter, baseline, settings);
      if (value === undefined) choices.push(term.options);
      else {
        all = union(all, value);
        errors.push(...choiceErrors(term, value, baseline, settings));
      }
    }
  }
  return { all, choices, unset, errors };
}

function parameterValue(name: string, baseline: Baseline, settings: Settings): Ranges | undefined {
  return settingOf(settings.parameters, baseline, name)?.value ?? baseline.parameters.get(name)?.default;
}

/** A site decides a choice by naming some of its ports, not others. */
function choiceErrors(
  term: PortTerm & { readonly kind: 'choice' },
  value: Ranges,
  baseline: Baseline,
  settings: Settings,
): readonly Diagnostic[] {
  const offered = term.options.reduce((sum, option) => union(sum, option), [] as Ranges);
  const within = intersection(value, offered);
  const place = settingOf(settings.parameters, baseline, term.parameter ?? '')?.place;
  if (place === undefined) return [];
  if (value.length > 0 && String(within) === String(value)) return [];
  return [
    complaint({
      code: 'not-a-choice',
      message:
        value.length === 0
          ? `\`${term.parameter}\` decides between ${formatPorts(offered)}, and nothing is chosen.`
          : `\`${formatPorts(value)}\` is not among the ports that \`${term.parameter}\` decides between.`,
      span: place.span,
      expected: `one or more of ${formatPorts(offered)}`,
    }),
  ];
}
