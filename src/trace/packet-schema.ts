import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import schema from '../../schemas/packet.schema.json' with { type: 'json' };
import type { ConnectionState, EXTENSION_HEADERS, Fragment, HookName, PacketType } from '../packet/packet.ts';

/** A packet line that the schema accepts (schemas/packet.schema.json). */
export interface PacketLine {
  readonly id?: string | number | null;
  readonly hook: HookName;
  readonly in?: string;
  readonly out?: string;
  readonly src: string;
  readonly dst: string;
  readonly protocol: string | number;
  readonly sport?: number;
  readonly dport?: number;
  readonly type?: number;
  readonly code?: number;
  readonly flags?: readonly TcpFlag[];
  readonly state?: ConnectionState;
  readonly mark?: number;
  readonly ctmark?: number;
  readonly mac?: string;
  readonly length?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly dscp?: number;
  readonly pkttype?: PacketType;
  readonly fragment?: Fragment;
  readonly extensionHeaders?: readonly (keyof typeof EXTENSION_HEADERS)[];
  readonly groups?: readonly string[];
  readonly peerGroups?: readonly string[];
}

export type TcpFlag = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg' | 'ece' | 'cwr';

let validator: ValidateFunction<PacketLine> | undefined;

/** The value as a packet line, or in one sentence what the schema has against it. */
export function checkPacketLine(value: unknown): PacketLine | { readonly error: string } {
  // The schema itself is checked by the tests; every start would pay for checking it here.
  validator ??= new Ajv2020({
    verbose: true,
    allowUnionTypes: true,
    meta: false,
    validateSchema: false,
  }).compile<PacketLine>(schema);
  if (validator(value)) return value;
  const error = validator.errors?.[validator.errors.length - 1];
  return { error: error === undefined ? 'Not a packet.' : describe(error) };
}

function describe(error: ErrorObject): string {
  const name = error.instancePath.slice(1).replaceAll('/', '.');
  switch (error.keyword) {
    case 'required':
      return `The packet has no \`${error.params.missingProperty}\`.`;
    case 'additionalProperties':
      return `\`${clip(String(error.params.additionalProperty))}\` is not a key of a packet.`;
    default:
      return `${name === '' ? 'A packet' : `\`${name}\``} ${expectation(error)}, not ${shown(error.data)}.`;
  }
}

const WORDS: Record<string, string> = {
  integer: 'a whole number',
  string: 'a string',
  array: 'a list',
  object: 'a JSON object',
};

function expectation(error: ErrorObject): string {
  switch (error.keyword) {
    case 'type': {
      const types: unknown[] = [error.params.type].flat();
      return `must be ${types.map((type) => WORDS[String(type)] ?? String(type)).join(' or ')}`;
    }
    case 'enum':
      return `must be ${(error.params.allowedValues as readonly unknown[]).join(', ')}`;
    case 'minimum':
      return `must be ${error.params.limit} or more`;
    case 'maximum':
      return `must be ${error.params.limit} or less`;
    case 'anyOf':
      return 'must be a name, or a number from 0 to 255';
    case 'pattern':
      return error.instancePath === '/mac' ? 'must be a MAC address' : 'must be an interface name';
    case 'uniqueItems':
      return 'must not name anything twice';
    default:
      return 'must not be empty';
  }
}

function shown(value: unknown): string {
  return `\`${clip(JSON.stringify(value) ?? 'nothing')}\``;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
