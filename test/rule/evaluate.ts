import type { AddressField, NumericField } from '../../src/packet/fields.ts';
import { contains } from '../../src/packet/ranges.ts';
import type { Condition } from '../../src/rule/condition.ts';

/** The fields of a packet that set lookups read; those that a packet does not have are left out. */
export interface Probe extends Partial<Record<NumericField, number>> {
  readonly family: 4 | 6;
  readonly src: bigint;
  readonly dst: bigint;
  readonly in?: string;
  readonly out?: string;
}

/**
 * Whether a condition holds for a packet, by the definitions of src/rule/condition.ts and nothing else.
 * @param opaque the answer of opaque predicates by their text; without it they must not be asked
 */
export function holds(condition: Condition, probe: Probe, opaque?: (text: string) => boolean): boolean {
  switch (condition.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'and':
      return condition.of.every((part) => holds(part, probe, opaque));
    case 'or':
      return condition.of.some((part) => holds(part, probe, opaque));
    case 'not':
      return !holds(condition.of, probe, opaque);
    case 'field': {
      const value = probe[condition.field];
      return value !== undefined && contains(condition.values, value);
    }
    case 'masked': {
      const value = probe[condition.field];
      return value !== undefined && (value & condition.mask) >>> 0 === condition.value;
    }
    case 'address': {
      if (condition.family !== probe.family) return false;
      const value = address(probe, condition.field);
      return condition.family === 4
        ? contains(condition.values, Number(value))
        : contains(condition.values, value);
    }
    case 'address-mask':
      return (
        condition.family === probe.family &&
        (address(probe, condition.field) & condition.mask) === condition.value
      );
    case 'interface': {
      const name = probe[condition.field] ?? '';
      return condition.names.some((known) =>
        known.prefix ? name.startsWith(known.name) : name === known.name,
      );
    }
    case 'opaque':
      if (opaque === undefined) throw new Error(`asked for ${condition.text}`);
      return opaque(condition.text);
    default:
      throw new Error(`no set lookup gives ${condition.kind}`);
  }
}

function address(probe: Probe, field: AddressField): bigint {
  if (field === 'src' || field === 'dst') return probe[field];
  throw new Error(`no set lookup reads ${field}`);
}
