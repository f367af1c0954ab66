import { openingsOf } from '../../src/compare/openings.ts';
import { nftReader } from '../../src/formats/nft/index.ts';
import { assemble } from '../../src/rule/assemble.ts';
import { SourceFile } from '../../src/text/source.ts';

/**
 * What an nft script lets in by IPv4, as `definite 22,80`, and `told` where coverage says something.
 *
 * @param reason what coverage may say
 */
export function portsIn(text: string, reason: string): readonly string[] {
  const read = nftReader.read(new SourceFile('x.nft', text), 'nft', 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  const openings = openingsOf(assembled.value.ruleset, 'input', () => undefined);
  const found = openings.filter(({ box }) => box.family === 'ipv4');
  const told = read.value.coverage.some((entry) => entry.reason.includes(reason));
  return [
    ...found.map(({ certainty, box }) => `${certainty} ${box.destinationPorts?.join()}`),
    ...(told ? ['told'] : []),
  ];
}
