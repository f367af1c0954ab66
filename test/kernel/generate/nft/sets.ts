import { type Chance, happens, pick } from '../chance.ts';
import type { NftPlace } from './place.ts';
import type { Readable } from './value.ts';

/** Ranges and prefixes need `flags interval` (`nft(8)`, SETS). */
const isInterval = (element: string): boolean => /\d-\d|[0-9a-f]-[0-9a-f]|\//.test(element);

function typeOf(parts: readonly Readable[], chance: Chance): string {
  const named = parts.every(({ type }) => type !== 'integer');
  if (named && happens(chance, 70)) return `type ${parts.map(({ type }) => type).join(' . ')}`;
  return `typeof ${parts.map(({ words }) => words).join(' . ')}`;
}

/** Declares a set of the table; gives its name. */
export function declareSet(
  chance: Chance,
  place: NftPlace,
  parts: readonly Readable[],
  elements: readonly string[],
): string {
  const name = `set${place.sets.length}`;
  // nft 1.0.6 crashes when it lists an interval set of connection states.
  const more = parts.some(({ words, narrow }) => words === 'ct state' || narrow) ? [] : ['interval'];
  const kind = elements.some(isInterval) ? ['interval'] : pick(chance, [[], [], more, ['constant']]);
  const timed = !kind.includes('constant') && happens(chance, 10);
  const flags = timed ? [...kind, 'timeout'] : kind;
  const lines = [typeOf(parts, chance)];
  if (flags.length > 0) lines.push(`flags ${flags.join(', ')}`);
  if (flags.includes('interval') && happens(chance, 30)) lines.push('auto-merge');
  const lasting = elements.map((element) =>
    timed && happens(chance, 50) ? `${element} timeout 1h` : element,
  );
  const commented = lasting.map((element) => (happens(chance, 10) ? `${element} comment "x, y"` : element));
  if (commented.length > 0) lines.push(`elements = { ${commented.join(', ')} }`);
  place.sets.push({ name: `${place.table} set ${name}`, lines });
  return name;
}

/** Declares a map of the table; gives its name. */
export function declareMap(
  chance: Chance,
  place: NftPlace,
  parts: readonly Readable[],
  data: string,
  elements: readonly (readonly [string, string])[],
): string {
  const name = `map${place.sets.length}`;
  const lines = [`${typeOf(parts, chance)} : ${data}`];
  if (lines[0]?.startsWith('typeof') && data !== 'verdict')
    lines[0] = `type ${parts.map(({ type }) => type).join(' . ')} : ${data}`;
  if (elements.some(([key]) => isInterval(key))) lines.push('flags interval');
  if (elements.length > 0)
    lines.push(`elements = { ${elements.map(([key, value]) => `${key} : ${value}`).join(', ')} }`);
  place.sets.push({ name: `${place.table} map ${name}`, lines });
  return name;
}
