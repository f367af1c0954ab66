import type { InputFormat } from '../formats/reader.ts';

/** The formats that this version reads. */
export const INPUT_FORMATS: readonly InputFormat[] = [
  'iptables-save',
  'ip6tables-save',
  'ipset-save',
  'nft',
  'nft-json',
  'aws',
  'azure',
  'gcp',
  'openstack',
  'ip-addr',
];
