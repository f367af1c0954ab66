import type { NamedSet } from '../../rule/named-set.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SetSpec } from './types.ts';
import { tooMany, type WorkingSet, type World, wrong } from './world.ts';

/** The sets of the world as they are now, and what is to be told of them; or an error where one contradicts itself. */
export function finishSets(
  world: World,
): { sets: NamedSet[]; coverage: readonly CoverageEntry[] } | Diagnostic {
  const sets: NamedSet[] = [];
  for (const [name, set] of world.sets) {
    const contradiction = set.content.contradiction(world.budget);
    if (contradiction === 'too-many') return tooMany(set.spec.origin);
    if (contradiction !== undefined) {
      const message = `an element of set \`${name}\` is given both with and without \`nomatch\``;
      return { severity: 'error', code: 'ipset-contradiction', message, span: contradiction.origin };
    }
    const { type, family, origin } = set.spec;
    const elements = set.content.elements();
    sets.push({ name, type: type.name, family, dimensions: type.dimensions, elements, origin });
    checkSize(world, name, set, elements.length);
    if (set.spec.extensions.has('timeout')) world.coverage.push(expiring(name, set.spec));
  }
  return { sets, coverage: world.coverage };
}

/**
 * The kernel counts by regions of the hash, so a few elements more than `maxelem` may fit: a warning, no error
 * (net/netfilter/ipset/ip_set_hash_gen.h, mtype_add).
 */
function checkSize(world: World, name: string, set: WorkingSet, count: number): void {
  if (!set.spec.type.name.startsWith('hash:') || count <= set.spec.maxelem) return;
  const { file, start, end } = set.spec.origin;
  world.warn(`size ${name}`, {
    ...wrong(
      file,
      { text: name, start, end },
      'ipset-full',
      `set \`${name}\` has more elements than its \`maxelem\``,
    ),
    severity: 'warning',
    help: 'the kernel may refuse some of them; all are read as being in the set',
  });
}

function expiring(name: string, spec: SetSpec): CoverageEntry {
  return {
    span: spec.origin,
    status: 'approximated',
    reason: `elements of set \`${name}\` expire; the set is taken as it was when it was saved`,
  };
}
