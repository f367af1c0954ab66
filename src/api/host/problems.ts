import type { Diagnostic } from '../../text/diagnostic.ts';
import { type PackedDiagnostic, packDiagnostic, unpackDiagnostic } from '../fleet/packed.ts';

/** More hosts than these are counted: who reads the message looks at the file that is broken. */
const NAMED = 3;

interface Told {
  readonly problem: Diagnostic;
  readonly hosts: Set<string>;
}

/** What is wrong with hosts. The same problem of several, as a broken export has that all of them share, is told once and names them. */
export class HostProblems {
  private readonly told = new Map<string, Told>();

  /** A problem of a host. */
  add(host: string, problem: Diagnostic): void {
    this.take(host, packDiagnostic(problem), () => problem);
  }

  /** A problem that comes from another thread. */
  addPacked(host: string, problem: PackedDiagnostic): void {
    this.take(host, problem, () => unpackDiagnostic(problem));
  }

  get isEmpty(): boolean {
    return this.told.size === 0;
  }

  /**
   * In the order in which they were first told.
   * @param always also what is wrong with one host only has its name before it
   */
  list(always: boolean): Diagnostic[] {
    return [...this.told.values()].map(({ problem, hosts }) =>
      always || hosts.size > 1 ? named(problem, [...hosts]) : problem,
    );
  }

  private take(host: string, packed: PackedDiagnostic, problem: () => Diagnostic): void {
    const key = JSON.stringify(packed);
    const before = this.told.get(key);
    if (before === undefined) this.told.set(key, { problem: problem(), hosts: new Set([host]) });
    else before.hosts.add(host);
  }
}

/** The hosts’ names stand before what is wrong with them. */
function named(problem: Diagnostic, hosts: readonly string[]): Diagnostic {
  const first = hosts.slice(0, NAMED).map((name) => `\`${name}\``);
  const more = hosts.length - first.length;
  const names = more === 0 ? first.join(', ') : `${first.join(', ')} and ${more} more`;
  return { ...problem, message: `host${hosts.length > 1 ? 's' : ''} ${names}: ${problem.message}` };
}
