/** A service that the registry names for a port. */
export interface Registered {
  readonly name: string;
  readonly description: string;
}

/** A port with its transport protocol. */
export interface Home {
  readonly port: number;
  readonly transport: string;
}

/** IANA's Service Name and Transport Protocol Port Number Registry (RFC 6335), as the review asks it. */
export interface Registry {
  /** Whom the port is assigned to; undefined where to nobody. */
  at(port: number, transport: string): Registered | undefined;
  /** The ports that are assigned to a name, letters and digits compared only. */
  homes(name: string): readonly Home[];
}

/** How a name in a document stands to the service that the registry has at its port. */
export type Kinship =
  /** It is that service. */
  | 'same'
  /** The registered service is called after it, or it after that: an edition, a part, a way to carry it. */
  | 'relative'
  /** It is another service. */
  | 'other';

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const initials = (text: string): string =>
  words(text)
    .map((word) => word[0])
    .join('');
/** The two ends of one service (`dhcpv6-server`). */
const ENDS = new Set(['server', 'client']);
/** Shorter beginnings are shared by chance. */
const SHORTEST = 3;

/** How `name` stands to the service `registered`, which the registry has at `port`. */
export function kinship(
  name: string,
  { name: known, description }: Registered,
  port: number,
  registry: Registry,
): Kinship {
  const wanted = words(name).join('');
  const whole = words(known).join('');
  const parts = words(known);
  if (wanted === whole) return 'same';
  // `dns` is "Domain Name Server"; `ms-sql` is ms-sql-s; `postgres` is postgresql, "PostgreSQL Database".
  if (wanted.length >= 2 && initials(description) === wanted) return 'same';
  if (parts.filter((part) => part.length > 1 && !ENDS.has(part)).join('') === wanted) return 'same';
  if (wanted.length >= SHORTEST && whole.startsWith(wanted) && words(description)[0] === whole) return 'same';
  const akin = parts.includes(wanted);
  if (akin && registry.homes(wanted).some((home) => home.port === port)) return 'same';
  return akin || isRelative(name, wanted, whole, parts, description) ? 'relative' : 'other';
}

function isRelative(
  name: string,
  wanted: string,
  whole: string,
  parts: readonly string[],
  description: string,
): boolean {
  if (wanted.length < SHORTEST) return false;
  if (whole.startsWith(wanted) || (whole.length >= SHORTEST && wanted.startsWith(whole))) return true;
  if (initials(description).startsWith(wanted) || words(description).includes(wanted)) return true;
  if (parts.some((part) => part.startsWith(wanted))) return true;
  return words(name).some((word) => word.length >= SHORTEST && parts.includes(word));
}
